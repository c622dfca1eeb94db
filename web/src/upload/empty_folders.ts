/** Return the paths of dropped folders in which there is nothing, not even further down. */
export async function findEmptyFolders(entries: FileSystemEntry[]): Promise<string[]> {
  const found = await Promise.all(entries.filter(isFolder).map(findIn));
  return found.flat();
}

async function findIn(folder: FileSystemDirectoryEntry): Promise<string[]> {
  const entries = await readAll(folder.createReader());
  if (entries.length === 0) {
    return [folder.fullPath.replace(/^\//, "")];
  }
  return findEmptyFolders(entries);
}

/** Return what is in a folder. The browser gives it in batches, of which the last one is empty. */
async function readAll(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const found: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    );
    if (batch.length === 0) {
      return found;
    }
    found.push(...batch);
  }
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
