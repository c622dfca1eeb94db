import {html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import {navigate} from "../app/router.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {describeFilter} from "./filter_words.js";
import {KIND_FILTERS} from "./kinds.js";
import {changeSearch, filtersOf, orderOf, parseMetadataFilter, withoutFilters} from "./search.js";
import {searchBarStyles} from "./search_bar_styles.js";

const PAUSE = 250;
/* Milliseconds after the last key before the search begins. */

type Field = "q" | "text";

/** The search field, filters and order of the list. They are in the page's URL. */
@customElement("fl-search-bar")
export class SearchBarElement extends LitElement {
  static override styles = [controls, searchBarStyles];

  @property({attribute: false}) search = new URLSearchParams();
  /** Where the words are searched for; null: where the page's URL says. */
  @state() private field: Field | null = null;
  @query("[name=words]") private input?: HTMLInputElement;
  /** Whether the filters are shown where there is little room. */
  @state() private showsFilters = false;
  /** What is searched for. The field may have more by now: somebody is writing. */
  #words = "";
  #timer = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override updated(): void {
    const words = this.search.get(this.#field) ?? "";
    if (this.input && words !== this.#words) {
      this.input.value = words;
    }
    this.#words = words;
  }

  override render() {
    const labels = texts.search;
    const field = this.#field;
    return html`
      <form role="search" @submit=${this.#submit}>
        <div class="search">
          <input
            type="search"
            name="words"
            maxlength="255"
            aria-label=${labels.label}
            placeholder=${labels.placeholder}
            @input=${this.#type}
          >
          <select name="field" aria-label=${labels.field} @change=${this.#changeField}>
            <option value="q" ?selected=${field === "q"}>${labels.inNames}</option>
            <option value="text" ?selected=${field === "text"}>${labels.inContents}</option>
          </select>
        </div>
        <button
          class="toggle"
          type="button"
          aria-expanded=${this.showsFilters ? "true" : "false"}
          aria-controls="filters"
          @click=${this.#toggleFilters}
        >
          ${labels.filters}
        </button>
        <div id="filters" class="filters" ?data-closed=${!this.showsFilters}>
        ${this.#select("status", labels.status, labels.anyStatus, Object.entries(texts.statuses))}
        ${this.#select("type", labels.kind, labels.anyKind, KIND_FILTERS)}
        ${this.#select("mismatch", labels.mismatch, labels.anyMismatch, Object.entries(labels.mismatches))}
        <input
          name="metadata"
          aria-label=${labels.metadata}
          placeholder=${labels.metadataPlaceholder}
          @change=${this.#addMetadata}
        >
        ${this.#select("order", labels.order, null, Object.entries(labels.orders), orderOf(this.search))}
        </div>
      </form>
      ${this.#chips()}
    `;
  }

  #select(
    name: string,
    label: string,
    any: string | null,
    options: readonly (readonly [string, string])[],
    value = this.search.get(name) ?? "",
  ) {
    const isOther = value !== "" && !options.some(([each]) => each === value);
    return html`
      <select
        name=${name}
        aria-label=${label}
        .value=${value}
        @change=${(event: Event) => this.#set(name, (event.target as HTMLSelectElement).value)}
      >
        ${any === null ? nothing : html`<option value="" ?selected=${value === ""}>${any}</option>`}
        ${isOther ? html`<option value=${value} selected>${value}</option>` : nothing}
        ${options.map(([each, text]) => html`<option value=${each} ?selected=${each === value}>${text}</option>`)}
      </select>
    `;
  }

  #chips() {
    const filters = filtersOf(this.search);
    if (!filters.length) {
      return nothing;
    }
    return html`
      <ul aria-label=${texts.search.active}>
        ${filters.map(
          ([name, value]) => html`
            <li>
              <button aria-label=${texts.search.remove(describeFilter(name, value))} @click=${() => this.#set(name, "")}>
                ${describeFilter(name, value)} <span aria-hidden="true">✕</span>
              </button>
            </li>
          `,
        )}
        <li>
          <button class="clear" @click=${() => this.#go(withoutFilters(this.search))}>${texts.list.clearFilters}</button>
        </li>
      </ul>
    `;
  }

  get #field(): Field {
    return this.field ?? (this.search.has("text") && !this.search.has("q") ? "text" : "q");
  }

  #type = (event: Event): void => {
    const {value} = event.target as HTMLInputElement;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#words = value.trim();
      this.#set(this.#field, this.#words, true);
    }, PAUSE);
  };

  #changeField = (event: Event): void => {
    const words = this.input?.value.trim() ?? "";
    const without = changeSearch(this.search, this.#field, "");
    this.field = (event.target as HTMLSelectElement).value as Field;
    this.#go(changeSearch(without, this.field, words));
  };

  #addMetadata = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const filter = parseMetadataFilter(input.value);
    input.setCustomValidity(filter || !input.value ? "" : texts.search.metadataInvalid);
    input.reportValidity();
    if (filter) {
      input.value = "";
      this.#set(...filter);
    }
  };

  #toggleFilters = (): void => {
    this.showsFilters = !this.showsFilters;
  };

  #submit = (event: Event): void => event.preventDefault();

  #set(name: string, value: string, replace = false): void {
    this.#go(changeSearch(this.search, name, value), replace);
  }

  #go(search: URLSearchParams, replace = false): void {
    clearTimeout(this.#timer);
    if (search.toString() !== this.search.toString()) {
      navigate({view: "files", search}, {replace: replace && this.search.has(this.#field)});
    }
  }
}
