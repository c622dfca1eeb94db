import type {Session} from "../session/session.js";
import {ApiError, readError} from "./errors.js";

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Send it although the page is being left. */
  keepalive?: boolean;
}

export interface ApiResponse<T> {
  body: T;
  headers: Headers;
  /** The URL of the next page of a list. */
  next: URL | null;
}

/** Sends requests to the API. Each has the session's token; after a 401 the session is renewed, once. */
export class Api {
  /** `base` is the URL of the page, which the paths are relative to. It ends with a slash. */
  constructor(
    readonly base: URL,
    readonly session: Session,
  ) {}

  /** Return the absolute URL of a path such as `api/files`. */
  url(path: string, query: Query = {}): URL {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) {
        url.searchParams.append(name, String(value));
      }
    }
    return url;
  }

  get<T>(path: string | URL, options: RequestOptions = {}): Promise<ApiResponse<T>> {
    return this.send<T>("GET", path, options);
  }

  post<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<ApiResponse<T>> {
    return this.send<T>("POST", path, {...options, body});
  }

  patch<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<ApiResponse<T>> {
    return this.send<T>("PATCH", path, {...options, body});
  }

  delete(path: string, options: RequestOptions = {}): Promise<ApiResponse<null>> {
    return this.send<null>("DELETE", path, options);
  }

  /** Send a request. Throws ApiError, or the reason of `options.signal` when that aborts it. */
  async send<T>(method: string, path: string | URL, options: RequestOptions = {}): Promise<ApiResponse<T>> {
    const authorization = await this.session.authorization();
    let response = await this.#fetch(method, path, options, authorization);
    if (response.status === 401) {
      await this.session.renew(authorization);
      response = await this.#fetch(method, path, options, await this.session.authorization());
    }
    if (!response.ok) {
      throw await readError(response);
    }
    const text = await response.text();
    return {
      body: (text ? JSON.parse(text) : null) as T,
      headers: response.headers,
      next: readNext(response.headers.get("Link"), this.base),
    };
  }

  async #fetch(
    method: string,
    path: string | URL,
    options: RequestOptions,
    authorization: string | null,
  ): Promise<Response> {
    const headers = new Headers(options.headers);
    if (authorization) {
      headers.set("Authorization", authorization);
    }
    const init: RequestInit = {method, headers, credentials: "omit", keepalive: options.keepalive ?? false};
    if (options.body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(options.body);
    }
    if (options.signal) {
      init.signal = options.signal;
    }
    const url = path instanceof URL ? path : this.url(path, options.query);
    try {
      return await fetch(url, init);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw new ApiError(0, "offline", String(error), null);
    }
  }
}

/** Return the URL of the next page, at the server that the page comes from: it may know itself by another name. */
function readNext(link: string | null, base: URL): URL | null {
  const target = link?.match(/<([^>]+)>\s*;\s*rel="?next"?/)?.[1];
  if (!target) {
    return null;
  }
  const {search} = new URL(target, base);
  return new URL(`api/${new URL(target, base).pathname.split("/api/").at(-1)}${search}`, base);
}
