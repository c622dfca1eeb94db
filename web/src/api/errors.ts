/** What an error response says, or why there was none. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 if there was no response. */
    readonly status: number,
    /** The code in the response, such as `file_too_large`; `offline` or `unreadable_response` without one. */
    readonly code: string,
    message: string,
    readonly requestId: string | null,
    /** Seconds after which to try again, if the response says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Run an action. Return the ApiError that it throws; null if it succeeds. Another error is thrown again. */
export async function catchApiError(action: () => Promise<unknown>): Promise<ApiError | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof ApiError) {
      return error;
    }
    throw error;
  }
}

interface ErrorBody {
  error: string;
  message: string;
  requestId?: string;
}

/** Return the error that a response with such a status describes. */
export async function readError(response: globalThis.Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  try {
    const {error, message, requestId} = (await response.json()) as ErrorBody;
    return new ApiError(response.status, error, message, requestId ?? null, retryAfter);
  } catch {
    // A proxy's page, or a connection that was cut off.
    return new ApiError(response.status, "unreadable_response", response.statusText, null, retryAfter);
  }
}
