import type {Api} from "../api/client.js";
import type {PartUrls, Upload} from "../api/types.js";

const BATCH = 100;
/* How many URLs the API returns at most. */

const MARGIN = 60_000;
/* Milliseconds before a URL expires in which it isn't used any more. */

/** The presigned URLs of an upload's missing parts. They come in batches, and are signed again before they expire. */
export class PartUrlSource {
  #urls = new Map<number, string>();
  #expiresAt = 0;
  #fetching: Promise<void> | null = null;

  constructor(
    readonly api: Api,
    readonly upload: Upload,
    /** The numbers of the parts, in the order in which they are sent. */
    readonly numbers: number[],
  ) {
    this.#add(upload.parts ?? [], upload.url_expires_at);
  }

  /** Return the URL of a part. Throws ApiError. */
  async get(number: number): Promise<string> {
    if (Date.now() > this.#expiresAt - MARGIN) {
      this.#urls.clear();
    }
    for (;;) {
      const url = this.#urls.get(number);
      if (url) {
        return url;
      }
      this.#fetching ??= this.#fetch(number).finally(() => {
        this.#fetching = null;
      });
      await this.#fetching; // perhaps for another part
    }
  }

  /** Forget a URL that the storage has refused. */
  drop(number: number): void {
    this.#urls.delete(number);
  }

  async #fetch(number: number): Promise<void> {
    const first = this.numbers.indexOf(number);
    const numbers = this.numbers.slice(first, first + BATCH);
    const {body} = await this.api.post<PartUrls>(`api/uploads/${this.upload.id}/parts`, {numbers});
    this.#add(body.parts, body.url_expires_at);
  }

  #add(parts: {number: number; url: string}[], expiresAt: string | null): void {
    for (const {number, url} of parts) {
      this.#urls.set(number, url);
    }
    this.#expiresAt = expiresAt ? Date.parse(expiresAt) : 0;
  }
}
