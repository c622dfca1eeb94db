import type {ReactiveControllerHost} from "lit";
import type {Api} from "../api/client.js";
import {type ApiError, catchApiError} from "../api/errors.js";

/** A list that an element shows, and reads page by page. */
export class PagedList<T> {
  /** The items of the pages so far; null until the first one was read. */
  items: T[] | null = null;
  error: ApiError | null = null;
  #next: URL | null = null;
  #reads = 0;

  constructor(
    readonly host: ReactiveControllerHost & {readonly api: Api},
    readonly firstPage: () => URL,
  ) {}

  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** Read the first page again. */
  load = async (): Promise<void> => {
    await this.#read(this.firstPage(), () => []);
  };

  /** Add the next page to those that were read. */
  readMore = async (): Promise<void> => {
    if (this.#next) {
      await this.#read(this.#next, () => this.items ?? []);
    }
  };

  /** Run an action, and keep the ApiError that it throws. */
  async try(action: () => Promise<void>): Promise<void> {
    this.#showError(await catchApiError(action));
  }

  async #read(url: URL, before: () => T[]): Promise<void> {
    this.#next = null; // so that it isn't read twice
    const read = ++this.#reads;
    const isNewest = () => read === this.#reads; // otherwise the list may have another order by now
    const error = await catchApiError(async () => {
      const {body, next} = await this.host.api.get<T[]>(url);
      if (isNewest()) {
        this.items = [...before(), ...body];
        this.#next = next;
      }
    });
    if (isNewest()) {
      this.#showError(error);
    }
  }

  #showError(error: ApiError | null): void {
    this.error = error;
    this.host.requestUpdate();
  }
}
