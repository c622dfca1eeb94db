// JSON whose numbers keep their digits.

/** A number as it is written, where JavaScript's has other digits. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

export type Json = null | boolean | number | string | ExactNumber | Json[] | {[key: string]: Json};

/** Return the value; undefined if the text is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]) as Json;
  } catch {
    return undefined;
  }
}

/** Return the values of NDJSON, one a line; undefined if a line is no JSON. The last line may be cut. */
export function parseLines(text: string, isWhole: boolean): Json[] | undefined {
  const lines = text.split("\n");
  const whole = isWhole ? lines : lines.slice(0, -1);
  const values = whole.filter((line) => line.trim()).map(parseJson);
  return values.includes(undefined) ? undefined : (values as Json[]);
}

/** Newer browsers pass the number's text. */
function keepDigits(_key: string, value: Json, context?: {source?: string}): Json {
  const source = context?.source;
  return typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) && String(value) !== source
    ? new ExactNumber(source)
    : value;
}
