import {css, html, LitElement, nothing} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {Caller} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import type {PageSession} from "./page_session.js";

/** Who is signed in, and the buttons to sign in and out. Empty where the API needs no credential. */
@customElement("fl-account")
export class AccountElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        margin-inline-start: auto;
      }
      details {
        position: relative;
      }
      summary {
        cursor: pointer;
        padding: var(--space-1) var(--space-2);
        border-radius: calc(var(--radius) / 2);
        max-width: 16rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .menu {
        position: absolute;
        inset: 100% 0 auto auto;
        z-index: 20;
        display: grid;
        gap: var(--space-2);
        min-width: 14rem;
        max-width: calc(100vw - 2 * var(--space-3));
        padding: var(--space-3);
        border: 1px solid var(--color-border);
        border-radius: var(--radius);
        background: var(--color-surface);
        box-shadow: var(--shadow);
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--space-1) var(--space-3);
        margin: 0;
      }
      dt {
        color: var(--color-muted);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({attribute: false}) session!: PageSession;

  // Not earlier: this module is loaded when the element and its properties are there already.
  protected override firstUpdated(): void {
    this.session.addEventListener("change", this.#update);
    document.addEventListener("pointerdown", this.#closeMenu);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.removeEventListener("change", this.#update);
    document.removeEventListener("pointerdown", this.#closeMenu);
  }

  #update = (): void => {
    this.requestUpdate();
  };

  #closeMenu = (event: Event): void => {
    const menu = this.renderRoot.querySelector("details");
    if (menu?.open && !event.composedPath().includes(this)) {
      menu.open = false;
    }
  };

  #closeMenuByKey = (event: KeyboardEvent): void => {
    const menu = this.renderRoot.querySelector("details");
    if (event.key === "Escape" && menu?.open) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  };

  override render() {
    const {caller, isRequired, question} = this.session;
    return html`
      ${question || (isRequired && !caller) ? html`<button class="primary" @click=${() => this.session.ask()}>${texts.signIn.title}</button>` : nothing}
      ${caller && !question ? this.#menu(caller) : nothing}
    `;
  }

  #menu(caller: Caller) {
    return html`
      <details @keydown=${this.#closeMenuByKey}>
        <summary>${caller.owner}</summary>
        <div class="menu">
          <dl>
            <dt>${texts.account.owner}</dt>
            <dd>${caller.owner}</dd>
            <dt>${texts.account.allowed}</dt>
            <dd>${texts.account.scopes[caller.scopes.at(-1) ?? "read"]}</dd>
            ${
              caller.token
                ? html`<dt>${texts.account.token}</dt>
                    <dd>${caller.token.name}</dd>`
                : nothing
            }
          </dl>
          <button @click=${() => this.session.signOut()}>${texts.account.signOut}</button>
        </div>
      </details>
    `;
  }
}
