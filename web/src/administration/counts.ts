import {html, LitElement} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {Overview} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {formatShare} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {bar, formatFiles, listOf, sections} from "./sections.js";

/** How many files there are by status. */
@customElement("fl-status-counts")
export class StatusCountsElement extends LitElement {
  static override styles = [controls, sections];

  @property({attribute: false}) overview!: Overview;

  override render() {
    const {statuses} = texts.administration;
    const counts = this.overview.statuses;
    const total = counts.reduce((sum, each) => sum + each.files, 0);
    const precision = counts.every((each) => each.precision === "exact") ? "exact" : "about";
    return html`
      <h2>${statuses.title}</h2>
      <table>
        <thead>
          <tr><th scope="col">${statuses.status}</th><th scope="col" class="number">${statuses.files}</th></tr>
        </thead>
        <tbody>
          ${counts.map(
            ({status, files, precision}) => html`
              <tr>
                <th scope="row"><a href=${listOf("status", status)}>${texts.statuses[status]}</a></th>
                <td class="number">${formatFiles(files, precision)}</td>
              </tr>
            `,
          )}
        </tbody>
        <tfoot>
          <tr><th scope="row">${statuses.total}</th><td class="number">${formatFiles(total, precision)}</td></tr>
        </tfoot>
      </table>
    `;
  }
}

/** How many files there are by the family of their type. */
@customElement("fl-type-counts")
export class TypeCountsElement extends LitElement {
  static override styles = [controls, sections];

  @property({attribute: false}) overview!: Overview;

  override render() {
    const {types} = texts.administration;
    const counts = this.overview.types;
    const total = counts.reduce((sum, each) => sum + each.files, 0);
    if (!total) {
      return html`<h2>${types.title}</h2><p class="muted">${types.none}</p>`;
    }
    return html`
      <h2>${types.title}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">${types.type}</th>
            <th scope="col" class="number">${types.files}</th>
          </tr>
        </thead>
        <tbody>
          ${counts.map(
            ({type, files, precision}) => html`
              <tr>
                <th scope="row">
                  ${type ? html`<a href=${listOf("type", type)}>${type}</a>` : html`<span>${types.unknown}</span>`}
                </th>
                <td class="number wrapped">
                  ${types.share(formatFiles(files, precision), formatShare(files / total))} ${bar(files / total)}
                </td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    `;
  }
}
