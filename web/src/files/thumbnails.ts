import type {Api} from "../api/client.js";
import {findThumbnailUrl} from "../api/content.js";
import {ApiError} from "../api/errors.js";

const MAX_KEPT = 500;
const LIFETIME = 4 * 60 * 1000;
/* Milliseconds that a presigned URL is used for: less than the five minutes for which it is valid. */

interface Entry {
  url: Promise<string | null>;
  until: number;
}

/** The URLs of thumbnails. An image can't send a token, so where one is needed, the presigned URL is asked for. */
export class Thumbnails {
  #entries = new Map<string, Entry>();

  constructor(readonly api: Api) {}

  /** Return the URL of a file's thumbnail; null if it has none any more, or it can't be loaded now. */
  url(id: string, version: number): Promise<string | null> {
    const key = `${id} ${version}`;
    const known = this.#entries.get(key);
    if (known && Date.now() < known.until) {
      return known.url;
    }
    this.#forgetOldest();
    const url = this.#find(id);
    this.#entries.set(key, {url, until: Date.now() + LIFETIME});
    return url;
  }

  async #find(id: string): Promise<string | null> {
    if ((await this.api.session.authorization()) === null) {
      return this.api.url(`api/files/${id}/thumbnail`).href;
    }
    try {
      return await findThumbnailUrl(this.api, id);
    } catch (error) {
      if (error instanceof ApiError) {
        return null;
      }
      throw error;
    }
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size < MAX_KEPT) {
        return;
      }
      this.#entries.delete(key);
    }
  }
}
