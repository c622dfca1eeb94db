import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import type {Change, FileResource} from "../api/types.js";
import {type Row, toRow, updateRow} from "./row.js";
import {RowList} from "./row_list.js";
import {headersOf, queryOf} from "./search.js";

const HEAD = 100;
/* Files of the first page, which is asked for again when there are new ones. */
const PAGE = 200;
const PAUSE = 2000;
/* Milliseconds between two requests for the first page. */
const OTHERS = 10_000;
/* Milliseconds after which other owners' files are looked at again. */

/** The files of one search, page by page, kept up to date by the change feed. Call `close` when it isn't shown. */
export class Listing {
  /** Why the last page couldn't be loaded. */
  error: ApiError | null = null;
  isLoading = false;
  /** Whether the first page has been loaded. */
  isLoaded = false;
  /** Whether there are new files that aren't shown, because the list is scrolled. */
  hasNewer = false;
  /** Whether the list is at its top, where new files may appear. */
  isAtTop = true;

  #list = new RowList();
  #next: URL | null = null;
  #abort = new AbortController();
  #headTimer = 0;
  #othersTimer = window.setInterval(() => this.#refreshOthers(), OTHERS);
  #headLoadedAt = 0;
  #pausedUntil = 0;
  #unobserve: () => void;

  /** `update` is called after each change of the rows. */
  constructor(
    readonly api: Api,
    readonly changes: Changes,
    readonly search: URLSearchParams,
    readonly update: () => void,
  ) {
    this.#unobserve = changes.observePages((page) => this.#apply(page));
    changes.addEventListener("reset", this.#reset);
  }

  get rows(): Row[] {
    return this.#list.rows;
  }

  get isComplete(): boolean {
    return this.isLoaded && !this.#next;
  }

  /** Whether the change feed doesn't have this owner's files. */
  isOther(owner: string): boolean {
    return this.changes.owner !== null && owner !== this.changes.owner;
  }

  has(id: string): boolean {
    return this.#list.has(id);
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#headTimer);
    clearInterval(this.#othersTimer);
    this.#unobserve();
    this.changes.removeEventListener("reset", this.#reset);
  }

  /** Load the next page, if there is one and no other request is under way. */
  async load(): Promise<void> {
    if (this.isLoading || this.isComplete) {
      return;
    }
    this.isLoading = true;
    this.error = null;
    this.update();
    const begun = this.changes.hasBegun;
    try {
      const from = this.#next;
      const {files, next} = await this.#get(from);
      if (from === this.#next) {
        this.#list.append(files.map(toRow));
        this.#next = next;
      } // else the list has begun anew, and this page doesn't follow its end
      if (!this.isLoaded && !begun) {
        // What changed between this response and the first one of the feed isn't in either.
        void this.changes.begun.then(() => this.#refreshSoon());
      }
      this.isLoaded = true;
    } catch (error) {
      this.#fail(error);
    }
    this.isLoading = false;
    this.update();
  }

  /** Load the files of these rows again that have changed. */
  async refresh(rows: Row[]): Promise<void> {
    const stale = Date.now() < this.#pausedUntil ? [] : rows.filter((row) => row.stale);
    for (const row of stale) {
      row.stale = false;
    }
    await Promise.all(stale.map((row) => this.#refreshRow(row)));
    if (stale.length) {
      this.update();
    }
  }

  /** Show the newest files, which were held back while the list was scrolled. */
  async showNewer(): Promise<void> {
    this.isAtTop = true;
    await this.#refreshHead();
  }

  /** Take files out of the list that don't exist any more. */
  remove(ids: ReadonlySet<string>): void {
    this.#list.remove(ids);
    this.update();
  }

  #reset = (): void => {
    for (const row of this.rows) {
      row.stale = true;
    }
    this.#refreshSoon();
    this.update();
  };

  #apply(changes: Change[]): void {
    const {removed, isUpdated, isNew} = this.#list.apply(changes, this.search.get("status"));
    if (removed.size) {
      this.remove(removed);
    } else if (isUpdated) {
      this.update();
    }
    if (isNew) {
      this.#refreshSoon();
    }
  }

  /** The change feed is of one owner's files; administrators see others', too. */
  #refreshOthers(): void {
    if (!document.hidden && this.rows.some(({owner}) => this.isOther(owner))) {
      this.#refreshSoon();
    }
  }

  #refreshSoon(): void {
    if (!this.#headTimer && this.isLoaded) {
      const wait = Math.max(0, this.#headLoadedAt + PAUSE - Date.now());
      this.#headTimer = window.setTimeout(() => void this.#refreshHead(), wait);
    }
  }

  async #refreshHead(): Promise<void> {
    clearTimeout(this.#headTimer);
    this.#headTimer = 0;
    this.#headLoadedAt = Date.now();
    try {
      const {files, next} = await this.#get(null);
      this.#showHead(files.map(toRow), next);
    } catch (error) {
      if (error instanceof ApiError && error.isTemporary) {
        this.#refreshSoon();
      }
    }
  }

  /** Show the first page, or just note that it has new files. */
  #showHead(head: Row[], next: URL | null): void {
    if (!this.isAtTop && head.some((row) => !this.has(row.id))) {
      this.hasNewer = true;
    } else {
      this.hasNewer = false;
      if (this.#list.putFirst(head, next === null) === 0) {
        this.#next = next;
      }
    }
    this.update();
  }

  async #refreshRow(row: Row): Promise<void> {
    try {
      const {body} = await this.api.get<FileResource>(`api/files/${row.id}`, {signal: this.#abort.signal});
      updateRow(row, toRow(body));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        this.remove(new Set([row.id])); // of a deletion that the feed hasn't told: it skips what is too much
        return;
      }
      row.stale = error instanceof ApiError && error.isTemporary;
      this.#pausedUntil = Date.now() + PAUSE;
    }
  }

  async #get(next: URL | null): Promise<{files: FileResource[]; next: URL | null}> {
    const {signal} = this.#abort;
    const limit = this.isLoaded && next ? PAGE : HEAD;
    const query = {...queryOf(this.search), limit};
    if (next) {
      next.searchParams.set("limit", String(limit));
    }
    const headers = headersOf(this.search);
    const response = await this.api.get<FileResource[]>(next ?? "api/files", {query, headers, signal});
    return {files: response.body, next: response.next};
  }

  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    this.error = error instanceof ApiError ? error : new ApiError(0, "offline", String(error), null);
  }
}
