import type {Change, FileResource, FileStatus} from "../api/types.js";

/** What the list keeps of a file: there may be a hundred thousand of them. */
export interface Row {
  readonly id: string;
  name: string;
  size: number | null;
  status: FileStatus;
  /** The detected type; before processing, the declared one or that of the extension. */
  type: string | null;
  uploadedAt: string | null;
  owner: string;
  version: number;
  mismatch: boolean;
  hasThumbnail: boolean;
  error: string | null;
  /** Whether the file has changed in a way that only the file itself tells. */
  stale: boolean;
}

/** Changes after which a row needs the file again: those of its name, size, type or thumbnail. */
const STALE_AFTER: ReadonlySet<Change["type"]> = new Set(["stored", "finished", "reopened", "renamed"]);

export function toRow(file: FileResource): Row {
  const {types} = file;
  return {
    id: file.id,
    name: file.name,
    size: file.size,
    status: file.status,
    type: types.detected ?? types.declared ?? types.extension,
    uploadedAt: file.uploaded_at,
    owner: file.owner,
    version: file.version,
    mismatch: types.mismatch,
    hasThumbnail: file.thumbnail !== null,
    error: file.error?.message ?? null,
    stale: false,
  };
}

/** Take over what is newer in the other row. Return whether anything was. */
export function updateRow(row: Row, newer: Row): boolean {
  if (newer.version < row.version) {
    return false;
  }
  Object.assign(row, newer);
  return true;
}

/** Take over what a change says. Return whether it was news. */
export function applyChange(row: Row, change: Change): boolean {
  if (change.version <= row.version) {
    return false;
  }
  row.version = change.version;
  row.status = change.status;
  row.mismatch = change.mismatch ?? row.mismatch;
  row.stale ||= STALE_AFTER.has(change.type);
  return true;
}
