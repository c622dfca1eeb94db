import {css, html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {CreatedToken, Token} from "../api/types.js";
import {announce} from "../app/announcer.js";
import {controls} from "../styles/controls.js";
import {formatTime} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import type {ConfirmationElement} from "./confirmation.js";
import "./confirmation.js";
import "./new_token.js";
import {PagedList} from "./paged_list.js";
import {failure, sections} from "./sections.js";

const PAGE = 100;

/** Return whether the token may still be used. */
function isActive(token: Token): boolean {
  return !token.revoked_at && !(token.expires_at && Date.parse(token.expires_at) <= Date.now());
}

/** The API tokens of all owners: list them, create one, revoke one. */
@customElement("fl-tokens")
export class TokensElement extends LitElement {
  static override styles = [
    controls,
    sections,
    css`
      fl-new-token {
        margin-top: var(--space-3);
      }
      tr.ended {
        color: var(--color-muted);
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  readonly list = new PagedList<Token>(this, () => this.api.url("api/tokens", {limit: PAGE}));
  @state() private showsEnded = false;
  @state() private asked: Token | null = null;
  @query("fl-confirmation") private confirmation!: ConfirmationElement;

  protected override firstUpdated(): void {
    void this.list.load();
  }

  override render() {
    const {tokens} = texts.administration;
    return html`
      <div class="heading">
        <h2>${tokens.title}</h2>
        <label>
          <input type="checkbox" .checked=${this.showsEnded} @change=${this.#changeFilter} />
          ${tokens.showEnded}
        </label>
      </div>
      ${failure(this.list.error, this.list.load)} ${this.#table()}
      ${this.list.hasMore ? html`<button @click=${this.list.readMore}>${texts.administration.more}</button>` : nothing}
      <fl-new-token .api=${this.api} @created=${this.#add}></fl-new-token>
      <fl-confirmation
        question=${tokens.question(this.asked?.name ?? "")}
        consequences=${tokens.consequences}
        confirm=${tokens.revoke}
      ></fl-confirmation>
    `;
  }

  #table() {
    const {tokens} = texts.administration;
    const {items, error} = this.list;
    if (items === null) {
      return error ? nothing : html`<p class="muted">${texts.administration.loading}</p>`;
    }
    const shown = items.filter((token) => this.showsEnded || isActive(token));
    if (!shown.length) {
      return html`<p class="muted">${tokens.none}</p>`;
    }
    return html`
      <div class="table wide" role="region" tabindex="0" aria-label=${tokens.title}>
        <table>
          <thead>
            <tr>
              <th scope="col">${tokens.name}</th>
              <th scope="col">${tokens.owner}</th>
              <th scope="col">${tokens.scopes}</th>
              <th scope="col">${tokens.created}</th>
              <th scope="col">${tokens.expires}</th>
              <th scope="col">${tokens.lastUsed}</th>
              <th scope="col"><span class="hidden-visually">${tokens.actions}</span></th>
            </tr>
          </thead>
          <tbody>${shown.map((token) => this.#row(token))}</tbody>
        </table>
      </div>
    `;
  }

  #row(token: Token) {
    const {tokens} = texts.administration;
    return html`
      <tr class=${isActive(token) ? "" : "ended"}>
        <th scope="row">${token.name}</th>
        <td>${token.owner}</td>
        <td>${token.scopes.join(", ")}</td>
        <td>${formatTime(token.created_at)}</td>
        <td>${token.expires_at ? formatTime(token.expires_at) : tokens.never}</td>
        <td>${token.last_used_at ? formatTime(token.last_used_at) : tokens.never}</td>
        <td>${this.#action(token)}</td>
      </tr>
    `;
  }

  #action(token: Token) {
    const {tokens} = texts.administration;
    if (token.revoked_at) {
      return tokens.revoked;
    }
    if (!isActive(token)) {
      return tokens.expired;
    }
    return html`
      <button class="danger" aria-label=${tokens.revokeNamed(token.name)} @click=${() => this.#revoke(token)}>
        ${tokens.revoke}
      </button>
    `;
  }

  async #revoke(token: Token): Promise<void> {
    this.asked = token;
    if (!(await this.confirmation.ask())) {
      return;
    }
    await this.list.try(async () => {
      await this.api.delete(`api/tokens/${token.id}`);
      announce(texts.administration.tokens.wasRevoked(token.name));
      const revoked = {...token, revoked_at: new Date().toISOString()};
      this.list.items = (this.list.items ?? []).map((each) => (each.id === token.id ? revoked : each));
    });
  }

  #add = ({detail}: CustomEvent<CreatedToken>): void => {
    this.list.items = [detail, ...(this.list.items ?? [])];
    this.requestUpdate();
  };

  #changeFilter = (event: Event): void => {
    this.showsEnded = (event.target as HTMLInputElement).checked;
  };
}
