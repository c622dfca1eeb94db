import {css, html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import {type ApiError, catchApiError} from "../api/errors.js";
import type {Overview} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {formatTime} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import "./health.js";
import type {HealthElement} from "./health.js";
import "./counts.js";
import "./last_sweep.js";
import "./problems.js";
import "./owners.js";
import type {OwnersElement} from "./owners.js";
import "./reprocessing.js";
import {failure} from "./sections.js";
import "./tokens.js";
import type {TokensElement} from "./tokens.js";

const REFRESH = 30_000;
/* Milliseconds. While the page is hidden, nothing is read. */

/** What administrators see of all owners. */
@customElement("fl-administration")
export class AdministrationElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        grid-row: 1 / -1;
        overflow: auto;
        padding: var(--space-3);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-3);
        margin-bottom: var(--space-3);
      }
      .columns {
        columns: 24rem;
        column-gap: var(--space-3);
        margin-bottom: var(--space-3);
      }
      .columns > *,
      .whole {
        break-inside: avoid;
        margin-bottom: var(--space-3);
      }
      .bad {
        color: var(--color-bad);
      }
      .muted {
        color: var(--color-muted);
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @state() private overview: Overview | null = null;
  @state() private error: ApiError | null = null;
  @query("fl-health") private health!: HealthElement | null;
  @query("fl-owners") private owners!: OwnersElement | null;
  @query("fl-tokens") private tokens!: TokensElement | null;
  #timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(this.#refreshIfVisible, REFRESH);
    document.addEventListener("visibilitychange", this.#refreshIfVisible);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#refreshIfVisible);
  }

  protected override firstUpdated(): void {
    void this.#load();
  }

  #load = async (): Promise<void> => {
    this.error = await catchApiError(async () => {
      this.overview = (await this.api.get<Overview>("api/admin/overview")).body;
    });
  };

  #refreshIfVisible = (): void => {
    if (document.visibilityState === "visible" && this.error?.code !== "insufficient_scope") {
      void this.#load();
      void this.health?.load();
    }
  };

  #refresh = (): void => {
    this.#refreshIfVisible();
    void this.owners?.list.load();
    void this.tokens?.list.load();
  };

  override render() {
    const {administration} = texts;
    if (this.overview === null) {
      return this.error ? failure(this.error, this.#load) : html`<p class="muted">${administration.loading}</p>`;
    }
    const hasLateFiles = this.overview.late.files > 0; // of which a column is too narrow for the table
    const late = html`<fl-late-files class="whole" .overview=${this.overview}></fl-late-files>`;
    return html`
      <header>
        <button @click=${this.#refresh}>${administration.refresh}</button>
        <span class="muted">${administration.measuredAt(formatTime(this.overview.measured_at))}</span>
      </header>
      ${failure(this.error, this.#load)}
      <div class="columns">
        <fl-health .api=${this.api}></fl-health>
        <fl-last-sweep .overview=${this.overview}></fl-last-sweep>
        <fl-status-counts .overview=${this.overview}></fl-status-counts>
        <fl-type-counts .overview=${this.overview}></fl-type-counts>
        ${hasLateFiles ? nothing : late}
        <fl-failure-counts .overview=${this.overview}></fl-failure-counts>
        <fl-reprocessing .api=${this.api} .overview=${this.overview} @marked=${this.#load}></fl-reprocessing>
      </div>
      ${hasLateFiles ? late : nothing}
      <fl-owners class="whole" .api=${this.api}></fl-owners>
      <fl-tokens class="whole" .api=${this.api}></fl-tokens>
    `;
  }
}
