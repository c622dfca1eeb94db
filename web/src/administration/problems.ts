import {html, LitElement} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {Overview} from "../api/types.js";
import {formatRoute} from "../app/router.js";
import {controls} from "../styles/controls.js";
import {formatDuration, formatNumber, formatTime} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {formatFiles, listOf, secondsBetween, sections} from "./sections.js";

/** The files that have waited too long. */
@customElement("fl-late-files")
export class LateFilesElement extends LitElement {
  static override styles = [controls, sections];

  @property({attribute: false}) overview!: Overview;

  override render() {
    const {late} = texts.administration;
    const {files, precision, longest} = this.overview.late;
    if (!files) {
      return html`<h2>${late.title}</h2><p class="good">${late.none}</p>`;
    }
    return html`
      <h2>${late.title}</h2>
      <p class="bad">${late.some(formatFiles(files, precision))}</p>
      <div class="table wide" role="region" tabindex="0" aria-label=${late.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">${late.name}</th>
              <th scope="col">${late.owner}</th>
              <th scope="col">${late.status}</th>
              <th scope="col" class="number">${late.attempts}</th>
              <th scope="col" class="number">${late.waiting}</th>
            </tr>
          </thead>
          <tbody>
            ${longest.map(
              (file) => html`
                <tr>
                  <th scope="row">
                    <a href=${formatRoute({view: "file", id: file.id, search: new URLSearchParams()})}>
                      ${file.name}
                    </a>
                  </th>
                  <td>${file.owner}</td>
                  <td>${texts.statuses[file.status]}</td>
                  <td class="number">${formatNumber(file.attempts)}</td>
                  <td class="number">
                    ${formatDuration(secondsBetween(file.waiting_since, this.overview.measured_at))}
                  </td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }
}

/** What has failed in the last days, by error. */
@customElement("fl-failure-counts")
export class FailureCountsElement extends LitElement {
  static override styles = [controls, sections];

  @property({attribute: false}) overview!: Overview;

  override render() {
    const {failures} = texts.administration;
    const counts = this.overview.failures;
    if (!counts.length) {
      return html`<h2>${failures.title}</h2><p class="good">${failures.none}</p>`;
    }
    return html`
      <h2>${failures.title}</h2>
      <div class="table" role="region" tabindex="0" aria-label=${failures.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">${failures.code}</th>
              <th scope="col" class="number">${failures.files}</th>
              <th scope="col">${failures.newest}</th>
            </tr>
          </thead>
          <tbody>
            ${counts.map(
              ({code, files, precision, newest_at}) => html`
                <tr>
                  <th scope="row"><code>${code}</code></th>
                  <td class="number">${formatFiles(files, precision)}</td>
                  <td>${formatTime(newest_at)}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
      <p>
        <a href=${listOf("status", "failed")}>${failures.list}</a> ·
        <a href=${listOf("status", "rejected")}>${failures.listRejected}</a>
      </p>
    `;
  }
}
