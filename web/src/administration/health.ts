import {html, LitElement} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {Health} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {formatDuration} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {sections} from "./sections.js";

const PARTS = ["database", "storage", "processing"] as const;

/** Whether each part of the service works. */
@customElement("fl-health")
export class HealthElement extends LitElement {
  static override styles = [controls, sections];

  @property({attribute: false}) api!: Api;
  @state() private health: Health | null = null;
  @state() private isReachable = true;

  protected override firstUpdated(): void {
    void this.load();
  }

  /** Read the health again. An unhealthy service responds with an error's status, and the same parts. */
  async load(): Promise<void> {
    try {
      const response = await fetch(this.api.url("api/health"), {credentials: "omit"});
      this.health = (await response.json()) as Health;
      this.isReachable = true;
    } catch {
      this.isReachable = false;
    }
  }

  override render() {
    const {health} = texts.administration;
    return html`
      <h2>${health.title}</h2>
      ${this.isReachable ? this.#parts() : html`<p class="bad" role="alert">${health.unreachable}</p>`}
    `;
  }

  #parts() {
    const {health} = texts.administration;
    if (this.health === null) {
      return html`<p class="muted">${texts.administration.loading}</p>`;
    }
    const found = this.health;
    const wait = found.oldest_queued_age_seconds;
    return html`
      <p class=${found.status === "ok" ? "good" : "bad"}>
        ${found.status === "ok" ? health.ok : health.unhealthy}
      </p>
      <table>
        <thead><tr><th scope="col">${health.part}</th><th scope="col">${health.state}</th></tr></thead>
        <tbody>
          ${PARTS.map(
            (part) => html`
              <tr>
                <th scope="row">${health[part]}</th>
                <td class=${found[part] === "ok" ? "" : "bad"}>${health.states[found[part]]}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      <p class="muted">${wait === null ? health.noneWaits : health.oldestWait(formatDuration(wait))}</p>
    `;
  }
}
