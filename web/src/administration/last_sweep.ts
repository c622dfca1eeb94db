import {css, html, LitElement, nothing} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {LastSweep, Overview} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {formatDuration, formatNumber, formatTime} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {secondsBetween, sections} from "./sections.js";

const OVERDUE_AFTER = 5 * 60;
/* Seconds without a sweep, of which there is one every minute. */

/** When the sweep ran last, and what it did. */
@customElement("fl-last-sweep")
export class LastSweepElement extends LitElement {
  static override styles = [
    controls,
    sections,
    css`
      table {
        margin-top: var(--space-2);
      }
    `,
  ];

  @property({attribute: false}) overview!: Overview;

  override render() {
    const last = this.overview.last_sweep;
    return html`
      <h2>${texts.administration.sweep.title}</h2>
      ${last ? this.#describe(last) : html`<p class="warning">${texts.administration.sweep.none}</p>`}
    `;
  }

  #describe({finished_at, seconds, end, outcomes}: LastSweep) {
    const {sweep} = texts.administration;
    const age = secondsBetween(finished_at, this.overview.measured_at);
    const found = Object.entries(outcomes);
    return html`
      <p title=${formatTime(finished_at)}>${sweep.finished(formatDuration(age), formatDuration(seconds))}</p>
      ${age > OVERDUE_AFTER ? html`<p class="bad">${sweep.overdue}</p>` : nothing}
      <p class=${end === "completed" ? "good" : end === "failed" ? "bad" : "warning"}>${sweep.ends[end]}</p>
      ${
        found.length
          ? html`
            <table>
              <thead>
                <tr>
                  <th scope="col">${sweep.outcome}</th>
                  <th scope="col" class="number">${sweep.count}</th>
                </tr>
              </thead>
              <tbody>
                ${found.map(
                  ([outcome, count]) => html`
                    <tr>
                      <th scope="row">${sweep.outcomes[outcome] ?? outcome}</th>
                      <td class="number">${formatNumber(count)}</td>
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          `
          : html`<p class="muted">${sweep.nothing}</p>`
      }
    `;
  }
}
