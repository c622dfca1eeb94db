import {html, LitElement, nothing, type TemplateResult} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import {isFinal, isStored} from "../api/statuses.js";
import type {Change, FileResource} from "../api/types.js";
import {announce} from "../app/announcer.js";
import {copy} from "../app/copy.js";
import {formatRoute, navigate} from "../app/router.js";
import {showToast} from "../app/toasts.js";
import type {Deletions} from "../files/deletions.js";
import {downloadFile} from "../files/download.js";
import {statusChip} from "../files/status_chip.js";
import {statusStyles} from "../files/status_styles.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {detailList} from "./details.js";
import {factList, factListStyles} from "./fact_list.js";
import {listFacts} from "./facts.js";
import {failureNote} from "./failure.js";
import {FocusReturn} from "./focus_return.js";
import {panelStyles} from "./panel_styles.js";
import {mismatchNote, typeList} from "./type_list.js";
import "./metadata_form.js";
import "./name_form.js";
import "./previews/preview.js";
import "./timeline.js";

const NARROW = "(max-width: 60rem)";
/* Where the panel covers the list. The same width is in the styles. */

const POLL = 10_000;
/* Milliseconds between two looks at an unfinished file: the change feed has only the owner's files, and
   administrators see others. */

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
  @state() private file: FileResource | null = null;
  @state() private problem: string | null = null;
  @state() private canRetry = false;
  @state() private editing: "name" | "metadata" | null = null;
  #focus = new FocusReturn(this);
  #narrow = matchMedia(NARROW);
  #covered: Element[] = [];
  #stopObserving: () => void = () => {};
  #timer = 0;
  #loads = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute("role", "region");
    this.#observe();
    this.#narrow.addEventListener("change", this.#coverSiblings);
    window.addEventListener("keydown", this.#closeOnEscape);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#uncoverSiblings();
    this.#stopObserving();
    this.#narrow.removeEventListener("change", this.#coverSiblings);
    window.removeEventListener("keydown", this.#closeOnEscape);
  }

  /** Follow the changes. Where this script is loaded after the element is shown, they come with the first update. */
  #observe(): void {
    const {changes} = this;
    this.#stopObserving();
    if (!changes) {
      return;
    }
    const stop = changes.observe(this.#follow);
    changes.addEventListener("reset", this.#reload);
    changes.addEventListener("resumed", this.#reload);
    this.#stopObserving = () => {
      stop();
      changes.removeEventListener("reset", this.#reload);
      changes.removeEventListener("resumed", this.#reload);
    };
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("changes")) {
      this.#observe();
    }
    if (!changed.has("fileId")) {
      return;
    }
    this.#coverSiblings();
    this.file = null;
    this.problem = null;
    this.editing = null;
    if (this.fileId !== null) {
      this.#focus.remember(changed.get("fileId") ?? null);
      void this.#load();
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

  /** Keep the focus out of what the panel covers. */
  #coverSiblings = (): void => {
    this.#uncoverSiblings();
    if (this.fileId !== null && this.#narrow.matches) {
      this.#covered = [...(this.parentElement?.children ?? [])].filter((sibling) => sibling !== this);
    }
    for (const sibling of this.#covered) {
      sibling.toggleAttribute("inert", true);
    }
  };

  #uncoverSiblings(): void {
    for (const sibling of this.#covered) {
      sibling.toggleAttribute("inert", false);
    }
    this.#covered = [];
  }

  #reload = (): void => {
    if (this.fileId !== null) {
      void this.#load();
    }
  };

  async #load(): Promise<void> {
    const load = ++this.#loads;
    const id = this.fileId;
    clearTimeout(this.#timer);
    try {
      const {body} = await this.api.get<FileResource>(`api/files/${encodeURIComponent(id ?? "")}`);
      if (load === this.#loads && id === this.fileId) {
        this.#show(body);
      }
    } catch (error) {
      if (load === this.#loads && id === this.fileId) {
        this.#showProblem(error);
      }
    }
  }

  #show(file: FileResource): void {
    if (this.file?.id === file.id && this.file.version > file.version) {
      return; // an older response that came late
    }
    if (this.file && this.file.status !== file.status) {
      announce(texts.panel.statusChanged(file.name, texts.statuses[file.status] ?? file.status));
    }
    this.file = file;
    this.problem = null;
    clearTimeout(this.#timer);
    if (!isFinal(file.status)) {
      this.#timer = window.setTimeout(this.#reload, POLL);
    }
  }

  #showProblem(error: unknown): void {
    const isUnknown = error instanceof ApiError && ["not_found", "malformed_id"].includes(error.code);
    if (isUnknown) {
      this.problem = this.file ? texts.panel.deleted : texts.panel.unknown;
      this.file = null;
    } else if (!this.file) {
      this.problem = texts.panel.unavailable(describe(error));
    }
    this.canRetry = !isUnknown;
  }

  #follow = (change: Change): void => {
    if (change.id !== this.fileId) {
      return;
    }
    if (change.type === "deleted") {
      this.#loads++; // a response that is on its way is outdated
      this.file = null;
      this.problem = texts.panel.deleted;
      this.canRetry = false;
    } else if (!this.file || change.version > this.file.version) {
      void this.#load();
    }
  };

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
    this.ariaLabel = texts.panel.label(this.file?.name ?? "");
    return html`
      <header>
        <h2 tabindex="-1">${this.file?.name ?? texts.panel.untitled}</h2>
        <button class="close" aria-label=${texts.panel.close} @click=${this.#close}>✕</button>
      </header>
      <div class="content">
        ${this.problem ? this.#problemNote(this.problem) : this.file ? this.#content(this.file) : html`<p>${texts.panel.loading}</p>`}
      </div>
    `;
  }

  #problemNote(problem: string): TemplateResult {
    return html`
      <p role="alert">${problem}</p>
      ${this.canRetry ? html`<button @click=${this.#reload}>${texts.panel.retry}</button>` : nothing}
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
    this.#show(event.detail);
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
      showToast({text: texts.panel.downloadFailed(describe(error))});
    }
  };

  #reprocess = async (): Promise<void> => {
    try {
      const {body} = await this.api.post<FileResource>(`api/files/${this.fileId}/reprocess`);
      this.#show(body);
      this.changes.poll();
      showToast({text: texts.panel.reprocessed});
    } catch (error) {
      showToast({text: texts.panel.reprocessFailed(describe(error))});
    }
  };

  #delete = (): void => {
    if (this.file) {
      this.deletions.add([{id: this.file.id, name: this.file.name}]);
      this.#close();
    }
  };
}

function section(title: string, content: unknown): TemplateResult {
  return html`<section><h3>${title}</h3>${content}</section>`;
}

/** Return why a request failed, for people: with its id, which the log has, too. */
function describe(error: unknown): string {
  return error instanceof ApiError ? texts.app.error(error) : String(error);
}
