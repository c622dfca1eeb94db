import {css, html, LitElement, nothing, type TemplateResult} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../../api/client.js";
import {findContentUrl, findThumbnailUrl} from "../../api/content.js";
import {ApiError} from "../../api/errors.js";
import {isStored} from "../../api/statuses.js";
import type {FileResource} from "../../api/types.js";
import {controls} from "../../styles/controls.js";
import {texts} from "../../texts/texts.js";
import {readBeginning} from "../beginning.js";
import {choosePreview, type PreviewKind} from "./preview_kind.js";
import "./media_preview.js";

/** The beginning of a file's content, or a picture of it. Nothing in it runs: what may is shown as text. */
@customElement("fl-preview")
export class PreviewElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }
      img {
        display: block;
        max-width: 100%;
        max-height: 24rem;
        margin: 0 auto;
        border: 1px solid var(--color-border);
        border-radius: calc(var(--radius) / 2);
        background: var(--color-raised);
      }
      p {
        margin: var(--space-2) 0;
        color: var(--color-muted);
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) file!: FileResource;
  @state() private shown: TemplateResult | typeof nothing = nothing;
  @state() private error: string | null = null;
  #key = "";
  #abort = new AbortController();

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#abort.abort();
  }

  protected override willUpdate(): void {
    const kind = choosePreview(this.file);
    const hasBytes = isStored(this.file.status);
    // Another name or status doesn't change the content.
    const key = [this.file.id, this.file.checksum?.value, this.file.uploaded_at, kind, hasBytes].join(" ");
    if (key !== this.#key) {
      this.#key = key;
      void this.#load(hasBytes ? kind : "none");
    }
  }

  async #load(kind: PreviewKind): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    const {signal} = this.#abort;
    this.error = null;
    this.shown = kind === "none" ? this.#nothingToShow() : html`<p>${texts.previews.loading}</p>`;
    try {
      const shown = await this.#render(kind, signal);
      if (!signal.aborted) {
        this.shown = shown;
      }
    } catch (error) {
      if (!signal.aborted) {
        this.error = error instanceof ApiError ? error.message : String(error);
      }
    }
  }

  #nothingToShow(): TemplateResult {
    const isComing = this.file.status === "uploaded" || this.file.status === "processing";
    return html`<p>${isComing ? texts.previews.waiting : texts.previews.none}</p>`;
  }

  async #render(kind: PreviewKind, signal: AbortSignal): Promise<TemplateResult | typeof nothing> {
    const {api, file} = this;
    switch (kind) {
      case "none":
        return this.#nothingToShow();
      case "picture":
        return this.#picture(await findContentUrl(api, file.id), texts.previews.picture(file.name));
      case "thumbnail":
        return this.#picture(
          await findThumbnailUrl(api, file.id),
          (file.types.detected === "application/pdf" ? texts.previews.firstPage : texts.previews.picture)(
            file.name,
          ),
        );
      case "audio":
      case "video":
        return html`<fl-media-preview
          .api=${api}
          .file=${file}
          .kind=${kind}
          .url=${await findContentUrl(api, file.id)}
        ></fl-media-preview>`;
      default: {
        const [beginning] = await Promise.all([readBeginning(api, file, signal), loadTextPreview(kind)]);
        if (!beginning.text) {
          return html`<p>${texts.previews.empty}</p>`;
        }
        return renderText(kind, file, beginning);
      }
    }
  }

  #picture(url: string, text: string): TemplateResult {
    const showError = () => {
      this.error = texts.previews.broken;
    };
    return html`<img src=${url} alt=${text} @error=${showError} />`;
  }

  override render() {
    return this.error
      ? html`<p role="alert">${texts.previews.failed(this.error)}</p>
          <button @click=${this.#retry}>${texts.panel.retry}</button>`
      : this.shown;
  }

  #retry = (): void => {
    this.#key = "";
    this.requestUpdate();
  };
}

/** Load the script for a kind of text: a table's is the largest. */
function loadTextPreview(kind: PreviewKind): Promise<unknown> {
  switch (kind) {
    case "table":
      return import("./table_preview.js");
    case "tree":
      return import("./tree_preview.js");
    default:
      return import("./text_preview.js");
  }
}

function renderText(kind: PreviewKind, file: FileResource, beginning: unknown): TemplateResult {
  switch (kind) {
    case "table":
      return html`<fl-table-preview .file=${file} .beginning=${beginning}></fl-table-preview>`;
    case "tree":
      return html`<fl-tree-preview .file=${file} .beginning=${beginning}></fl-tree-preview>`;
    default:
      return html`<fl-text-preview .file=${file} .beginning=${beginning}></fl-text-preview>`;
  }
}
