import {ApiError, readError} from "../api/errors.js";
import type {Caller, OidcClient, SignIn} from "../api/types.js";
import {type Credential, TokenCredential} from "./credentials.js";
import type {Session} from "./session.js";
import {takeResponse} from "./sign_in_response.js";
import {type TabState, TabStorage} from "./tab_storage.js";

/** The person has signed in as another owner than before, whose uploads the page still has. */
export class OtherOwnerError extends Error {
  constructor(
    readonly before: string,
    readonly now: string,
  ) {
    super(`signed in as ${now} instead of ${before}`);
  }
}

/**
 * Which page has the session. An issuer sends people back to the page at `/`, where requests wait until the person has
 * signed in. The documentation signs in by a window of its own, and has nothing to lose if the person doesn't.
 */
export type PageKind = "main" | "docs";

/**
 * The session of a page. It has a credential only once the API asks for one: where it doesn't, the page at `/` sends
 * no request about it. While the person signs in, all requests wait.
 *
 * Events: `change` when the properties change, `question` when the person has to sign in.
 */
export class PageSession extends EventTarget implements Session {
  /** Who has signed in. */
  caller: Caller | null = null;
  /** How the person can sign in, while the page waits for that. */
  question: SignIn | null = null;
  /** Whether the API needs a credential, as far as the page knows. */
  isRequired = false;
  /** Why signing in failed before the page was loaded. */
  problem: unknown = null;

  readonly storage: TabStorage;
  #credential: Credential | null = null;
  #renewal: Promise<void> | null = null;
  #answer: (() => void) | null = null;

  constructor(
    readonly base: URL,
    readonly kind: PageKind = "main",
  ) {
    super();
    this.storage = new TabStorage(base);
    this.#renewal = this.#resume()?.finally(() => this.#endRenewal()) ?? null;
  }

  /** Whether the person signs in at the issuer in a window of its own, and the page stays. */
  get usesWindow(): boolean {
    return this.kind === "docs" || this.caller !== null;
  }

  /** Let the person sign in before a request is refused. Throws ApiError. */
  async offer(): Promise<void> {
    const {required} = await this.#readSignIn();
    if (required) {
      await import("./account.js");
      this.isRequired = true;
      this.#change();
    }
  }

  async authorization(): Promise<string | null> {
    await this.#renewal?.catch(() => null); // the request is refused again, and says why
    return this.#credential?.authorization ?? null;
  }

  renew(refused: string | null): Promise<void> {
    if (!this.#renewal && refused !== (this.#credential?.authorization ?? null)) {
      return Promise.resolve(); // another request's 401 came first
    }
    this.#renewal ??= this.#refreshOrAsk().finally(() => this.#endRenewal());
    return this.#renewal;
  }

  /** Show the dialog, also again when the person has closed it. */
  ask(): void {
    if (this.question) {
      this.dispatchEvent(new Event("question"));
    } else {
      this.renew(this.#credential?.authorization ?? null).catch(() => null); // offline
    }
  }

  /** Leave the question open or, in the documentation, end the session, so that waiting requests are refused. */
  decline(): void {
    if (this.kind === "docs") {
      this.question = null;
      this.caller = null;
      this.#credential = null;
      this.#answer?.();
      this.#change();
    }
  }

  /** Sign in. Throws ApiError if the API doesn't accept the credential, and OtherOwnerError. */
  async accept(credential: Credential, kept: TabState): Promise<void> {
    const caller = await this.#identify(credential);
    if (this.kind === "main" && this.caller && this.caller.owner !== caller.owner) {
      throw new OtherOwnerError(this.caller.owner, caller.owner);
    }
    this.storage.write(kept);
    this.caller = caller;
    this.#credential = credential;
    this.question = null;
    this.#answer?.();
    this.#change();
  }

  /** Forget the credential, and all else that the page has in memory. */
  signOut(): void {
    this.storage.write({signedOut: true});
    location.reload();
  }

  /** Go on where the page was before it was loaded. Returns null if there is nothing that requests have to wait for. */
  #resume(): Promise<void> | null {
    const taken = takeResponse(this.storage);
    const {token, client, ...others} = this.storage.read();
    if (taken) {
      return this.#finish(taken);
    }
    if (token) {
      this.#credential = new TokenCredential(token);
      void this.#identify(this.#credential).then(
        (caller) => {
          this.caller = caller;
          this.#change();
        },
        () => null, // the page's other requests are refused as well
      );
    } else if (client && this.kind === "main") {
      this.storage.write(others); // so that it is tried once
      return this.#signInSilently(client);
    }
    return null;
  }

  async #finish({pending, response}: NonNullable<ReturnType<typeof takeResponse>>): Promise<void> {
    const {exchangeCode, needsPerson} = await import("./oidc.js");
    try {
      await this.accept(await exchangeCode(pending, response), {client: pending.client});
    } catch (error) {
      this.problem = needsPerson(error) ? null : error; // requests are refused now, and the dialog shows it
    }
  }

  /** Let the issuer send the person back at once, if it still knows who it is. */
  async #signInSilently(client: OidcClient): Promise<void> {
    const {authorizationUrl, createSignIn} = await import("./oidc.js");
    const pending = createSignIn(client, this.base.href);
    this.storage.write({...this.storage.read(), pending});
    location.replace(await authorizationUrl(pending, "none"));
    await new Promise(() => {}); // the page ends
  }

  async #refreshOrAsk(): Promise<void> {
    const next = await this.#credential?.refresh();
    if (next) {
      this.#credential = next;
    } else {
      await this.#askPerson();
    }
  }

  async #askPerson(): Promise<void> {
    const signIn = await this.#readSignIn();
    if (!signIn.required) {
      return; // it wasn't the API that refused the request, and signing in wouldn't help
    }
    await Promise.all([import("./sign_in.js"), import("./account.js")]);
    const answered = new Promise<void>((resolve) => {
      this.#answer = resolve;
    });
    this.isRequired = true;
    this.question = signIn;
    this.#change();
    this.ask();
    await answered;
  }

  async #readSignIn(): Promise<SignIn> {
    return (await this.#get("api/sign-in")) as SignIn;
  }

  async #identify({authorization}: Credential): Promise<Caller> {
    await import("./account.js");
    return (await this.#get("api/me", {Authorization: authorization})) as Caller;
  }

  async #get(path: string, headers: Record<string, string> = {}): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.base), {headers, credentials: "omit"});
    } catch (error) {
      throw new ApiError(0, "offline", String(error), null);
    }
    if (!response.ok) {
      throw await readError(response);
    }
    return response.json();
  }

  #endRenewal(): void {
    this.#renewal = null;
  }

  #change(): void {
    this.dispatchEvent(new Event("change"));
  }
}
