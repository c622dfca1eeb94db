// What the attributes of <file-dropzone> may be. Each function throws TypeError with a text for the page's developer.
import {texts} from "../texts/texts.js";

export type Metadata = Record<string, string>;

/** Return a whole number; null if there is none. */
export function readNumber(name: string, value: string | null): number | null {
  if (value === null) {
    return null;
  }
  if (!/^\d+$/.test(value.trim())) {
    throw new TypeError(texts.dropzone.wrongNumber(name, value));
  }
  return Number(value);
}

/** Return the media types in a list such as `image/*, application/pdf`; null if there is none. */
export function readTypes(name: string, value: string | null): string[] | null {
  if (value === null) {
    return null;
  }
  const types = value.split(",").map((type) => type.trim().toLowerCase());
  const wrong = types.find((type) => !/^[^/\s]+\/[^/\s]+$/.test(type));
  if (wrong !== undefined) {
    throw new TypeError(texts.dropzone.wrongType(name, wrong));
  }
  return types;
}

/** Return the entries of a JSON object of texts. */
export function readMetadata(name: string, value: string | null): Metadata {
  if (value === null) {
    return {};
  }
  const wrong = new TypeError(texts.dropzone.wrongMetadata(name, value));
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    throw wrong;
  }
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  if (!isObject || Object.values(parsed as object).some((entry) => typeof entry !== "string")) {
    throw wrong;
  }
  return parsed as Metadata;
}

/** Return the URL of the service, with a slash at its end. `script` is that of a file in its folder `assets`. */
export function readEndpoint(name: string, value: string | null, script: string): URL {
  if (value === null) {
    return new URL("..", script);
  }
  try {
    return new URL(value.replace(/\/*$/, "/"), document.baseURI);
  } catch {
    throw new TypeError(texts.dropzone.wrongUrl(name, value));
  }
}
