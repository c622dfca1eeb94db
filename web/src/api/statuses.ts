import type {FileStatus} from "./types.js";

const FINAL: ReadonlySet<FileStatus> = new Set(["processed", "failed", "rejected", "expired"]);
const STORED: ReadonlySet<FileStatus> = new Set(["uploaded", "processing", "processed", "failed"]);

/** Return whether a file keeps this status until a user or a newer processor changes it. */
export function isFinal(status: FileStatus): boolean {
  return FINAL.has(status);
}

/** Return whether a file with this status has its bytes in the storage. */
export function isStored(status: FileStatus): boolean {
  return STORED.has(status);
}
