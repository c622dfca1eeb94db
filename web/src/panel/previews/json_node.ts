import {css, html, LitElement, nothing} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import {controls} from "../../styles/controls.js";
import {formatNumber} from "../../texts/format.js";
import {texts} from "../../texts/texts.js";
import {ExactNumber, type Json} from "./json.js";

const STEP = 100;

/** A value in JSON. What is in it is rendered when it is opened. */
@customElement("fl-json-node")
export class JsonNodeElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        overflow-wrap: anywhere;
      }
      summary {
        cursor: pointer;
      }
      .inside {
        padding-left: var(--space-3);
      }
      .key,
      .count {
        color: var(--color-muted);
      }
      .text {
        color: var(--color-good);
        white-space: pre-wrap;
      }
      .literal {
        color: var(--color-accent);
      }
      button {
        min-height: 0;
      }
    `,
  ];

  @property({attribute: false}) key: string | null = null;
  @property({attribute: false}) value: Json = null;
  @property({attribute: false}) isOpen = false;
  @state() private count = STEP;

  override render() {
    const key = this.key === null ? nothing : html`<span class="key">${this.key}:</span> `;
    const {value} = this;
    if (typeof value === "string") {
      return html`${key}<span class="text">${JSON.stringify(value)}</span>`;
    }
    if (typeof value !== "object" || value === null || value instanceof ExactNumber) {
      return html`${key}<span class="literal">${value instanceof ExactNumber ? value.text : String(value)}</span>`;
    }
    const entries = Object.entries(value);
    const count = formatNumber(entries.length);
    const summary = Array.isArray(value) ? texts.previews.items(count) : texts.previews.keys(count);
    if (!entries.length) {
      return html`${key}<span class="count">${summary}</span>`;
    }
    return html`
      <details ?open=${this.isOpen} @toggle=${this.#toggle}>
        <summary>${key}<span class="count">${summary}</span></summary>
        ${this.isOpen ? this.#inside(entries) : nothing}
      </details>
    `;
  }

  #inside(entries: [string, Json][]) {
    const left = entries.length - this.count;
    return html`<div class="inside">
      ${entries
        .slice(0, this.count)
        .map(([key, value]) => html`<fl-json-node .key=${key} .value=${value}></fl-json-node>`)}
      ${left > 0 ? html`<button @click=${this.#showMore}>${texts.previews.more(formatNumber(Math.min(STEP, left)))}</button>` : nothing}
    </div>`;
  }

  #toggle = (event: Event): void => {
    this.isOpen = (event.target as HTMLDetailsElement).open;
  };

  #showMore = (): void => {
    this.count += STEP;
  };
}
