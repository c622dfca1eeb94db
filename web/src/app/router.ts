// The view and its state in the fragment of the page's URL: it works below any path, and no server logs a search.

export type Route =
  | {view: "files"; search: URLSearchParams}
  | {view: "file"; id: string; search: URLSearchParams}
  | {view: "administration"};

/** Return what a fragment such as `#/files/ID?q=photo` shows. An unknown one shows the list. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const search = new URLSearchParams(query);
  const [area, id] = path.split("/");
  if (area === "administration") {
    return {view: "administration"};
  }
  if (area === "files" && id) {
    return {view: "file", id: decode(id), search};
  }
  return {view: "files", search};
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a link that was cut off: no file has this id
  }
}

/** Return the fragment of a route, with `#`. */
export function formatRoute(route: Route): string {
  if (route.view === "administration") {
    return "#/administration";
  }
  const path = route.view === "file" ? `#/files/${encodeURIComponent(route.id)}` : "#/";
  const query = route.search.toString();
  return query ? `${path}?${query}` : path;
}

/** Show a route. With `replace` the browser's back button skips the current one. */
export function navigate(route: Route, {replace = false} = {}): void {
  const hash = formatRoute(route);
  if (replace) {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else {
    location.hash = hash;
  }
}
