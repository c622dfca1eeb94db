import {html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import {ApiError} from "../api/errors.js";
import type {OidcClient} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {dialogs} from "../styles/dialogs.js";
import {texts} from "../texts/texts.js";
import {TokenCredential} from "./credentials.js";
import {authorizationUrl, createSignIn, exchangeCode, issuersMessage} from "./oidc.js";
import {OtherOwnerError, type PageSession} from "./page_session.js";
import {awaitResponse, popupState} from "./sign_in_response.js";
import {signInStyles} from "./sign_in_styles.js";
import type {PendingSignIn} from "./tab_storage.js";

const POPUP = "popup,width=520,height=680";

/** The dialog to sign in, also again when the session has expired. The page stays as it is. */
@customElement("fl-sign-in")
export class SignInElement extends LitElement {
  static override styles = [controls, dialogs, signInStyles];

  @property({attribute: false}) session!: PageSession;

  @state() private problem: string | null = null;
  @state() private isBusy = false;
  /** A sign-in with the issuer, made before the button is pressed: browsers open a window only at once. */
  @state() private prepared: {signIn: PendingSignIn; url: string} | null = null;

  @query("dialog") private dialog!: HTMLDialogElement;
  @query("[name=token]") private token!: HTMLInputElement;
  @query("[name=keep]") private keep!: HTMLInputElement;

  #popup: AbortController | null = null;
  /** Whether the issuer knows the person as another owner, and would not ask. */
  #isOtherOwner = false;

  protected override firstUpdated(): void {
    this.session.addEventListener("question", this.#open);
    this.session.addEventListener("change", this.#followSession);
    void this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.removeEventListener("question", this.#open);
    this.session.removeEventListener("change", this.#followSession);
  }

  /** Whether the person was signed in before, so that the page has something to lose. */
  get #isAgain(): boolean {
    return this.session.caller !== null;
  }

  #open = async (): Promise<void> => {
    const {question, problem} = this.session;
    if (question?.oidc) {
      await this.#prepare(question.oidc);
    }
    if (!question || this.dialog.open) {
      return;
    }
    this.problem = problem ? describeProblem(problem) : null;
    this.session.problem = null;
    this.requestUpdate();
    await this.updateComplete; // the button has the focus then
    if (this.session.question && !this.dialog.open) {
      this.dialog.showModal();
    }
  };

  #followSession = (): void => {
    this.requestUpdate();
    if (!this.session.question) {
      this.#popup?.abort();
      this.dialog.close();
    }
  };

  async #prepare(client: OidcClient): Promise<void> {
    if (!window.isSecureContext) {
      return; // browsers compute no digest there, and the issuer would refuse the URL
    }
    const signIn = createSignIn(client, this.session.base.href, this.session.usesWindow ? popupState : undefined);
    const prompt = this.#isOtherOwner || this.session.storage.read().signedOut ? "login" : undefined;
    this.prepared = {signIn, url: await authorizationUrl(signIn, prompt)};
  }

  #signInWithIssuer = async (): Promise<void> => {
    const {prepared} = this;
    if (!prepared) {
      return;
    }
    if (!this.session.usesWindow) {
      this.session.storage.write({...this.session.storage.read(), pending: prepared.signIn});
      location.assign(prepared.url);
      return;
    }
    this.#popup?.abort();
    this.#popup = new AbortController();
    const {base} = this.session;
    const awaited = awaitResponse(base, prepared.signIn.state, this.#popup.signal);
    awaited.catch(() => null); // aborted
    const popup = window.open(prepared.url, `file-loader sign-in ${base.pathname}`, POPUP);
    if (!popup) {
      this.problem = texts.signIn.blocked;
      return;
    }
    await this.#try(async () => {
      const response = await awaited.catch(() => null);
      if (response) {
        const {client} = prepared.signIn;
        await this.session.accept(await exchangeCode(prepared.signIn, response), {client});
      }
    });
    if (this.session.question?.oidc) {
      await this.#prepare(this.session.question.oidc); // each can be used once
    }
  };

  #signInWithToken = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const token = this.token.value.trim();
    const kept = this.keep.checked ? {token} : {};
    this.isBusy = true;
    await this.#try(() => this.session.accept(new TokenCredential(token), kept));
    this.isBusy = false;
    if (this.session.question) {
      await this.updateComplete;
      this.token.select();
    } else {
      this.token.value = "";
    }
  };

  async #try(signIn: () => Promise<void>): Promise<void> {
    this.problem = null;
    try {
      await signIn();
    } catch (error) {
      this.problem = describeProblem(error);
      this.#isOtherOwner = error instanceof OtherOwnerError;
    }
  }

  override render() {
    const {question} = this.session;
    return html`
      <dialog aria-labelledby="title" @close=${this.#close}>
        <h2 id="title">${this.#isAgain ? texts.signIn.expired : texts.signIn.title}</h2>
        ${this.#isAgain ? html`<p>${this.session.kind === "main" ? texts.signIn.continues : texts.signIn.sends}</p>` : nothing}
        ${this.problem ? html`<p role="alert">${this.problem}</p>` : nothing}
        ${question?.oidc ? this.#issuer(question.oidc) : nothing} ${this.#form()}
      </dialog>
    `;
  }

  #issuer({authorization_endpoint}: OidcClient) {
    const isPossible = window.isSecureContext;
    return html`
      <div class="issuer">
        <button class="primary" autofocus ?disabled=${!this.prepared} @click=${this.#signInWithIssuer}>
          ${texts.signIn.withIssuer(new URL(authorization_endpoint).host)}
        </button>
        ${isPossible ? nothing : html`<p>${texts.signIn.needsTls}</p>`}
      </div>
    `;
  }

  #form() {
    return html`
      <form @submit=${this.#signInWithToken}>
        <input name="username" autocomplete="username" value=${location.host} hidden />
        <label for="token">${texts.signIn.token}</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required spellcheck="false" />
        <label class="check"><input name="keep" type="checkbox" /> ${texts.signIn.keep}</label>
        <div class="buttons">
          <button type="button" @click=${() => this.dialog.close()}>${texts.signIn.later}</button>
          <button class=${this.session.question?.oidc ? "" : "primary"} ?disabled=${this.isBusy}>
            ${texts.signIn.withToken}
          </button>
        </div>
      </form>
    `;
  }

  #close = (): void => {
    this.#popup?.abort();
    if (this.session.question) {
      this.session.decline();
    }
  };
}

function describeProblem(error: unknown): string {
  if (error instanceof OtherOwnerError) {
    return texts.signIn.otherOwner(error.before, error.now);
  }
  if (error instanceof ApiError) {
    return error.code === "offline" ? texts.signIn.offline : error.message;
  }
  return texts.signIn.refused(issuersMessage(error) ?? String(error));
}
