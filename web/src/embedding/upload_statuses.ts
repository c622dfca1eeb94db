import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import {isFinal} from "../api/statuses.js";
import type {FileStatus, Upload} from "../api/types.js";
import type {StatusChange, StatusSource} from "../upload/processing_files.js";

const AT_ONCE = 6;
/* Uploads that are asked for at the same time. Of more, each has its turn. */

const PAUSE = 1000;
const LONGEST_PAUSE = 10_000;
/* Milliseconds between two rounds. They grow while nothing ends. */

/** Asks for the statuses of single uploads, since the change feed shows all files of the owner. */
export class UploadStatuses extends EventTarget implements StatusSource {
  #pending = new Set<string>();
  #listeners = new Set<(change: StatusChange) => void>();
  #timer = 0;
  #pause = PAUSE;

  constructor(readonly api: Api) {
    super();
  }

  observe(listener: (change: StatusChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ask for an upload until its file is processed, or has failed. */
  watch(id: string): void {
    this.#pending.add(id);
    this.poll();
  }

  poll(): void {
    this.#pause = PAUSE;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#pending.size) {
      this.#timer ||= window.setTimeout(this.#askAll, this.#pause);
    }
  }

  #askAll = async (): Promise<void> => {
    const ids = [...this.#pending].slice(0, AT_ONCE);
    const ended = await Promise.all(ids.map((id) => this.#ask(id)));
    this.#pause = ended.includes(true) ? PAUSE : Math.min(this.#pause * 1.3, LONGEST_PAUSE);
    this.#timer = 0;
    this.#schedule();
  };

  /** Return whether there is nothing more to ask. */
  async #ask(id: string): Promise<boolean> {
    const status = await this.#read(id);
    this.#pending.delete(id);
    if (status === null || !isFinal(status)) {
      this.#pending.add(id); // at the end
    }
    if (status) {
      for (const listener of this.#listeners) {
        listener({id, status});
      }
    }
    return !this.#pending.has(id);
  }

  /** Return the status; null if it isn't known now. */
  async #read(id: string): Promise<FileStatus | null> {
    try {
      return (await this.api.get<Upload>(`api/uploads/${id}`)).body.status;
    } catch (error) {
      return error instanceof ApiError && error.status === 404 ? "failed" : null; // 404: it was deleted
    }
  }
}
