import {html, LitElement, nothing, type TemplateResult} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import {isStored} from "../api/statuses.js";
import type {FileResource} from "../api/types.js";
import {copy} from "../app/copy.js";
import {formatRoute, navigate} from "../app/router.js";
import {showToast} from "../app/toasts.js";
import type {Deletions} from "../files/deletions.js";
import {downloadFile} from "../files/download.js";
import {statusChip} from "../files/status_chip.js";
import {statusStyles} from "../files/status_styles.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {describeError} from "./describe_error.js";
import {detailList} from "./details.js";
import {factList, factListStyles} from "./fact_list.js";
import {listFacts} from "./facts.js";
import {failureNote} from "./failure.js";
import {FocusReturn} from "./focus_return.js";
import {FollowedFile} from "./followed_file.js";
import {panelStyles} from "./panel_styles.js";
import {SiblingCover} from "./sibling_cover.js";
import {mismatchNote, typeList} from "./type_list.js";
import "./metadata_form.js";
import "./name_form.js";
import "./previews/preview.js";
import "./timeline.js";

/** What is known about a file, beside the list or over it. Hidden without one. */
@customElement("fl-file-panel")
export class FilePanelElement extends LitElement {
  static override styles = [controls, statusStyles, factListStyles, panelStyles];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: Changes;
  @property({attribute: false}) deletions!: Deletions;
  @property({attribute: false}) fileId: string | null = null;
  /** Of the list, which closing the panel leads back to. */
  @property({attribute: false}) search = new URLSearchParams();
  @state() private editing: "name" | "metadata" | null = null;
  #focus = new FocusReturn(this);
  #followed = new FollowedFile(this);
  #cover = new SiblingCover(this, () => this.fileId !== null);

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute("role", "region");
    window.addEventListener("keydown", this.#closeOnEscape);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("keydown", this.#closeOnEscape);
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has("fileId")) {
      return;
    }
    this.#cover.update();
    this.editing = null;
    if (this.fileId !== null) {
      this.#focus.remember(changed.get("fileId") ?? null);
    }
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (!changed.has("fileId")) {
      return;
    }
    if (this.fileId !== null) {
      this.renderRoot.querySelector<HTMLElement>("h2")?.focus();
    } else if (changed.get("fileId")) {
      this.#focus.restore();
    }
  }

  #close = (): void => {
    navigate({view: "files", search: this.search});
  };

  #closeOnEscape = (event: KeyboardEvent): void => {
    const isHere = event.composedPath().includes(this) || event.target === document.body;
    if (event.key === "Escape" && this.fileId !== null && isHere && !event.defaultPrevented) {
      this.#close();
    }
  };

  override render() {
    if (this.fileId === null) {
      return nothing;
    }
    const {file, problem} = this.#followed;
    this.ariaLabel = texts.panel.label(file?.name ?? "");
    return html`
      <header>
        <h2 tabindex="-1">${file?.name ?? texts.panel.untitled}</h2>
        <button class="close" aria-label=${texts.panel.close} @click=${this.#close}>✕</button>
      </header>
      <div class="content">
        ${problem ? this.#problemNote(problem) : file ? this.#content(file) : html`<p>${texts.panel.loading}</p>`}
      </div>
    `;
  }

  #problemNote(problem: string): TemplateResult {
    return html`
      <p role="alert">${problem}</p>
      ${this.#followed.canRetry ? html`<button @click=${this.#followed.reload}>${texts.panel.retry}</button>` : nothing}
    `;
  }

  #content(file: FileResource): TemplateResult {
    const facts = listFacts(file.result ?? {});
    return html`
      ${this.editing === "name" ? this.#nameForm(file) : nothing}
      <p>${statusChip(file.status)}</p>
      ${failureNote(file, this.#reprocess)} ${mismatchNote(file)}
      <fl-preview .api=${this.api} .file=${file}></fl-preview>
      ${this.#actions(file)}
      ${facts.length ? section(texts.panel.content, factList(facts)) : nothing}
      ${section(texts.types.title, typeList(file))}
      ${section(texts.panel.details, detailList(file))}
      ${section(texts.metadata.title, this.#metadata(file))}
      ${section(
        texts.timeline.title,
        html`<fl-file-timeline .api=${this.api} .fileId=${file.id} .version=${file.version}></fl-file-timeline>`,
      )}
    `;
  }

  #actions(file: FileResource): TemplateResult {
    const link = new URL(formatRoute({view: "file", id: file.id, search: new URLSearchParams()}), location.href);
    return html`<div class="actions">
      ${isStored(file.status) ? html`<button class="primary" @click=${this.#download}>${texts.panel.download}</button>` : nothing}
      <button @click=${() => this.#edit("name")}>${texts.panel.rename}</button>
      <button @click=${() => copy(link.href, texts.panel.linkCopied)}>${texts.panel.copyLink}</button>
      ${file.status === "processed" ? html`<button @click=${this.#reprocess}>${texts.panel.reprocess}</button>` : nothing}
      <button class="danger" @click=${this.#delete}>${texts.panel.delete}</button>
    </div>`;
  }

  #nameForm(file: FileResource): TemplateResult {
    return html`<fl-name-form
      .api=${this.api}
      .file=${file}
      @saved=${this.#saved}
      @cancelled=${this.#stopEditing}
    ></fl-name-form>`;
  }

  #metadata(file: FileResource): TemplateResult {
    if (this.editing === "metadata") {
      return html`<fl-metadata-form
        .api=${this.api}
        .file=${file}
        @saved=${this.#saved}
        @cancelled=${this.#stopEditing}
      ></fl-metadata-form>`;
    }
    const entries = Object.entries(file.metadata).map(([label, value]) => ({label, value}));
    return html`
      ${entries.length ? factList(entries) : html`<p>${texts.metadata.none}</p>`}
      <button class="edit-metadata" @click=${() => this.#edit("metadata")}>${texts.metadata.edit}</button>
    `;
  }

  #edit(part: "name" | "metadata"): void {
    this.editing = part;
  }

  #saved = (event: CustomEvent<FileResource>): void => {
    this.#followed.show(event.detail);
    this.changes.poll();
    this.#stopEditing();
  };

  #stopEditing = async (): Promise<void> => {
    const part = this.editing;
    this.editing = null;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(part === "metadata" ? ".edit-metadata" : "h2")?.focus();
  };

  #download = async (): Promise<void> => {
    try {
      await downloadFile(this.api, this.fileId ?? "");
    } catch (error) {
      showToast({text: texts.panel.downloadFailed(describeError(error))});
    }
  };

  #reprocess = async (): Promise<void> => {
    try {
      const {body} = await this.api.post<FileResource>(`api/files/${this.fileId}/reprocess`);
      this.#followed.show(body);
      this.changes.poll();
      showToast({text: texts.panel.reprocessed});
    } catch (error) {
      showToast({text: texts.panel.reprocessFailed(describeError(error))});
    }
  };

  #delete = (): void => {
    const {file} = this.#followed;
    if (file) {
      this.deletions.add([{id: file.id, name: file.name}]);
      this.#close();
    }
  };
}

function section(title: string, content: unknown): TemplateResult {
  return html`<section><h3>${title}</h3>${content}</section>`;
}
