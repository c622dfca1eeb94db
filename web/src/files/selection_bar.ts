import {css, html, LitElement, nothing} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import {showToast} from "../app/toasts.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import type {Deletions, NamedFile} from "./deletions.js";
import {downloadFile} from "./download.js";
import {type Failure, runForEach} from "./run_for_each.js";

interface Progress {
  label: string;
  done: number;
  of: number;
}

/** What can be done with the selected files, and how far that is. Event: `clear`, to select none. */
@customElement("fl-selection-bar")
export class SelectionBarElement extends LitElement {
  static override styles = [
    controls,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--space-2);
        padding: var(--space-2) var(--space-3);
        background: var(--color-selected);
      }
      strong {
        margin-inline-end: auto;
      }
      progress {
        accent-color: var(--color-accent);
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: Changes;
  @property({attribute: false}) deletions!: Deletions;
  @property({attribute: false}) files: NamedFile[] = [];
  @state() private progress: Progress | null = null;

  override render() {
    return html`${this.files.length ? this.#actions() : nothing} ${this.progress ? this.#progress(this.progress) : nothing}`;
  }

  #actions() {
    const labels = texts.selection;
    const isBusy = this.progress !== null;
    return html`
      <div class="bar" role="toolbar" aria-label=${labels.label}>
        <strong>${labels.count(this.files.length)}</strong>
        <button ?disabled=${isBusy} @click=${this.#download}>${labels.download}</button>
        <button ?disabled=${isBusy} @click=${this.#reprocess}>${labels.reprocess}</button>
        <button class="danger" @click=${this.#delete}>${labels.delete}</button>
        <button @click=${() => this.dispatchEvent(new Event("clear"))}>${labels.clear}</button>
      </div>
    `;
  }

  #progress({label, done, of}: Progress) {
    return html`
      <div class="bar" role="status">
        <progress aria-label=${label} max=${of} .value=${done}></progress>
        ${texts.selection.progress(label, done, of)}
      </div>
    `;
  }

  #delete = (): void => this.deletions.add(this.files.map(({id, name}) => ({id, name})));

  #reprocess = async (): Promise<void> => {
    const failures = await this.#run(texts.selection.reprocessing, async ({id}) => {
      await this.api.post(`api/files/${id}/reprocess`);
    });
    this.changes.poll();
    this.#report(failures, texts.selection.reprocessFailed);
  };

  /** One after another: a browser drops downloads that begin at once. */
  #download = async (): Promise<void> => {
    const failures = await this.#run(texts.selection.downloading, ({id}) => downloadFile(this.api, id), 1);
    this.#report(failures, texts.selection.downloadFailed);
  };

  async #run(label: string, action: (file: NamedFile) => Promise<void>, atOnce?: number): Promise<Failure[]> {
    const files = this.files;
    this.progress = {label, done: 0, of: files.length};
    const report = (done: number) => {
      this.progress = {label, done, of: files.length};
    };
    try {
      return await runForEach(files, action, {report, ...(atOnce ? {atOnce} : {})});
    } finally {
      this.progress = null;
    }
  }

  #report(failures: Failure[], describe: (failures: Failure[]) => string): void {
    if (failures.length) {
      showToast({text: describe(failures), seconds: 0});
    }
  }
}
