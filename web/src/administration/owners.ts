import {html, LitElement, nothing} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {OwnerOrder, Usage, UsedQuota} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {formatNumber, formatShare, formatSize} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {PagedList} from "./paged_list.js";
import {bar, failure, sections} from "./sections.js";

const ORDERS: OwnerOrder[] = ["-bytes", "-files", "owner"];
const PAGE = 50;

/** All owners, and what each uses of its limits. */
@customElement("fl-owners")
export class OwnersElement extends LitElement {
  static override styles = [controls, sections];

  @property({attribute: false}) api!: Api;
  readonly list = new PagedList<Usage>(this, () =>
    this.api.url("api/admin/owners", {order: this.order, limit: PAGE}),
  );
  @state() private order: OwnerOrder = "-bytes";

  protected override firstUpdated(): void {
    void this.list.load();
  }

  override render() {
    const {owners} = texts.administration;
    return html`
      <div class="heading">
        <h2>${owners.title}</h2>
        <label>
          ${owners.order}
          <select @change=${this.#changeOrder}>
            ${ORDERS.map(
              (order) => html`
                <option value=${order} ?selected=${order === this.order}>${owners.orders[order]}</option>
              `,
            )}
          </select>
        </label>
      </div>
      ${failure(this.list.error, this.list.load)} ${this.#table()}
      ${this.list.hasMore ? html`<button @click=${this.list.readMore}>${texts.administration.more}</button>` : nothing}
    `;
  }

  #table() {
    const {owners} = texts.administration;
    const {items, error} = this.list;
    if (items === null) {
      return error ? nothing : html`<p class="muted">${texts.administration.loading}</p>`;
    }
    if (!items.length) {
      return html`<p class="muted">${owners.none}</p>`;
    }
    return html`
      <div class="table wide" role="region" tabindex="0" aria-label=${owners.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">${owners.owner}</th>
              <th scope="col" class="number">${owners.bytes}</th>
              <th scope="col" class="number">${owners.files}</th>
              <th scope="col" class="number">${owners.bytesToday}</th>
              <th scope="col" class="number">${owners.filesToday}</th>
              <th scope="col" class="number">${owners.requests}</th>
            </tr>
          </thead>
          <tbody>${items.map((each) => this.#row(each))}</tbody>
        </table>
      </div>
    `;
  }

  #row(usage: Usage) {
    const rate = usage.requests_per_minute.limit;
    return html`
      <tr>
        <th scope="row">${usage.owner}</th>
        ${this.#cell(usage.bytes, formatSize)} ${this.#cell(usage.files, formatNumber)}
        ${this.#cell(usage.bytes_today, formatSize)} ${this.#cell(usage.files_today, formatNumber)}
        <td class="number">
          ${rate === null ? html`<span class="muted">${texts.administration.owners.unlimited}</span>` : formatNumber(rate)}
        </td>
      </tr>
    `;
  }

  #cell({used, limit}: UsedQuota, format: (value: number) => string) {
    if (limit === null) {
      return html`<td class="number">${format(used)}</td>`;
    }
    const share = limit ? used / limit : 1;
    return html`
      <td class="number" title=${texts.administration.share(formatShare(share))}>
        ${texts.administration.owners.of(format(used), format(limit))} ${bar(share, {isLimit: true})}
      </td>
    `;
  }

  #changeOrder = (event: Event): void => {
    this.order = (event.target as HTMLSelectElement).value as OwnerOrder;
    void this.list.load();
  };
}
