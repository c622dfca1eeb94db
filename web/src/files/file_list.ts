import {html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import {announce} from "../app/announcer.js";
import {navigate} from "../app/router.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import type {Deletions} from "./deletions.js";
import {readCommand} from "./keyboard.js";
import {listStyles} from "./list_styles.js";
import {Listing} from "./listing.js";
import {emptyView, noticesView} from "./notices_view.js";
import type {Row} from "./row.js";
import {headerView, rowId, rowView} from "./row_view.js";
import {RowWindow} from "./row_window.js";
import {changeSearch, describeRequest, orderOf} from "./search.js";
import {Selection} from "./selection.js";
import {statusStyles} from "./status_styles.js";
import {Thumbnails} from "./thumbnails.js";
import "./search_bar.js";
import "./selection_bar.js";
import "./thumbnail.js";

const REFRESH_PAUSE = 300;
/* Milliseconds between an update and the requests for the rows that have changed: there may be more updates. */

/** The list of files. Only the rows in view are in the document, so there may be any number. */
@customElement("fl-file-list")
export class FileListElement extends LitElement {
  static override styles = [controls, statusStyles, listStyles];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: Changes;
  @property({attribute: false}) deletions!: Deletions;
  @property({attribute: false}) search = new URLSearchParams();
  /** The file whose panel is open. */
  @property({attribute: false}) openId: string | null = null;

  @state() private listing: Listing | null = null;
  /** The row that the keyboard acts on. */
  @state() private activeId: string | null = null;
  @query(".grid") private grid?: HTMLElement;

  #next: Listing | null = null;
  #rows: Row[] = [];
  #selection = new Selection();
  #window = new RowWindow(() => this.requestUpdate());
  #thumbnails!: Thumbnails;
  #refreshTimer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#thumbnails ??= new Thumbnails(this.api);
    this.deletions.addEventListener("change", this.#update);
    this.deletions.addEventListener("deleted", this.#remove as EventListener);
    this.changes.addEventListener("lost", this.#update);
    this.changes.addEventListener("resumed", this.#update);
    this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.deletions.removeEventListener("change", this.#update);
    this.deletions.removeEventListener("deleted", this.#remove as EventListener);
    this.changes.removeEventListener("lost", this.#update);
    this.changes.removeEventListener("resumed", this.#update);
    clearTimeout(this.#refreshTimer);
    this.#window.stop();
    this.listing?.close();
    this.#next?.close();
    this.listing = this.#next = null;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("search") && this.hasUpdated) {
      this.#open();
    }
    const rows = this.listing?.rows ?? [];
    const {hidden} = this.deletions;
    this.#rows = hidden.size ? rows.filter((row) => !hidden.has(row.id)) : rows;
    this.#selection.remove([...this.#selection.ids].filter((id) => hidden.has(id) || !this.listing?.has(id)));
    this.#window.count = this.#rows.length;
  }

  protected override updated(): void {
    if (this.grid) {
      this.#window.show(this.grid);
    }
    const {listing} = this;
    if (!listing?.isLoaded) {
      return;
    }
    listing.isAtTop = this.#window.isAtTop;
    if (this.#window.isNearEnd && !listing.error) {
      void listing.load();
    }
    this.#refreshTimer ||= window.setTimeout(() => {
      this.#refreshTimer = 0;
      void this.listing?.refresh(this.#window.slice(this.#rows));
    }, REFRESH_PAUSE);
  }

  #update = (): void => this.requestUpdate();

  #remove = (event: CustomEvent<string[]>): void => this.listing?.remove(new Set(event.detail));

  /** Load the files of the search. Those of the one before stay until then. */
  #open(): void {
    const wanted = describeRequest(this.search);
    const current = this.#next ?? this.listing;
    if (current && wanted === describeRequest(current.search)) {
      return;
    }
    this.#next?.close();
    const opened = new Listing(this.api, this.changes, this.search, () => this.#show(opened));
    this.#next = opened;
    void opened.load();
  }

  #show(listing: Listing): void {
    if (listing === this.#next && (listing.isLoaded || listing.error)) {
      this.listing?.close();
      this.listing = listing;
      this.#next = null;
      this.#selection.clear();
      this.activeId = null;
      this.#window.toTop(this.grid);
      if (listing.isLoaded) {
        announce(texts.list.count(listing.rows.length, listing.isComplete));
      }
    }
    this.requestUpdate();
  }

  override render() {
    const selected = this.#rows.filter((row) => this.#selection.has(row.id));
    return html`
      <fl-search-bar .search=${this.search}></fl-search-bar>
      <fl-selection-bar
        .api=${this.api}
        .changes=${this.changes}
        .deletions=${this.deletions}
        .files=${selected}
        @clear=${this.#clearSelection}
      ></fl-selection-bar>
      ${noticesView(this.listing, {isLost: this.changes.isLost, showNewer: this.#showNewer})}
      ${this.listing?.isLoaded ? (this.#rows.length ? this.#table() : emptyView(this.search)) : nothing}
    `;
  }

  #table() {
    const {listing} = this;
    const from = this.#window.from;
    const shown = this.#window.slice(this.#rows);
    return html`
      <div
        class="grid"
        role="grid"
        tabindex="0"
        aria-label=${texts.list.label}
        aria-multiselectable="true"
        aria-rowcount=${listing?.isComplete ? this.#rows.length + 1 : -1}
        aria-busy=${this.#next || listing?.isLoading ? "true" : "false"}
        aria-activedescendant=${shown.some(({id}) => id === this.activeId) ? rowId(this.activeId ?? "") : nothing}
        @scroll=${this.#update}
        @keydown=${this.#handleKey}
      >
        <div role="rowgroup" class="head">${headerView(orderOf(this.search), this.#sort)}</div>
        <div role="rowgroup" class="body">
          <div role="presentation" class="window">
            ${shown.map((row, offset) =>
              rowView(row, {
                index: from + offset,
                search: this.search,
                thumbnails: this.#thumbnails,
                owner: listing?.isOther(row.owner) ? row.owner : null,
                isActive: row.id === this.activeId,
                isOpen: row.id === this.openId,
                isSelected: this.#selection.has(row.id),
                onClick: this.#click,
                onToggle: this.#toggle,
              }),
            )}
          </div>
        </div>
      </div>
    `;
  }

  #sort = (order: string): void => {
    navigate({view: "files", search: changeSearch(this.search, "order", order)});
  };

  #showNewer = (): void => {
    this.#window.toTop(this.grid);
    void this.listing?.showNewer();
  };

  #clearSelection = (): void => {
    this.#selection.clear();
    this.requestUpdate();
  };

  #click = (row: Row, event: MouseEvent): void => {
    this.activeId = row.id;
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      event.preventDefault(); // of a link: the browser would open a window
      this.#toggle(row, event.shiftKey);
    } else if (!event.defaultPrevented) {
      this.#openPanel(row);
    }
  };

  #toggle = (row: Row, isRange: boolean): void => {
    this.activeId = row.id;
    if (isRange) {
      this.#selection.extend(row.id, this.#ids());
    } else {
      this.#selection.toggle(row.id);
    }
    this.requestUpdate();
  };

  #openPanel(row: Row): void {
    navigate({view: "file", id: row.id, search: this.search});
  }

  #ids(): string[] {
    return this.#rows.map(({id}) => id);
  }

  #handleKey = (event: KeyboardEvent): void => {
    const command = event.target === this.grid ? readCommand(event) : null;
    if (!command) {
      return;
    }
    event.preventDefault();
    const index = this.#rows.findIndex((row) => row.id === this.activeId);
    const active = this.#rows[index];
    if (command.move !== undefined) {
      this.#moveTo(this.#window.target(index, command.move), command.extend);
    } else if (command.name === "selectAll") {
      this.#selection.selectAll(this.#ids());
    } else if (command.name === "clear") {
      this.#selection.clear();
    } else if (command.name === "delete") {
      this.#delete(active);
    } else if (active && command.name === "open") {
      this.#openPanel(active);
    } else if (active && command.name === "toggle") {
      this.#selection.toggle(active.id);
    }
    this.requestUpdate();
  };

  #moveTo(index: number, extend: boolean): void {
    const row = this.#rows[index];
    if (row && this.grid) {
      if (extend) {
        this.#selection.extend(this.activeId ?? row.id, this.#ids());
        this.#selection.extend(row.id, this.#ids());
      }
      this.activeId = row.id;
      this.#window.reveal(this.grid, index);
    }
  }

  /** Delete the selected files, or the active one where none is selected. The next row becomes active. */
  #delete(active: Row | undefined): void {
    const selected = this.#rows.filter((row) => this.#selection.has(row.id));
    const files = selected.length ? selected : active ? [active] : [];
    if (files.length) {
      const gone = new Set(files);
      const rest = this.#rows.slice(active ? this.#rows.indexOf(active) : 0).find((row) => !gone.has(row));
      this.activeId = rest?.id ?? null;
      this.deletions.add(files.map(({id, name}) => ({id, name})));
    }
  }
}
