// A file's content and thumbnail, which the storage has. Presigned URLs lead there.
import type {Api} from "./client.js";
import {ApiError} from "./errors.js";
import type {DownloadUrl} from "./types.js";

/** Return a presigned URL of a file's content, which is shown or, as an attachment, saved. Throws ApiError. */
export function findContentUrl(api: Api, id: string, disposition: "attachment" | null = null): Promise<string> {
  return findUrl(api, `api/files/${id}/content`, disposition);
}

/** Return a presigned URL of a file's thumbnail. Throws ApiError. */
export function findThumbnailUrl(api: Api, id: string): Promise<string> {
  return findUrl(api, `api/files/${id}/thumbnail`);
}

/**
 * Return the first bytes of what a presigned URL leads to: all of it, if it has no more than `count`. Throws ApiError
 * if the storage doesn't give them, or the reason of `signal`.
 */
export async function readFirstBytes(url: string, count: number, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    const headers = {Range: `bytes=0-${count - 1}`};
    const response = await fetch(url, {headers, credentials: "omit", ...(signal ? {signal} : {})});
    if (response.status === 416) {
      return new Uint8Array(); // an empty object has no range
    }
    if (!response.ok) {
      throw new ApiError(response.status, "storage_error", `${response.status} ${response.statusText}`, null);
    }
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof ApiError ? error : new ApiError(0, "offline", String(error), null);
  }
}

async function findUrl(api: Api, path: string, disposition: string | null = null): Promise<string> {
  return (await api.get<DownloadUrl>(path, {query: {redirect: false, disposition}})).body.url;
}
