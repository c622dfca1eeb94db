// What processing has found out about a file, in words. docs/reference/processors.md describes all facts.
import {formatNumber, formatPlayingTime, formatSize, formatTime} from "../texts/format.js";
import {language, texts} from "../texts/texts.js";

/** By the processor's name. */
export type Result = Readonly<Record<string, Facts>>;

export type Facts = Readonly<Record<string, unknown>>;

/** A fact: a text, a list of them, or facts of a part. */
export interface Fact {
  label: string;
  value: string | string[] | Fact[];
}

/** Facts that belong to another one, or are shown elsewhere. */
const HIDDEN = new Set([
  "version",
  "height",
  "unit",
  "taken_at_offset",
  "recipients",
  "attachment_count",
  "view_box",
]);

/** What people look for first, in this order. */
const FIRST = [
  ...["title", "subject", "author", "from", "to", "cc", "date", "artist", "album", "format", "width", "pages"],
  ...["duration_seconds", "words", "lines", "rows", "column_count", "columns", "entries", "files", "folders"],
  ...["unpacked_size", "names", "type", "valid", "problem", "keys", "encoding", "created_at", "changed_at"],
];

/** Facts that say of another one, whose name they begin with, that it isn't certain. */
const QUALIFIER = /_(?:estimated|guessed)$/;

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

const words: Readonly<Record<string, string>> = texts.facts.labels;
const values: Readonly<Record<string, Readonly<Record<string, string>>>> = texts.facts.values;

/** Return the facts of a result in its own order. Of a later version's, which have no label here, the name is shown. */
export function listFacts(result: Result): Fact[] {
  return Object.entries(result).flatMap(([processor, {preview, ...facts}]) =>
    // A text itself is shown, so its beginning need not be.
    describeFacts(processor === "text" || preview === undefined ? facts : {...facts, preview}),
  );
}

function describeFacts(facts: Facts): Fact[] {
  return Object.entries(facts)
    .filter(([name, value]) => value !== null && !HIDDEN.has(name) && !QUALIFIER.test(name))
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([name, value]) => ({label: labelOf(name), value: describe(name, value, facts)}));
}

function rankOf(name: string): number {
  const rank = FIRST.indexOf(name);
  return rank < 0 ? FIRST.length : rank;
}

function labelOf(name: string): string {
  const plain = name.replaceAll("_", " ");
  return words[name] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

function describe(name: string, value: unknown, facts: Facts): Fact["value"] {
  if (Array.isArray(value)) {
    return value.map((item) => describeItem(item));
  }
  if (isObject(value)) {
    return describeFacts(value);
  }
  const text = describeValue(name, value, facts);
  if (facts[`${name}_estimated`] === true) {
    return texts.facts.about(text);
  }
  return facts[`${name}_guessed`] === true ? texts.facts.probably(text) : text;
}

/** Return an item of a list in a line: its name with the rest behind it. */
function describeItem(item: unknown): string {
  if (!isObject(item)) {
    return String(item);
  }
  const {name, ...rest} = item;
  const parts = Object.entries(rest)
    .filter(([key, value]) => value !== null && !HIDDEN.has(key) && !(key === "rotation" && value === 0))
    .sort(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([key, value]) => (typeof value === "object" ? JSON.stringify(value) : describeValue(key, value, rest)));
  return name === undefined ? parts.join(", ") : texts.facts.item(String(name), parts.join(", "));
}

function describeValue(name: string, value: unknown, facts: Facts): string {
  const known = values[name]?.[String(value)];
  if (known !== undefined) {
    return known;
  }
  if (typeof value === "boolean") {
    return value ? texts.facts.yes : texts.facts.no;
  }
  return typeof value === "number" ? describeNumber(name, value, facts) : describeText(name, String(value));
}

function describeNumber(name: string, value: number, facts: Facts): string {
  if (name === "width" && typeof facts.height === "number") {
    return describeDimensions(value, facts.height, facts);
  }
  if (name === "exposure_seconds" && value > 0 && value < 0.4) {
    return texts.facts.exposure(`1/${formatNumber(Math.round(1 / value))}`);
  }
  if (name.endsWith("_seconds")) {
    return formatPlayingTime(value);
  }
  if (name === "size" || name.endsWith("_size")) {
    return formatSize(value);
  }
  const unit = (texts.facts.units as Readonly<Record<string, (value: string) => string>>)[name];
  return unit ? unit(formatNumber(value)) : formatNumber(value);
}

/** Return a width and a height: of a PDF in points, a 72nd of an inch, also in millimetres. */
function describeDimensions(width: number, height: number, facts: Facts): string {
  const size = `${formatNumber(width)} × ${formatNumber(height)}`;
  if ("pages" in facts) {
    const millimetres = [width, height].map((points) => formatNumber(Math.round((points / 72) * 25.4)));
    return texts.facts.millimetres(millimetres.join(" × "));
  }
  const unit = facts.unit;
  return typeof unit === "string" && unit !== "px" ? `${size} ${unit}` : texts.facts.pixels(size);
}

function describeText(name: string, value: string): string {
  if (DATE_TIME.test(value)) {
    return formatTime(value);
  }
  if (name === "encoding" || name === "names_encoding") {
    return value.toUpperCase();
  }
  if (name === "language") {
    return nameOfLanguage(value);
  }
  return value;
}

function nameOfLanguage(code: string): string {
  try {
    return new Intl.DisplayNames([language], {type: "language"}).of(code) ?? code;
  } catch {
    return code; // no valid tag
  }
}

function isObject(value: unknown): value is Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
