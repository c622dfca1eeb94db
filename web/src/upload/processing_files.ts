import {isFinal} from "../api/statuses.js";
import type {Change, FileStatus} from "../api/types.js";
import type {SentFile} from "./queue.js";

const SHOWN = 5;
/* Files that are shown by name. */

/** The news of a file: what the change feed says, or a part of it. */
export interface StatusChange {
  id: string;
  status: FileStatus;
  type?: Change["type"];
}

/** Where the news come from. Event: `reset` where so much has changed that it isn't told. */
export interface StatusSource extends EventTarget {
  /** Ask soon: after something that changes files. */
  poll(): void;
  /** Call `listener` for each change until the returned function is called. */
  observe(listener: (change: StatusChange) => void): () => void;
}

/** A file whose bytes are sent, and how far the service is with it. */
export interface ProcessedFile extends SentFile {
  status: FileStatus;
}

/** The files that were sent, until they are processed. */
export class ProcessingFiles {
  /** How many are processed, and how many couldn't be. */
  ready = 0;
  failed = 0;
  /** The newest ones. */
  recent: ProcessedFile[] = [];

  /** By id. From before the bytes are sent: the change that says how it ends may come before the response. */
  #statuses = new Map<string, FileStatus>();
  #sent = new Map<string, SentFile>();

  /** How many are sent, and not processed yet. */
  get count(): number {
    return this.#sent.size;
  }

  create(file: SentFile): void {
    this.#statuses.set(file.id, this.#statuses.get(file.id) ?? "awaiting_upload");
  }

  /** Count a file as sent, which has this status unless a change has told a later one. Return it if it is processed. */
  send(file: SentFile, stored: FileStatus): ProcessedFile | null {
    const known = this.#statuses.get(file.id) ?? "awaiting_upload";
    const status = known === "awaiting_upload" ? stored : known;
    this.#sent.set(file.id, file);
    this.#statuses.set(file.id, status);
    this.recent = [{...file, status}, ...this.recent].slice(0, SHOWN);
    return this.#end(file.id);
  }

  /** Take note of a change. Return the file if it is processed now. */
  change({id, status, type}: StatusChange): ProcessedFile | null {
    if (!this.#statuses.has(id)) {
      return null;
    }
    if (type === "deleted") {
      this.#statuses.delete(id);
      this.#sent.delete(id);
      this.recent = this.recent.filter((file) => file.id !== id);
      return null;
    }
    this.#statuses.set(id, status);
    this.recent = this.recent.map((file) => (file.id === id ? {...file, status} : file));
    return this.#end(id);
  }

  /** Wait for no file any more: its change may never be told. */
  stop(): void {
    this.#statuses.clear();
    this.#sent.clear();
  }

  reset(): void {
    this.ready = this.failed = 0;
    this.recent = [];
  }

  #end(id: string): ProcessedFile | null {
    const status = this.#statuses.get(id);
    const file = this.#sent.get(id);
    if (!status || !isFinal(status) || !file) {
      return null;
    }
    this.#statuses.delete(id);
    this.#sent.delete(id);
    if (status === "processed") {
      this.ready += 1;
    } else {
      this.failed += 1;
    }
    return {...file, status};
  }
}
