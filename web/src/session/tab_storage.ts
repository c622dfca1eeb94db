// What this tab keeps while the page is reloaded, or while an issuer's page is shown in its place.
import type {OidcClient} from "../api/types.js";

/** A sign-in whose response is awaited. */
export interface PendingSignIn {
  client: OidcClient;
  redirectUri: string;
  state: string;
  nonce: string;
  /** The secret that only the sender of the request has (PKCE). */
  verifier: string;
  /** What the page showed. */
  fragment: string;
}

/** What is kept. All of it is optional. */
export interface TabState {
  /** An API token, if the person wants to stay signed in. */
  token?: string;
  /** The issuer that the person has signed in with. Its tokens are never kept. */
  client?: OidcClient;
  pending?: PendingSignIn;
  /** Whether the person has signed out: the issuer then asks for the password again. */
  signedOut?: boolean;
}

/** The state of this tab, for one service: a server may have several, with different paths. */
export class TabStorage {
  readonly #key: string;

  constructor(base: URL) {
    this.#key = `file-loader ${base.pathname}`;
  }

  read(): TabState {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "{}") as TabState;
    } catch {
      return {}; // the browser keeps nothing for this site
    }
  }

  write(state: TabState): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(state));
    } catch {
      // After a reload, the person signs in again.
    }
  }
}
