import {getDroppedFiles} from "@uppy/core/utils";
import {html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {FileStatus} from "../api/types.js";
import {announce} from "../app/announcer.js";
import {formatRoute} from "../app/router.js";
import {showToast} from "../app/toasts.js";
import {controls} from "../styles/controls.js";
import {formatSize} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {CallerLimits} from "./caller_limits.js";
import {type AddFiles, QueueDashboard, readPaths} from "./drop_target.js";
import {describeFailure} from "./failures.js";
import {combineLimits, type Limits, NO_LIMITS} from "./limits.js";
import {type ProcessedFile, ProcessingFiles, type StatusChange, type StatusSource} from "./processing_files.js";
import {type Candidate, type SentFile, UploadQueue} from "./queue.js";
import {lockTabNumber} from "./tab_lock.js";
import {renderFailures, renderForgotten, renderRecent, renderSummary} from "./upload_status.js";
import {uploadStyles, uppyStyles} from "./upload_styles.js";

const TICK = 500;
/* Milliseconds between two renderings of the progress. */

const READY_SHOWN = 8000;
/* Milliseconds for which files that are ready are shown. */

/**
 * Where files are dropped and chosen, and the queue of those that are being sent.
 *
 * Events: `uploaded` with a SentFile, `processed` with a ProcessedFile, which may have failed in that, and
 * `upload-failure` with a Failure.
 */
@customElement("fl-upload-area")
export class UploadAreaElement extends LitElement {
  static override styles = [controls, ...uppyStyles, uploadStyles];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: StatusSource;
  /** Where files are dropped and pasted. */
  @property({attribute: false}) target: HTMLElement = document.documentElement;
  /** Limits besides the service's. */
  @property({attribute: false}) limits: Partial<Limits> = {};
  /** What each file gets as its metadata. */
  @property({attribute: false}) metadata: Record<string, string> = {};
  /** Return the URL of a file's page, if it has one. */
  @property({attribute: false}) linkTo: (id: string) => string | null = (id) =>
    formatRoute({view: "file", id, search: new URLSearchParams()});

  @state() private queue: UploadQueue | null = null;
  /** Why nothing can be uploaded. */
  @state() private problem: string | null = null;
  @state() private isDragging = false;
  @query(".dashboard") private dashboard!: HTMLElement;
  @query("#files") private filesInput!: HTMLInputElement;
  @query("#folder") private folderInput!: HTMLInputElement;

  #service: CallerLimits | null = null;
  #sent = new ProcessingFiles();
  #early: [Candidate[], string[]][] = [];
  #disconnected = new AbortController();
  #timer = 0;
  #dragTimer = 0;
  #speed = 0;
  #announcedFailures = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) {
      this.#connect(); // before the first update, properties aren't there yet
    }
  }

  #connect(): void {
    this.#disconnected = new AbortController();
    const {signal} = this.#disconnected;
    signal.addEventListener("abort", this.changes.observe(this.#handleChange));
    this.changes.addEventListener("reset", this.#stopWaiting, {signal});
    this.target.addEventListener("paste", this.#paste, {signal});
    // Until the queue is there, what is dropped must not replace the page.
    this.target.addEventListener("dragover", (event) => event.preventDefault(), {signal});
    this.target.addEventListener("drop", this.#dropEarly, {signal});
    window.addEventListener("beforeunload", this.#warn, {signal});
    window.addEventListener("online", this.#update, {signal});
    window.addEventListener("offline", this.#update, {signal});
    void this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#disconnected.abort();
    this.queue?.disconnect(); // not for good: it may be moved
  }

  protected override firstUpdated(): void {
    this.#connect();
  }

  protected override updated(): void {
    // Uppy gives a single file the role of a list's item, without a list.
    this.renderRoot.querySelector(".uppy-Dashboard-files:not([role])")?.setAttribute("role", "list");
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (this.queue && (changed.has("limits") || changed.has("metadata"))) {
      this.queue.options.limits = this.#accepted;
      this.queue.options.metadata = this.metadata;
    }
  }

  get #accepted(): Limits {
    return combineLimits(this.#service?.limits ?? NO_LIMITS, this.limits);
  }

  /** Begin again if that has failed. */
  startAgain(): void {
    if (this.problem !== null) {
      void this.#start();
    }
  }

  async #start(): Promise<void> {
    const {signal} = this.#disconnected;
    this.problem = null;
    try {
      this.queue ??= await this.#createQueue();
    } catch (error) {
      if (!signal.aborted) {
        this.problem = describeFailure(error).reason;
      }
      return;
    }
    this.queue.connect({target: this.target, onFiles: this.#add, onDragOver: this.#showDragging});
    for (const [candidates, emptyFolders] of this.#early.splice(0)) {
      this.#add(candidates, emptyFolders);
    }
  }

  async #createQueue(): Promise<UploadQueue> {
    const service = new CallerLimits(this.api);
    const owner = await service.read(this.#disconnected.signal);
    const storeName = owner === null ? null : await this.#nameStore(owner);
    this.#service = service;
    const queue = new UploadQueue({
      api: this.api,
      storeName,
      limits: this.#accepted,
      metadata: this.metadata,
      onChange: this.#schedule,
      onCreate: (file) => this.#sent.create(file),
      onSent: this.#handleSent,
      onFailure: (failure) => this.#emit("upload-failure", failure),
    });
    queue.uppy.use(QueueDashboard, {
      target: this.dashboard,
      theme: getComputedStyle(this).colorScheme.includes("dark") ? "auto" : "light",
      onFiles: this.#add,
    });
    return queue;
  }

  /** Return the name under which this tab keeps an owner's files. */
  async #nameStore(owner: string): Promise<string> {
    const name = `file-loader ${this.api.base.href} ${owner}`;
    return `${name} ${await lockTabNumber(name)}`;
  }

  #add: AddFiles = (candidates, emptyFolders) => {
    if (!this.queue) {
      this.#early.push([candidates, emptyFolders]);
      return;
    }
    void this.#addTo(this.queue, candidates, emptyFolders);
  };

  async #addTo(queue: UploadQueue, ...[candidates, emptyFolders]: Parameters<AddFiles>): Promise<void> {
    // Of files that aren't sent yet, the service counts those that it knows, too.
    if (!queue.unfinishedCount) {
      await this.#service?.renew();
      queue.options.limits = this.#accepted;
    }
    const {added, systemFiles, duplicates} = queue.add(candidates);
    const notices = [
      systemFiles ? texts.upload.systemFiles(systemFiles) : "",
      duplicates ? texts.upload.duplicates(duplicates) : "",
      emptyFolders.length ? texts.upload.emptyFolders(emptyFolders) : "",
    ].filter(Boolean);
    if (notices.length) {
      showToast({text: notices.join(". ")});
    }
    announce([added ? texts.upload.added(added) : "", ...notices].filter(Boolean).join(". "));
  }

  #handleSent = (file: SentFile, status: FileStatus): void => {
    this.#emit("uploaded", file);
    const processed = this.#sent.send(file, status);
    this.changes.poll();
    this.#handleProcessed(processed);
  };

  #handleChange = (change: StatusChange): void => this.#handleProcessed(this.#sent.change(change));

  #handleProcessed(file: ProcessedFile | null): void {
    if (file) {
      this.#emit("processed", file);
    }
    this.#schedule();
  }

  #stopWaiting = (): void => {
    this.#sent.stop();
    this.#schedule();
  };

  #emit<T>(type: string, detail: T): void {
    this.dispatchEvent(new CustomEvent<T>(type, {detail}));
  }

  /** Render soon, but only twice a second: each byte is a change. */
  #schedule = (): void => {
    this.#timer ||= window.setTimeout(this.#update, TICK);
  };

  #update = (): void => {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.queue) {
      return;
    }
    const {progress} = this.queue;
    this.#speed = progress.measureSpeed();
    this.#announceFailures(this.queue.failures.length);
    this.requestUpdate();
    if (progress.totalFiles > progress.sentFiles) {
      this.#schedule();
    } else if (progress.totalFiles && this.#sent.count === 0) {
      announce(texts.upload.finished(progress.sentFiles));
      window.setTimeout(this.#finish, READY_SHOWN);
    }
  };

  #announceFailures(count: number): void {
    if (count > this.#announcedFailures) {
      announce(texts.upload.failures(count));
    }
    this.#announcedFailures = count;
  }

  /** Forget what was counted, if nothing came meanwhile. */
  #finish = (): void => {
    const progress = this.queue?.progress;
    if (progress && progress.totalFiles === progress.sentFiles && this.#sent.count === 0) {
      progress.reset();
      this.#sent.reset();
      this.requestUpdate();
    }
  };

  override render() {
    const {maxFileBytes, allowedTypes} = this.#accepted;
    const hint = this.target === document.documentElement ? texts.upload.hint : texts.upload.hintHere;
    return html`
      <section aria-label=${texts.upload.label}>
        <div class="zone ${this.isDragging ? "dragging" : ""}">
          <button class="primary" @click=${() => this.filesInput.click()}>${texts.upload.choose}</button>
          <button @click=${() => this.folderInput.click()}>${texts.upload.chooseFolder}</button>
          <span class="hint">${this.isDragging ? texts.upload.drop : hint}</span>
          ${maxFileBytes ? html`<span class="limit">${texts.upload.limit(formatSize(maxFileBytes))}</span>` : nothing}
          <input
            id="files"
            type="file"
            multiple
            hidden
            accept=${allowedTypes?.join(",") ?? nothing}
            @change=${this.#choose}
          />
          <input id="folder" type="file" webkitdirectory hidden @change=${this.#choose} />
        </div>
        ${this.problem ? this.#renderProblem(this.problem) : nothing}
        ${this.queue ? this.#renderQueue(this.queue) : nothing}
        <div class="dashboard" ?hidden=${!this.queue?.uppy.getFiles().length}></div>
      </section>
    `;
  }

  #renderProblem(problem: string) {
    return html`
      <p class="notice bad" role="alert">
        ${texts.upload.notPossible(problem)} <button @click=${this.startAgain}>${texts.upload.retry}</button>
      </p>
    `;
  }

  #renderQueue(queue: UploadQueue) {
    const ghosts = queue.ghosts.length;
    return html`
      ${queue.progress.totalFiles ? renderSummary(queue, this.#sent, this.#speed) : nothing}
      ${renderForgotten(queue)}
      ${ghosts ? html`<p class="notice">${texts.upload.chooseAgain(ghosts)}</p>` : nothing}
      ${renderFailures(queue)}
      ${renderRecent(this.#sent.recent, this.linkTo)}
    `;
  }

  /** Take what is dropped before the queue is there. */
  #dropEarly = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    if (!this.queue && event.dataTransfer) {
      this.#add(readPaths(await getDroppedFiles(event.dataTransfer)), []);
    }
  };

  #choose = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    this.#add(readPaths(input.files ?? []), []);
    input.value = ""; // so that the same file can be chosen again
  };

  #paste = (event: ClipboardEvent): void => {
    const files = event.clipboardData?.files;
    if (files?.length) {
      this.#add(readPaths(files), []);
    }
  };

  #showDragging = (): void => {
    this.isDragging = true;
    clearTimeout(this.#dragTimer);
    this.#dragTimer = window.setTimeout(() => {
      this.isDragging = false;
    }, 200); // the browser repeats the event for as long as it goes on
  };

  #warn = (event: BeforeUnloadEvent): void => {
    if (this.queue?.isSending) {
      event.preventDefault();
    }
  };
}
