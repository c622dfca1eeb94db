import type {Api} from "./client.js";
import type {Change} from "./types.js";

const SECOND = 1000;
const PAGE = 1000;
/* Changes of a request: the most that the API returns. */
const MAX_PAGES = 10;
/* Full pages in a row after which the rest is skipped: lists of files are loaded again instead. */
const BUSY = 30 * SECOND;
/* After a change: more are likely. */
const SLOWEST = 5 * SECOND;
const HIDDEN = 20 * SECOND;
const LOST = 30 * SECOND;

/**
 * Polls the change feed, once for all elements of the page: each second while files change, less often if none do,
 * and each 20 seconds while the page is hidden.
 *
 * Events: `changes` with those of a page; `reset` where so much has changed that it isn't told; `lost` when a request
 * fails, and `resumed` when the next one succeeds. After a lost connection it goes on with the change after the last.
 */
export class Changes extends EventTarget {
  /** Resolves when the feed's end is known, after which no change is missed. */
  readonly begun: Promise<void>;
  hasBegun = false;
  /** Whose files the feed is about; null as long as that isn't known. */
  owner: string | null = null;
  #resolveBegun!: () => void;
  #since: number | null = null;
  #timer = 0;
  #running = false;
  #polling = false;
  #failures = 0;
  #delay = SECOND;
  #busyUntil = 0;

  constructor(readonly api: Api) {
    super();
    this.begun = new Promise((resolve) => {
      this.#resolveBegun = resolve;
    });
  }

  /** Whether the last request failed. */
  get isLost(): boolean {
    return this.#failures > 0;
  }

  start(): void {
    this.#running = true;
    document.addEventListener("visibilitychange", this.#pollIfVisible);
    window.addEventListener("online", this.poll);
    void this.#poll();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    document.removeEventListener("visibilitychange", this.#pollIfVisible);
    window.removeEventListener("online", this.poll);
  }

  /** Ask at once, and each second for a while: after something that changes files. */
  poll = (): void => {
    this.#busyUntil = Date.now() + BUSY;
    void this.#poll();
  };

  /** Call `listener` for each change until the returned function is called. */
  observe(listener: (change: Change) => void): () => void {
    return this.observePages((changes) => changes.forEach(listener));
  }

  /** Call `listener` for each page of changes until the returned function is called. */
  observePages(listener: (changes: Change[]) => void): () => void {
    const handle = (event: Event) => listener((event as CustomEvent<Change[]>).detail);
    this.addEventListener("changes", handle);
    return () => this.removeEventListener("changes", handle);
  }

  #pollIfVisible = (): void => {
    if (!document.hidden) {
      void this.#poll();
    }
  };

  async #poll(): Promise<void> {
    if (this.#polling || !this.#running) {
      return;
    }
    this.#polling = true;
    clearTimeout(this.#timer);
    try {
      const changed = this.#since === null ? await this.#begin() : await this.#read(this.#since);
      this.#delay = changed || Date.now() < this.#busyUntil ? SECOND : Math.min(this.#delay * 1.5, SLOWEST);
      this.#resume();
    } catch {
      this.#lose();
    }
    this.#polling = false;
    if (this.#running) {
      this.#timer = window.setTimeout(() => void this.#poll(), this.#nextDelay());
    }
  }

  #nextDelay(): number {
    if (this.#failures) {
      return Math.min(LOST, SECOND * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    }
    return document.hidden ? HIDDEN : this.#delay;
  }

  /** Find the newest change. */
  async #begin(): Promise<boolean> {
    let query: Record<string, number | boolean> = {newest: true, limit: 1};
    for (;;) {
      const {body, next} = await this.api.get<Change[]>("api/changes", {query});
      const since = body.at(-1)?.seq ?? this.#since ?? 0;
      if (!next || !this.#running) {
        this.#since = since;
        this.hasBegun = true;
        this.#resolveBegun();
        return false;
      }
      query = {...query, since};
    }
  }

  /** Dispatch what is new. Return whether there was anything. */
  async #read(since: number): Promise<boolean> {
    for (let page = 0; page < MAX_PAGES; page++) {
      const {body, next} = await this.api.get<Change[]>("api/changes", {query: {since, limit: PAGE}});
      since = body.at(-1)?.seq ?? since;
      this.#since = since;
      if (body.length) {
        this.#busyUntil = Date.now() + BUSY;
        this.dispatchEvent(new CustomEvent("changes", {detail: body}));
      }
      if (!next || !this.#running) {
        return body.length > 0;
      }
    }
    await this.#begin();
    this.dispatchEvent(new Event("reset"));
    return true;
  }

  #lose(): void {
    this.#failures++;
    if (this.#failures === 1) {
      this.dispatchEvent(new Event("lost"));
    }
  }

  #resume(): void {
    if (this.#failures) {
      this.#failures = 0;
      this.dispatchEvent(new Event("resumed"));
    }
  }
}
