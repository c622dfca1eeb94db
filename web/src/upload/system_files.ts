const NAMES = new Set([".ds_store", "thumbs.db", "desktop.ini", ".localized", "icon\r"]);

/** Return whether a path is of a file that an operating system keeps beside the user's own. */
export function isSystemFile(path: string): boolean {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  return NAMES.has(name.toLowerCase()) || name.startsWith("._") || folders.includes("__MACOSX");
}
