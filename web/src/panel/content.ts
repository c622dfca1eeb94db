// A file's content, from the storage itself.
import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import type {DownloadUrl, FileResource} from "../api/types.js";
import {findLabel} from "./encodings.js";

export const MAX_TEXT_BYTES = 256 * 1024;
/* Of a text that is shown. */

/** The beginning of a text, or all of it. */
export interface Beginning {
  text: string;
  isWhole: boolean;
  /** The encoding that it should have been decoded with, if browsers don't know it. */
  unknownEncoding: string | null;
}

/** Return a presigned URL of a file's content. Throws ApiError. */
export async function findContentUrl(api: Api, id: string): Promise<string> {
  return (await api.get<DownloadUrl>(`api/files/${id}/content`, {query: {redirect: false}})).body.url;
}

/** Return a presigned URL of a file's thumbnail. Throws ApiError. */
export async function findThumbnailUrl(api: Api, id: string): Promise<string> {
  return (await api.get<DownloadUrl>(`api/files/${id}/thumbnail`, {query: {redirect: false}})).body.url;
}

/** Return the beginning of a text file, decoded with the encoding that processing has found. Throws ApiError. */
export async function readBeginning(api: Api, file: FileResource, signal: AbortSignal): Promise<Beginning> {
  const label = findLabel(file.result);
  const unknownEncoding = label.isKnown ? null : label.name;
  if (file.size === 0) {
    return {text: "", isWhole: true, unknownEncoding};
  }
  const bytes = await fetchBytes(await findContentUrl(api, file.id), signal);
  const isWhole = file.size !== null && bytes.length >= file.size;
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff; // the byte order mark, which decides
  const decoder = new TextDecoder(!label.isKnown ? "utf-8" : isBigEndian ? "utf-16be" : label.name);
  // A character that the end cuts in two is left out.
  const text = decoder.decode(bytes, {stream: !isWhole});
  return {text, isWhole, unknownEncoding};
}

async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const headers = {Range: `bytes=0-${MAX_TEXT_BYTES - 1}`};
  try {
    const response = await fetch(url, {headers, signal, credentials: "omit"});
    if (!response.ok) {
      throw new ApiError(response.status, "storage_error", `${response.status} ${response.statusText}`, null);
    }
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ApiError ? error : new ApiError(0, "offline", String(error), null);
  }
}
