import {createKey} from "./transfer.js";

/** What an earlier page hadn't given to Uppy, which keeps its files itself. */
export interface Forgotten {
  files: number;
  bytes: number;
}

interface Stored extends Forgotten {
  batch: string;
}

/**
 * What the browser keeps of the queue besides the files that Uppy has, until all of them are sent: how many wait, and
 * what their keys begin with. So the same files, chosen again, have the same keys, and what was sent isn't sent again.
 */
export class QueueRecord {
  /** What waited when an earlier page was closed. */
  forgotten: Forgotten | null;
  #stored: Stored;

  /** Without a name, nothing is kept. */
  constructor(readonly name: string | null) {
    const stored = this.#read();
    this.#stored = stored ?? {batch: createKey(), files: 0, bytes: 0};
    this.forgotten = stored?.files ? {files: stored.files, bytes: stored.bytes} : null;
  }

  /** Return the Idempotency-Key of a file. */
  makeKey(id: string): string {
    return `${this.#stored.batch}-${hash(id, 1)}-${hash(id, 2)}`;
  }

  /** Store how many files wait. */
  update(waiting: Forgotten): void {
    this.#stored = {...this.#stored, ...waiting};
    this.#write(JSON.stringify(this.#stored));
  }

  /** All files are sent: the same ones, chosen again, are to be uploaded again. */
  reset(): void {
    this.forgotten = null;
    this.#stored = {batch: createKey(), files: 0, bytes: 0};
    this.#write(null);
  }

  #read(): Stored | null {
    if (this.name === null) {
      return null;
    }
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "null") as Stored | null;
    } catch {
      return null; // the browser keeps nothing
    }
  }

  #write(text: string | null): void {
    if (this.name === null) {
      return;
    }
    try {
      if (text === null) {
        localStorage.removeItem(this.name);
      } else {
        localStorage.setItem(this.name, text);
      }
    } catch {
      // The browser keeps nothing.
    }
  }
}

/** Return 32 bits that depend on a text (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/). */
function hash(text: string, seed: number): string {
  let value = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36);
}
