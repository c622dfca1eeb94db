import pRetry from "p-retry";
import {ApiError} from "../api/errors.js";
import {StorageError} from "./storage.js";

const RETRIES = 10;
const MAX_PAUSE = 30_000;
/* Milliseconds. Ten retries with pauses that double take three to four minutes. */

const MAX_RENEWALS = 3;
/* How often a URL that the storage refuses is signed again. */

const MAX_RETRY_AFTER = 60;
/* Seconds. A response that asks for more, such as one until midnight, is a failure. */

/**
 * Call `operation` again after temporary errors, with growing random pauses. While the browser is offline it waits,
 * for as long as that takes. Throws the last error, one that isn't temporary at once, or the reason of `signal`.
 */
export function retry<T>(operation: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return pRetry(operation, {
    signal,
    retries: RETRIES,
    minTimeout: 400,
    maxTimeout: MAX_PAUSE,
    randomize: true,
    shouldRetry: ({error, attemptNumber}) => isTemporary(error) && !isRefused(error, attemptNumber),
    shouldConsumeRetry: () => navigator.onLine,
    onFailedAttempt: async ({error}) => {
      signal.throwIfAborted();
      if (!navigator.onLine) {
        await untilOnline(signal);
      } else if (error instanceof ApiError && error.retryAfter && isTemporary(error)) {
        await pause(error.retryAfter * 1000, signal);
      }
    },
  });
}

function isTemporary(error: unknown): boolean {
  if (error instanceof ApiError) {
    return error.isTemporary && (error.retryAfter ?? 0) <= MAX_RETRY_AFTER;
  }
  return error instanceof StorageError && error.isTemporary;
}

/** Return whether the storage refuses other URLs, too: the bytes, and not one that has expired. */
function isRefused(error: unknown, attempts: number): boolean {
  return error instanceof StorageError && error.status === 403 && attempts > MAX_RENEWALS;
}

function untilOnline(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    window.addEventListener("online", () => resolve(), {once: true, signal});
    signal.addEventListener("abort", () => reject(signal.reason), {once: true});
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => reject(signal.reason), {once: true});
  });
}
