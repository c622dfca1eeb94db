// The beginning of a text file.
import type {Api} from "../api/client.js";
import {findContentUrl, readFirstBytes} from "../api/content.js";
import type {FileResource} from "../api/types.js";
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

/** Return the beginning of a text file, decoded with the encoding that processing has found. Throws ApiError. */
export async function readBeginning(api: Api, file: FileResource, signal: AbortSignal): Promise<Beginning> {
  const label = findLabel(file.result);
  const unknownEncoding = label.isKnown ? null : label.name;
  if (file.size === 0) {
    return {text: "", isWhole: true, unknownEncoding};
  }
  const bytes = await readFirstBytes(await findContentUrl(api, file.id), MAX_TEXT_BYTES, signal);
  const isWhole = file.size !== null && bytes.length >= file.size;
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff; // the byte order mark, which decides
  const decoder = new TextDecoder(!label.isKnown ? "utf-8" : isBigEndian ? "utf-16be" : label.name);
  // A character that the end cuts in two is left out.
  const text = decoder.decode(bytes, {stream: !isWhole});
  return {text, isWhole, unknownEncoding};
}
