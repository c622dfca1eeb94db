import {texts} from "../texts/texts.js";

type Kind = keyof typeof texts.kinds;

/** Media types that have a name of their own. */
const KINDS: Readonly<Record<string, Kind>> = {
  "image/jpeg": "photo",
  "image/heic": "photo",
  "image/heif": "photo",
  "image/tiff": "image",
  "image/svg+xml": "drawing",
  "application/pdf": "pdf",
  "application/zip": "archive",
  "application/gzip": "archive",
  "application/x-tar": "archive",
  "application/x-7z-compressed": "archive",
  "application/x-bzip2": "archive",
  "application/x-xz": "archive",
  "application/vnd.rar": "archive",
  "application/zstd": "archive",
  "application/msword": "document",
  "application/rtf": "document",
  "application/vnd.oasis.opendocument.text": "document",
  "application/epub+zip": "book",
  "application/vnd.ms-excel": "spreadsheet",
  "application/vnd.oasis.opendocument.spreadsheet": "spreadsheet",
  "text/csv": "table",
  "text/tab-separated-values": "table",
  "application/vnd.ms-powerpoint": "presentation",
  "application/vnd.oasis.opendocument.presentation": "presentation",
  "application/json": "data",
  "application/x-ndjson": "data",
  "application/xml": "data",
  "text/xml": "data",
  "application/vnd.sqlite3": "database",
  "text/html": "webPage",
  "text/plain": "text",
  "message/rfc822": "mail",
  "application/vnd.ms-outlook": "mail",
};

/** Types that begin like this, where the whole type has no name. */
const FAMILIES: readonly [prefix: string, kind: Kind][] = [
  ["application/vnd.openxmlformats-officedocument.wordprocessingml", "document"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml", "spreadsheet"],
  ["application/vnd.openxmlformats-officedocument.presentationml", "presentation"],
  ["image/x-", "photo"],
  ["image/", "image"],
  ["video/", "video"],
  ["audio/", "audio"],
  ["text/", "text"],
  ["font/", "font"],
  ["message/", "mail"],
];

/** Return what a file is, in a word: of a media type without one, `File`. */
export function describeKind(type: string | null): string {
  if (!type) {
    return texts.kinds.unknown;
  }
  const kind = KINDS[type] ?? FAMILIES.find(([prefix]) => type.startsWith(prefix))?.[1];
  return texts.kinds[kind ?? "other"];
}

/** Return a few letters that stand for a file where it has no picture: its extension. */
export function abbreviate(name: string): string {
  const extension = name.match(/\.([A-Za-z0-9]{1,5})$/)?.[1] ?? "";
  return extension.slice(0, 4).toUpperCase();
}

/** What a list can be narrowed to: media types or families of them, with their names. */
export const KIND_FILTERS: readonly [type: string, name: string][] = [
  ["image/*", texts.kindFilters.images],
  ["video/*", texts.kindFilters.videos],
  ["audio/*", texts.kindFilters.audio],
  ["application/pdf", texts.kindFilters.pdf],
  ["text/*", texts.kindFilters.text],
  ["message/*", texts.kindFilters.mail],
  ["application/zip", texts.kindFilters.zip],
];
