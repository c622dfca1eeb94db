// What the service accepts, checked before a byte is sent. The service checks it all again.
import type {Usage} from "../api/types.js";
import {formatSize} from "../texts/format.js";
import {texts} from "../texts/texts.js";

/** Limits of uploads. Null: none. */
export interface Limits {
  maxFileBytes: number | null;
  /** Such as `image/*`. */
  allowedTypes: string[] | null;
  deniedTypes: string[];
  filesLeft: number | null;
  bytesLeft: number | null;
}

export const NO_LIMITS: Limits = {
  maxFileBytes: null,
  allowedTypes: null,
  deniedTypes: [],
  filesLeft: null,
  bytesLeft: null,
};

/** Return the limits of the owner with this usage. */
export function readLimits(usage: Usage): Limits {
  return {
    maxFileBytes: usage.max_file_bytes,
    allowedTypes: usage.allowed_types,
    deniedTypes: usage.denied_types,
    filesLeft: least(usage.files.left, usage.files_today.left),
    bytesLeft: least(usage.bytes.left, usage.bytes_today.left),
  };
}

/** Return the limits that hold where both do. */
export function combineLimits(one: Limits, other: Partial<Limits>): Limits {
  return {
    maxFileBytes: least(one.maxFileBytes, other.maxFileBytes ?? null),
    allowedTypes: other.allowedTypes ?? one.allowedTypes,
    deniedTypes: [...one.deniedTypes, ...(other.deniedTypes ?? [])],
    filesLeft: least(one.filesLeft, other.filesLeft ?? null),
    bytesLeft: least(one.bytesLeft, other.bytesLeft ?? null),
  };
}

/** Return why a file isn't accepted, with its name and the limit; null if it is. `queued` is what comes before it. */
export function checkFile(file: File, limits: Limits, queued: {files: number; bytes: number}): string | null {
  const {maxFileBytes, filesLeft, bytesLeft} = limits;
  if (maxFileBytes !== null && file.size > maxFileBytes) {
    return texts.upload.tooLarge(formatSize(file.size), formatSize(maxFileBytes));
  }
  if (!isAccepted(file.type, limits)) {
    return texts.upload.typeNotAccepted(file.type, limits.allowedTypes);
  }
  if (filesLeft !== null && queued.files >= filesLeft) {
    return texts.upload.noFilesLeft(filesLeft);
  }
  if (bytesLeft !== null && queued.bytes + file.size > bytesLeft) {
    return texts.upload.noBytesLeft(formatSize(bytesLeft));
  }
  return null;
}

function isAccepted(type: string, {allowedTypes, deniedTypes}: Limits): boolean {
  if (!type) {
    return true; // the browser doesn't know it; the service looks at the bytes
  }
  const isIn = (patterns: string[]) => patterns.some((pattern) => matchesType(type, pattern));
  return (allowedTypes === null || isIn(allowedTypes)) && !isIn(deniedTypes);
}

function matchesType(type: string, pattern: string): boolean {
  return pattern.endsWith("/*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function least(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.min(one, other);
}
