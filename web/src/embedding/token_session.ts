import type {Session} from "../session/session.js";

/** The session of an element whose page has the token. */
export class TokenSession implements Session {
  #token: string | null = null;
  #renewal: Promise<void> | null = null;
  #resolve: (() => void) | null = null;

  /** `ask` returns whether the page is going to set another token in place of the refused one. */
  constructor(readonly ask: () => boolean) {}

  get token(): string | null {
    return this.#token;
  }

  set token(token: string | null) {
    this.#token = token || null;
    this.#resolve?.();
  }

  async authorization(): Promise<string | null> {
    await this.#renewal;
    return this.#token && `Bearer ${this.#token}`;
  }

  async renew(refused: string | null): Promise<void> {
    if (!this.#renewal && refused !== (await this.authorization())) {
      return; // another request's 401 came first
    }
    this.#renewal ??= this.#wait().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  /** Wait for another token, if there is going to be one. Otherwise the request is refused again, and says why. */
  async #wait(): Promise<void> {
    const changed = new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    if (this.ask()) {
      await changed;
    }
    this.#resolve = null;
  }
}
