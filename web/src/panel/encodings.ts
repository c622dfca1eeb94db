// Names of encodings. https://docs.python.org/3/library/codecs.html#standard-encodings and
// https://encoding.spec.whatwg.org/#names-and-labels
import type {Result} from "./facts.js";

const LABELS: Readonly<Record<string, string>> = {
  ascii: "utf-8",
  "utf-8-sig": "utf-8",
  "utf-16": "utf-16le",
  latin_1: "iso-8859-1",
  mac_roman: "macintosh",
  mac_cyrillic: "x-mac-cyrillic",
  cp932: "shift_jis",
  shift_jis_2004: "shift_jis",
  cp949: "euc-kr",
  cp936: "gbk",
  cp950: "big5",
};

export interface Label {
  name: string;
  isKnown: boolean;
}

/** Return the name that browsers have for the encoding that processing has found; `utf-8` if it found none. */
export function findLabel(result: Result | null): Label {
  const encodings = Object.values(result ?? {}).map((facts) => facts.encoding);
  const encoding = encodings.find((each) => typeof each === "string") ?? "utf-8";
  const name =
    LABELS[encoding] ??
    encoding
      .replace(/^cp(125\d|874)$/, "windows-$1")
      .replace(/^iso8859_/, "iso-8859-")
      .replace(/^iso2022_/, "iso-2022-")
      .replace(/^utf-16-(le|be)$/, "utf-16$1")
      .replaceAll("_", "-");
  return {name: isKnown(name) ? name : encoding, isKnown: isKnown(name)};
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false; // such as UTF-32 and the code pages of DOS
  }
}
