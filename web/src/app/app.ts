import {css, html, LitElement, nothing} from "lit";
import {customElement, state} from "lit/decorators.js";
import {Changes} from "../api/changes.js";
import {Api} from "../api/client.js";
import {catchApiError} from "../api/errors.js";
import type {Caller} from "../api/types.js";
import {Deletions} from "../files/deletions.js";
import {PageSession} from "../session/page_session.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {loadPart} from "./load_part.js";
import {formatRoute, parseRoute, type Route} from "./router.js";
import "../files/file_list.js";
import "./announcer.js";
import "./toasts.js";

/** Call it when the browser has nothing else to do: the list comes first. */
function afterList(callback: () => void): void {
  // Safari has no requestIdleCallback: https://caniuse.com/requestidlecallback
  (globalThis.requestIdleCallback ?? setTimeout)(callback);
}

/** The page: its header, the list or the administration, and a file's panel over it. */
@customElement("fl-app")
export class AppElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-rows: auto 1fr;
        height: 100dvh;
        background: var(--color-page);
        color: var(--color-text);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2) var(--space-4);
        padding: var(--space-2) var(--space-3);
        border-bottom: 1px solid var(--color-border);
        background: var(--color-surface);
      }
      h1 {
        margin: 0;
        font-size: 1.125rem;
      }
      nav {
        display: flex;
        gap: var(--space-3);
      }
      nav a[aria-current="page"] {
        color: inherit;
        font-weight: 600;
        text-decoration: none;
      }
      .skip:not(:focus) {
        position: absolute;
        clip-path: inset(50%);
      }
      fl-upload-area {
        display: block;
        min-height: 4.75rem; /* so that the list doesn't move when it is there */
      }
      main {
        min-height: 0;
        overflow: hidden;
        display: grid;
        grid-template: auto minmax(0, 1fr) / minmax(0, 1fr) auto;
      }
      fl-upload-area,
      fl-file-list {
        grid-area: 1 / 1;
      }
      fl-file-list {
        grid-row: 2;
      }
      fl-administration {
        grid-area: 1 / 1 / -1 / -1;
      }
    `,
  ];

  readonly session = new PageSession(new URL("..", import.meta.url)); // before the route: it may restore the URL
  readonly api = new Api(this.session.base, this.session);
  readonly changes = new Changes(this.api);
  readonly deletions = new Deletions(this.api);

  @state() private route: Route = parseRoute(location.hash);
  @state() private isAdministrator = false;
  /** What the list shows while a file's panel is open, too. */
  #search = new URLSearchParams();

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#readRoute);
    this.session.addEventListener("change", this.#followSession);
    this.changes.start();
    this.#readRoute();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("hashchange", this.#readRoute);
    this.session.removeEventListener("change", this.#followSession);
    this.changes.stop();
  }

  protected override firstUpdated(): void {
    afterList(() => void loadPart(() => import("../upload/upload_area.js")));
    afterList(() => void this.#readCaller());
  }

  #followSession = (): void => {
    if (this.session.caller) {
      this.#followCaller(this.session.caller);
    }
  };

  /** Find out who is calling where the API needs no credential. Otherwise the session finds it out. */
  async #readCaller(): Promise<void> {
    await catchApiError(async () => {
      if ((await this.session.authorization()) === null) {
        this.#followCaller((await this.api.get<Caller>("api/me")).body);
      }
    });
  }

  #followCaller({owner, scopes}: Caller): void {
    this.isAdministrator = scopes.includes("admin");
    this.changes.owner = owner;
  }

  #readRoute = (): void => {
    this.route = parseRoute(location.hash);
    if (this.route.view === "administration") {
      void loadPart(() => import("../administration/administration.js"));
      return;
    }
    this.#search = this.route.search;
    if (this.route.view === "file") {
      void loadPart(() => import("../panel/file_panel.js"));
    }
  };

  override render() {
    return html`
      <header>
        <a class="skip" href="#main" @click=${this.#focusMain}>${texts.app.skip}</a>
        <h1>${texts.app.name}</h1>
        <nav>
          ${this.#link({view: "files", search: this.#search}, texts.app.files)}
          ${this.isAdministrator ? this.#link({view: "administration"}, texts.app.administration) : nothing}
          <a href=${this.api.url("api/docs").href}>${texts.app.api}</a>
        </nav>
        <fl-account .session=${this.session}></fl-account>
      </header>
      <main id="main" tabindex="-1">${this.#view()}</main>
      <fl-toasts></fl-toasts>
      <fl-announcer></fl-announcer>
      <fl-sign-in .session=${this.session}></fl-sign-in>
    `;
  }

  #view() {
    const panel = this.route.view === "file" ? this.route : null;
    const isAdministration = this.route.view === "administration";
    // The uploads go on meanwhile.
    return html`
      <fl-upload-area ?hidden=${isAdministration} .api=${this.api} .changes=${this.changes}></fl-upload-area>
      ${
        isAdministration
          ? html`<fl-administration .api=${this.api}></fl-administration>`
          : html`
            <fl-file-list
              .api=${this.api}
              .changes=${this.changes}
              .deletions=${this.deletions}
              .search=${this.#search}
              .openId=${panel?.id ?? null}
            ></fl-file-list>
            <fl-file-panel
              .api=${this.api}
              .changes=${this.changes}
              .deletions=${this.deletions}
              .search=${this.#search}
              .fileId=${panel?.id ?? null}
              ?hidden=${!panel}
            ></fl-file-panel>
          `
      }
    `;
  }

  #link(route: Route, label: string) {
    const current = (route.view === "administration") === (this.route.view === "administration");
    return html`<a href=${formatRoute(route)} aria-current=${current ? "page" : "false"}>${label}</a>`;
  }

  #focusMain = (event: Event): void => {
    event.preventDefault(); // the fragment is the route
    this.renderRoot.querySelector<HTMLElement>("main")?.focus();
  };
}
