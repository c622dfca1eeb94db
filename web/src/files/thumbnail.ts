import {css, html, LitElement} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Thumbnails} from "./thumbnails.js";

const PAUSE = 100;
/* Milliseconds for which a row must be visible before its picture is asked for: scrolling fast loads none. */

/** A small picture of a file, or its kind in a few letters. Its size is fixed. */
@customElement("fl-thumbnail")
export class ThumbnailElement extends LitElement {
  static override styles = css`
    :host {
      display: grid;
      place-items: center;
      width: 2.5rem;
      height: 2.5rem;
      overflow: hidden;
      border: 1px solid var(--color-border);
      border-radius: 0.25rem;
      background: var(--color-raised);
      color: var(--color-muted);
      font-size: 0.625rem;
      font-weight: 600;
    }
    img {
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
  `;

  @property({attribute: false}) thumbnails!: Thumbnails;
  @property({attribute: false}) fileId = "";
  @property({attribute: false}) version = 0;
  @property({attribute: false}) hasThumbnail = false;
  @property({attribute: false}) label = "";
  @state() private url: string | null = null;
  #timer = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("fileId") || changed.has("version") || changed.has("hasThumbnail")) {
      clearTimeout(this.#timer);
      if (changed.has("fileId") || !this.hasThumbnail) {
        this.url = null;
      }
      if (this.hasThumbnail) {
        this.#timer = window.setTimeout(() => void this.#load(), PAUSE);
      }
    }
  }

  async #load(): Promise<void> {
    const {fileId, version} = this;
    const url = await this.thumbnails.url(fileId, version);
    if (fileId === this.fileId && version === this.version) {
      this.url = url;
    }
  }

  override render() {
    return this.url
      ? html`<img src=${this.url} alt="" decoding="async" @error=${this.#forget}>`
      : html`<span aria-hidden="true">${this.label}</span>`;
  }

  #forget = (): void => {
    this.url = null;
  };
}
