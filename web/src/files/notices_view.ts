import {html, nothing} from "lit";
import {navigate} from "../app/router.js";
import {texts} from "../texts/texts.js";
import type {Listing} from "./listing.js";
import {filtersOf, withoutFilters} from "./search.js";

/** Return what is said above the list: that it is loaded, out of date, or can't be loaded. */
export function noticesView(
  listing: Listing | null,
  {isLost, showNewer}: {isLost: boolean; showNewer: () => void},
) {
  const error = listing?.error;
  return html`
    ${isLost ? html`<p class="notice" role="status">${texts.list.lost}</p>` : nothing}
    ${
      error
        ? html`<p class="notice bad" role="alert">
            <span>${texts.app.error(error)}</span>
            <button @click=${() => void listing.load()}>${texts.list.retry}</button>
          </p>`
        : nothing
    }
    ${
      listing?.hasNewer
        ? html`<p class="notice"><button @click=${showNewer}>${texts.list.showNewer}</button></p>`
        : nothing
    }
    ${listing ? nothing : html`<p class="notice muted">${texts.list.loading}</p>`}
  `;
}

/** Return what is shown instead of a list without files. */
export function emptyView(search: URLSearchParams) {
  if (!filtersOf(search).length) {
    return html`<p class="empty">${texts.list.empty}</p>`;
  }
  const clear = () => navigate({view: "files", search: withoutFilters(search)});
  return html`<p class="empty">
    ${texts.list.noMatch} <button @click=${clear}>${texts.list.clearFilters}</button>
  </p>`;
}
