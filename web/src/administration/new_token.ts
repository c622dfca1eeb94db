import {css, html, LitElement} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import {type ApiError, catchApiError} from "../api/errors.js";
import type {CreatedToken, Scope} from "../api/types.js";
import {announce} from "../app/announcer.js";
import {copyText} from "../app/copy.js";
import {controls} from "../styles/controls.js";
import {dialogs} from "../styles/dialogs.js";
import {texts} from "../texts/texts.js";
import {failure, sections} from "./sections.js";

const SCOPES: Scope[] = ["write", "read", "admin"];
const DAY = 24 * 60 * 60;
const LIFETIMES = {day: DAY, month: 30 * DAY, year: 365 * DAY, never: null} as const;
const DEFAULT_LIFETIME = "month";

type Lifetime = keyof typeof LIFETIMES;

/** A form that creates an API token, and shows it once. Event: `created`, with the token. */
@customElement("fl-new-token")
export class NewTokenElement extends LitElement {
  static override styles = [
    controls,
    sections,
    dialogs,
    css`
      :host {
        padding: 0;
        border: 0;
      }
      h3 {
        margin: 0 0 var(--space-2);
        font-size: 1rem;
      }
      form {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: var(--space-2) var(--space-3);
      }
      label {
        display: grid;
        gap: var(--space-1);
        color: var(--color-muted);
        font-size: 0.875rem;
        max-width: 100%;
      }
      label > * {
        width: 100%;
      }
      dialog {
        width: min(36rem, calc(100vw - 2 * var(--space-3)));
      }
      .secret {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
        margin-bottom: var(--space-3);
      }
      .secret input {
        flex: 1 1 16rem;
        min-width: 0;
        font-family: monospace;
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @state() private secret = "";
  @state() private isCopied = false;
  @state() private isSending = false;
  @state() private error: ApiError | null = null;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("form") private form!: HTMLFormElement;
  @query("#secret") private secretField!: HTMLInputElement;

  override render() {
    const {tokens} = texts.administration;
    return html`
      <h3>${tokens.create}</h3>
      <form @submit=${this.#submit}>
        <label>${tokens.name}<input name="name" required maxlength="100" autocomplete="off" /></label>
        <label>
          ${tokens.owner}
          <input name="owner" maxlength="200" autocomplete="off" placeholder=${tokens.ownerHint} />
        </label>
        <label>
          ${tokens.scope}
          <select name="scope">
            ${SCOPES.map((scope) => html`<option value=${scope}>${tokens.scopeOptions[scope]}</option>`)}
          </select>
        </label>
        <label>
          ${tokens.lifetime}
          <select name="lifetime">
            ${(Object.keys(LIFETIMES) as Lifetime[]).map(
              (each) => html`
                <option value=${each} ?selected=${each === DEFAULT_LIFETIME}>${tokens.lifetimes[each]}</option>
              `,
            )}
          </select>
        </label>
        <button class="primary" ?disabled=${this.isSending}>${tokens.create}</button>
      </form>
      ${failure(this.error, this.#create)}
      <dialog aria-labelledby="title" aria-describedby="hint" @close=${this.#forget}>
        <form method="dialog">
          <h2 id="title">${tokens.secretTitle}</h2>
          <p id="hint">${tokens.secretHint}</p>
          <div class="secret">
            <input id="secret" readonly aria-label=${tokens.secretTitle} .value=${this.secret} />
            <button type="button" @click=${this.#copy}>${this.isCopied ? tokens.copied : tokens.copy}</button>
          </div>
          <button class="primary">${texts.administration.close}</button>
        </form>
      </dialog>
    `;
  }

  #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.#create();
  };

  #create = async (): Promise<void> => {
    const fields = new FormData(this.form);
    const lifetime = fields.get("lifetime") as Lifetime;
    const owner = String(fields.get("owner")).trim();
    this.isSending = true;
    this.error = await catchApiError(async () => {
      const {body} = await this.api.post<CreatedToken>("api/tokens", {
        name: String(fields.get("name")).trim(),
        owner: owner || null,
        scopes: [fields.get("scope")],
        expires_in: LIFETIMES[lifetime],
      });
      this.form.reset();
      this.secret = body.token;
      await this.updateComplete;
      this.dialog.showModal();
      this.secretField.select();
      this.dispatchEvent(new CustomEvent<CreatedToken>("created", {detail: body}));
    }).finally(() => {
      this.isSending = false;
    });
  };

  #copy = async (): Promise<void> => {
    this.secretField.select();
    this.isCopied = await copyText(this.secret);
    if (this.isCopied) {
      announce(texts.administration.tokens.copied);
    } // else the text is selected
  };

  #forget = (): void => {
    this.secret = "";
    this.isCopied = false;
  };
}
