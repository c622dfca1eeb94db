const SPAN = 10_000;
/* Milliseconds that the speed is the average of. */

/** How many bytes of all files are sent. What is sent of a file never becomes less. */
export class Progress {
  totalBytes = 0;
  totalFiles = 0;
  sentBytes = 0;
  sentFiles = 0;
  /** The bytes of each file that is under way. */
  #sent = new Map<string, number>();
  #samples: {at: number; bytes: number}[] = [];

  add(files: number, bytes: number): void {
    this.totalFiles += files;
    this.totalBytes += bytes;
  }

  /** Return the bytes of a file that count as sent: the most that ever were. */
  report(id: string, bytes: number): number {
    const before = this.#sent.get(id) ?? 0;
    if (bytes <= before) {
      return before;
    }
    this.#sent.set(id, bytes);
    this.sentBytes += bytes - before;
    return bytes;
  }

  /** Count a file as sent. */
  finish(id: string, size: number): void {
    this.report(id, size);
    this.#sent.delete(id);
    this.sentFiles += 1;
  }

  /** Count a file no more: what isn't sent of it is no part of the total. */
  remove(id: string, size: number): void {
    this.totalFiles -= 1;
    this.totalBytes -= size - (this.#sent.get(id) ?? 0);
    this.#sent.delete(id);
  }

  reset(): void {
    this.totalBytes = this.totalFiles = this.sentBytes = this.sentFiles = 0;
    this.#sent.clear();
    this.#samples = [];
  }

  /** Return the bytes a second of the last ten seconds, as of now. To be called about once a second. */
  measureSpeed(): number {
    const now = performance.now();
    this.#samples = this.#samples.filter(({at}) => now - at < SPAN);
    this.#samples.push({at: now, bytes: this.sentBytes});
    const first = this.#samples[0];
    return first && now > first.at ? ((this.sentBytes - first.bytes) / (now - first.at)) * 1000 : 0;
  }
}
