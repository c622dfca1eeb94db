import {texts} from "../texts/texts.js";
import {KIND_FILTERS} from "./kinds.js";

/** Return a filter in words. */
export function describeFilter(name: string, value: string): string {
  const {chips, mismatches} = texts.search;
  switch (name) {
    case "q":
      return chips.name(value);
    case "text":
      return chips.contents(value);
    case "owner":
      return chips.owner(value);
    case "status":
      return Object.entries(texts.statuses).find(([status]) => status === value)?.[1] ?? value;
    case "type":
      return KIND_FILTERS.find(([type]) => type === value)?.[1] ?? value;
    case "mismatch":
      return value === "true" ? mismatches.true : mismatches.false;
    default:
      return `${name.replace("metadata.", "")}: ${value}`;
  }
}
