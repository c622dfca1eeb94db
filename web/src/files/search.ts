// What the list shows, in the parameters of the page's URL. They are named as those of the API.
import type {Query} from "../api/client.js";

const METADATA = "metadata.";
const FILTERS = ["q", "text", "status", "type", "mismatch"];
const OWNER = "owner";
/* Of the files: administrators see those of one owner. The API has it in a header. */

export const NEWEST = "-uploaded_at";

/** Return whether a parameter narrows the list. */
export function isFilter(name: string): boolean {
  return name === OWNER || FILTERS.includes(name) || name.startsWith(METADATA);
}

/** Return the active filters. */
export function filtersOf(search: URLSearchParams): [name: string, value: string][] {
  return [...search].filter(([name, value]) => isFilter(name) && value !== "");
}

/** Return the parameters of the API's list for this search. */
export function queryOf(search: URLSearchParams): Query {
  const query: Query = Object.fromEntries(filtersOf(search).filter(([name]) => name !== OWNER));
  const order = orderOf(search);
  return order === NEWEST ? query : {...query, order};
}

/** Return the headers of the request for the API's list. */
export function headersOf(search: URLSearchParams): Record<string, string> {
  const owner = search.get(OWNER);
  return owner ? {"X-Owner": encodeURIComponent(owner)} : {};
}

export function orderOf(search: URLSearchParams): string {
  return search.get("order") ?? NEWEST;
}

/** Return a search with one parameter more, or less where the value is empty. */
export function changeSearch(search: URLSearchParams, name: string, value: string): URLSearchParams {
  const changed = new URLSearchParams(search);
  if (value) {
    changed.set(name, value);
  } else {
    changed.delete(name);
  }
  return changed;
}

/** Return a search that finds all files, in the same order. */
export function withoutFilters(search: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...search].filter(([name]) => !isFilter(name)));
}

/** Return the parameter of a filter by metadata, such as `order=7`; null if it isn't of that form. */
export function parseMetadataFilter(text: string): [name: string, value: string] | null {
  const [, key, value] = text.match(/^\s*([^=\s]+)\s*=\s*(.*?)\s*$/) ?? [];
  return key && value ? [`${METADATA}${key}`, value] : null;
}

/** Return a text that two searches have in common if they show the same files in the same order. */
export function describeRequest(search: URLSearchParams): string {
  return JSON.stringify([queryOf(search), headersOf(search)]);
}
