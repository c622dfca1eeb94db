import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import type {Usage} from "../api/types.js";
import {type Limits, NO_LIMITS, readLimits} from "./limits.js";
import {retry} from "./retry.js";

const TIMEOUT = 3000;
/* Milliseconds that chosen files wait for what is left of the quotas. */

/** The service's limits for the caller, as far as the API says them. */
export class CallerLimits {
  limits: Limits = NO_LIMITS;

  constructor(readonly api: Api) {}

  /**
   * Read the limits. Return the owner that they are of; null if the API doesn't say it, and the service just checks each
   * file. Throws ApiError: 401; or the signal's reason.
   */
  async read(signal: AbortSignal): Promise<string | null> {
    try {
      const {body} = await retry(() => this.api.get<Usage>("api/usage", {signal}), signal);
      this.limits = readLimits(body);
      return body.owner;
    } catch (error) {
      if (error instanceof ApiError && error.status !== 401) {
        return null;
      }
      throw error;
    }
  }

  /** Read what is left of the quotas again, if there are any: files may have been deleted, or a day have begun. */
  async renew(): Promise<void> {
    const {filesLeft, bytesLeft} = this.limits;
    if (filesLeft === null && bytesLeft === null) {
      return;
    }
    try {
      const {body} = await this.api.get<Usage>("api/usage", {signal: AbortSignal.timeout(TIMEOUT)});
      this.limits = readLimits(body);
    } catch {
      // As before, then. The service checks each file.
    }
  }
}
