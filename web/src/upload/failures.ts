import {ApiError} from "../api/errors.js";
import {texts} from "../texts/texts.js";
import type {Candidate} from "./queue.js";
import {StorageError} from "./storage.js";

/** A file that isn't uploaded, and why. */
export interface Failure {
  id: string;
  path: string;
  file: Blob;
  /** For people. */
  reason: string;
  /** For those who are asked for help: the code and the id of the request. */
  details: string;
  /** The file to try again, if that can help. */
  candidate: Candidate | null;
}

/** Return what people are told about an error, and its details. */
export function describeFailure(error: unknown): {reason: string; details: string} {
  if (error instanceof ApiError) {
    const {status, code, message, requestId} = error;
    return {
      reason: status === 0 ? texts.upload.unreachable : message,
      details: texts.upload.details({status, code, message, requestId}),
    };
  }
  if (error instanceof StorageError) {
    const {status, code, requestId} = error;
    return {
      reason: status === 0 ? texts.upload.unreachable : texts.upload.refusedByStorage(code),
      details: texts.upload.details({status, code, message: texts.upload.storage, requestId}),
    };
  }
  if (error instanceof DOMException && error.name === "NotReadableError") {
    return {reason: texts.upload.unreadable, details: String(error)};
  }
  return {reason: String(error), details: error instanceof Error ? (error.stack ?? String(error)) : String(error)};
}
