// Numbers, sizes and times in the page's language.
import {language, texts} from "./texts.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

const DURATIONS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

const percent = new Intl.NumberFormat(language, {style: "percent", maximumFractionDigits: 0});
const number = new Intl.NumberFormat(language);
const exactTime = new Intl.DateTimeFormat(language, {dateStyle: "medium", timeStyle: "medium"});
const time = new Intl.DateTimeFormat(language, {dateStyle: "medium", timeStyle: "short"});

export function formatNumber(value: number): string {
  return number.format(value);
}

/** Return a size in decimal units, such as `4.7 MB`. */
export function formatSize(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    unitDisplay: power ? "short" : "long",
    maximumFractionDigits: power ? 1 : 0,
  });
  return format.format(bytes / 1000 ** power);
}

/** Return a duration in its largest unit, such as `3 min` or `1.5 hr`. */
export function formatDuration(seconds: number): string {
  const [unit, size] = DURATIONS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
  const format = new Intl.NumberFormat(language, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumSignificantDigits: seconds < 1 ? 1 : 2,
  });
  return format.format(seconds / size);
}

/** Return the duration of a recording as `1:02:03`, or of less than a minute as `4.2 s`. */
export function formatPlayingTime(seconds: number): string {
  if (seconds < 60) {
    return texts.facts.seconds(formatNumber(Math.round(seconds * 10) / 10));
  }
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${parts.join(":")}` : parts.join(":").replace(/^0/, "");
}

/** Return a share, such as `47%`. */
export function formatShare(share: number): string {
  return percent.format(share);
}

/** Return a time of the API, such as `2026-11-23T16:00:00.012Z`, in the time zone of the browser. */
export function formatTime(value: string): string {
  return time.format(new Date(value));
}

/** Return a time of the API with its seconds. */
export function formatExactTime(value: string): string {
  return exactTime.format(new Date(value));
}
