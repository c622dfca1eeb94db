import {ApiError} from "../api/errors.js";
import {texts} from "../texts/texts.js";

/** Return why a request failed, for people: with its id, which the log has, too. */
export function describeError(error: unknown): string {
  return error instanceof ApiError ? texts.app.error(error) : String(error);
}
