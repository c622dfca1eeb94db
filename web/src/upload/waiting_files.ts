import type {Candidate} from "./queue.js";

const COMPACT_AFTER = 1000;
/* Files that were taken before the list is copied: at each one, that would take time in proportion to all. */

/** A file with the id that Uppy is going to give it. */
export interface WaitingFile {
  candidate: Candidate;
  id: string;
}

/** The files that Uppy doesn't have yet, in their order. */
export class WaitingFiles {
  /** Of all that wait. */
  bytes = 0;
  #files: WaitingFile[] = [];
  /** Where those begin that still wait. */
  #first = 0;

  get count(): number {
    return this.#files.length - this.#first;
  }

  add(file: WaitingFile): void {
    this.#files.push(file);
    this.bytes += file.candidate.file.size;
  }

  /** Take so many from the front, or all that there are. */
  take(count: number): WaitingFile[] {
    const taken = this.#files.slice(this.#first, this.#first + count);
    this.#first += taken.length;
    if (this.#first > COMPACT_AFTER || this.count === 0) {
      this.#files = this.#files.slice(this.#first);
      this.#first = 0;
    }
    this.bytes -= taken.reduce((sum, {candidate}) => sum + candidate.file.size, 0);
    return taken;
  }
}
