import type {FileResource} from "../../api/types.js";

export type PreviewKind = "picture" | "thumbnail" | "video" | "audio" | "table" | "tree" | "text" | "none";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
/* What every browser shows. Never SVG, which is a document. */

const MAX_PICTURE_BYTES = 16 * 1000 * 1000;
/* Of a larger one the thumbnail is shown. */

const TABLES = new Set(["text/csv", "text/tab-separated-values"]);
const TREES = new Set(["application/json", "application/x-ndjson"]);
const TEXTS = new Set([
  "image/svg+xml",
  "application/xml",
  "application/xhtml+xml",
  "application/javascript",
  "application/x-sh",
  "application/rtf",
  "application/x-subrip",
  "application/x-tex",
]);

/** Return how a file can be shown, by the type that its content has, whatever it claims to be. */
export function choosePreview({types, size, status, thumbnail, result}: FileResource): PreviewKind {
  const type = types.detected ?? "";
  if (size === 0) {
    return "text";
  }
  if (PICTURES.has(type) && (size ?? 0) <= MAX_PICTURE_BYTES) {
    return status === "failed" ? "none" : "picture";
  }
  if (thumbnail) {
    return "thumbnail";
  }
  if (type.startsWith("video/") || type.startsWith("audio/")) {
    return type.startsWith("video/") ? "video" : "audio";
  }
  if (TABLES.has(type) || result?.csv) {
    return "table";
  }
  if (TREES.has(type) || result?.json) {
    return "tree";
  }
  return type.startsWith("text/") || TEXTS.has(type) || result?.text ? "text" : "none";
}
