// Requests of the browser to the storage, with presigned URLs.
import {fetcher, NetworkError} from "@uppy/core/utils";

const STALLED = 60_000;
/* Milliseconds without progress after which a request is given up, and sent again. */

/** What the storage's response says, or that there was none. */
export class StorageError extends Error {
  constructor(
    /** The HTTP status; 0 if there was no response. */
    readonly status: number,
    /** Of S3, such as `SlowDown`: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
    readonly code: string,
    readonly requestId: string | null = null,
  ) {
    super(`${status} ${code}`);
    this.name = "StorageError";
  }

  /** Whether the same bytes may be accepted later: 403 is the response to a URL that has expired. */
  get isTemporary(): boolean {
    return [0, 403, 408, 409, 429].includes(this.status) || this.status >= 500 || this.code === "RequestTimeout";
  }
}

/**
 * Send the bytes by PUT. `onProgress` gets how many are sent. Throws StorageError, DOMException
 * if the file can't be read, or the reason of `signal`.
 */
export async function put(
  request: {url: string; headers?: Record<string, string>},
  body: Blob,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const stalled = new AbortController();
  try {
    await fetcher(request.url, {
      method: "PUT",
      headers: request.headers ?? {},
      body,
      retries: 0, // ours have other pauses, and another URL
      timeout: STALLED,
      onTimeout: () => stalled.abort(),
      onUploadProgress: (event) => onProgress(event.loaded),
      signal: AbortSignal.any([signal, stalled.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    const storageError = readStorageError(error);
    if (storageError.status === 0) {
      await body.slice(0, 1).arrayBuffer(); // throws if it is the file that can't be read
    }
    throw storageError;
  }
}

function readStorageError(error: unknown): StorageError {
  if (!(error instanceof NetworkError) || !error.request) {
    return new StorageError(0, "Stalled");
  }
  const {status, responseText} = error.request;
  const read = (name: string) => responseText.match(`<${name}>([^<]*)</${name}>`)?.[1];
  return new StorageError(status, read("Code") ?? (status ? "unknown" : "offline"), read("RequestId") ?? null);
}
