import UppyCore from "@uppy/core";
import {getSafeFileId} from "@uppy/core/utils";
import GoldenRetriever from "@uppy/golden-retriever";
import type {Api} from "../api/client.js";
import type {FileStatus} from "../api/types.js";
import {PageDropTarget} from "./drop_target.js";
import {describeFailure, type Failure} from "./failures.js";
import {checkFile, type Limits} from "./limits.js";
import {Progress} from "./progress.js";
import {QueueRecord} from "./queue_record.js";
import {isSystemFile} from "./system_files.js";
import type {StoredUpload} from "./transfer.js";
import {type FileMeta, type Queue, type QueuedFile, Uploader} from "./uploader.js";
import {WaitingFiles} from "./waiting_files.js";

const WINDOW = 30;
/* Files that Uppy has at the same time. Each change of one costs time in proportion to all: with 10,000 it would
   take seconds, so the others wait in a list of ours. */

const SHOWN = {last: 700, others: 50};
/* Milliseconds for which a finished file is shown: shorter while others wait for its place. */

const DAY = 24 * 60 * 60 * 1000;
const KEPT = 7 * DAY;
/* Milliseconds: the service gives up an upload after seven days. */

/** A file that was dropped or chosen. */
export interface Candidate {
  file: File;
  /** The file's name, after the names of the folders it was in: `holiday/beach.jpg`. */
  path: string;
  /** What continues an upload that has failed. */
  begun?: {key: string; uploadId: string | undefined};
}

/** A file whose bytes are sent. */
export interface SentFile {
  id: string;
  path: string;
  file: Blob;
}

/** What became of files that were added. */
export interface Added {
  added: number;
  systemFiles: number;
  duplicates: number;
}

export interface QueueOptions {
  api: Api;
  /**
   * Where unfinished files are kept in the browser, until another page with the same name restores them. Null: nowhere,
   * where it isn't known whose files they are.
   */
  storeName: string | null;
  limits: Limits;
  /** What each file gets as its metadata when its upload is created. */
  metadata: Record<string, string>;
  onChange: () => void;
  onCreate: (file: SentFile) => void;
  /** `status` is the file's then. */
  onSent: (file: SentFile, status: FileStatus) => void;
  onFailure: (failure: Failure) => void;
}

/** The files to upload. A window of them is in Uppy, which shows them, and keeps them for the case of a reload. */
export class UploadQueue {
  readonly progress = new Progress();
  readonly uppy: Queue;
  readonly record: QueueRecord;
  failures: Failure[] = [];
  isPaused = false;

  #uploader: Uploader;
  #waiting = new WaitingFiles();
  #ids = new Set<string>();
  #goesOn = false;
  #finished: string[] = [];
  /** What was added before the files of an earlier page were restored, which replaces all. */
  #addedBefore: ReturnType<Queue["getState"]>["files"] = {};

  constructor(readonly options: QueueOptions) {
    this.record = new QueueRecord(options.storeName);
    this.uppy = new UppyCore<FileMeta, Record<string, unknown>>({
      id: options.storeName ?? "file-loader",
      logger: {debug() {}, warn() {}, error() {}}, // failures are shown
    });
    this.uppy.use(Uploader, {
      api: options.api,
      describe: this.#describe,
      events: {
        onCreate: (file, id) => options.onCreate({id, path: file.meta.path, file: file.data}),
        onProgress: (file, bytes) => this.progress.report(file.id, bytes),
        onSuccess: this.#finish,
        onFailure: this.#fail,
      },
    });
    this.#uploader = this.uppy.getPlugin<Uploader>("Uploader") as Uploader;
    this.uppy.on("restored", this.#restore);
    this.uppy.on("file-removed", this.#remove);
    this.uppy.on("cancel-all", this.#clearWaiting);
    this.uppy.on("state-update", (before, after) => {
      if (after.recoveredState && !before.recoveredState) {
        this.#addedBefore = before.files;
      }
      if (before.files !== after.files) {
        options.onChange();
      }
    });
    if (options.storeName !== null) {
      this.uppy.use(GoldenRetriever, {expires: KEPT});
    }
  }

  get waitingCount(): number {
    return this.#waiting.count;
  }

  /** How many files aren't sent yet. */
  get unfinishedCount(): number {
    return this.waitingCount + this.uppy.getFiles().filter((file) => !file.progress.uploadComplete).length;
  }

  /** The files whose bytes the browser didn't keep: they have to be chosen again. */
  get ghosts(): QueuedFile[] {
    return this.uppy.getFiles().filter((file) => file.isGhost) as QueuedFile[];
  }

  get isSending(): boolean {
    return this.#uploader.isSending;
  }

  /** Add files. System files, and those that are in the queue, are left out; unacceptable ones become failures. */
  add(candidates: Candidate[]): Added {
    const result = {added: 0, systemFiles: 0, duplicates: 0};
    const chosenAgain: Candidate[] = [];
    let bytes = 0;
    for (const candidate of candidates) {
      const {file, path} = candidate;
      const id = this.#identify(candidate);
      if (isSystemFile(path)) {
        result.systemFiles += 1;
      } else if (this.uppy.getFile(id)?.isGhost) {
        chosenAgain.push(candidate);
      } else if (this.#ids.has(id)) {
        result.duplicates += 1;
      } else if (this.#check(candidate, id, {files: result.added, bytes})) {
        this.#ids.add(id);
        this.#waiting.add({candidate, id});
        bytes += file.size;
        result.added += 1;
      }
    }
    this.progress.add(result.added, bytes);
    this.record.forgotten = null;
    this.#replaceGhosts(chosenAgain);
    this.#feed();
    this.options.onChange();
    return {...result, added: result.added + chosenAgain.length};
  }

  /** Take what is dropped, and go on if it was disconnected. */
  connect(options: ConstructorParameters<typeof PageDropTarget>[1]): void {
    this.uppy.use(PageDropTarget, options);
    if (this.#goesOn) {
      this.resume();
    }
  }

  /** Stop until it is connected again. */
  disconnect(): void {
    const dropTarget = this.uppy.getPlugin("DropTarget");
    if (dropTarget) {
      this.uppy.removePlugin(dropTarget);
    }
    this.#goesOn = !this.isPaused;
    this.pause();
  }

  pause(): void {
    this.isPaused = true;
    this.uppy.pauseAll();
    this.options.onChange();
  }

  resume(): void {
    this.isPaused = false;
    this.uppy.resumeAll();
    this.#feed();
    this.options.onChange();
  }

  cancel(): void {
    this.uppy.cancelAll();
    this.isPaused = false;
    this.options.onChange();
  }

  /** Try files that have failed again. */
  retry(failures: Failure[]): void {
    this.failures = this.failures.filter((failure) => !failures.includes(failure));
    this.add(failures.map(({candidate}) => candidate).filter((candidate) => candidate !== null));
  }

  /** Show failures no more. */
  dismiss(failures: Failure[]): void {
    for (const {candidate} of failures) {
      if (candidate?.begun?.uploadId) {
        this.options.api.delete(`api/uploads/${candidate.begun.uploadId}`).catch(() => {}); // it expires
      }
    }
    this.failures = this.failures.filter((failure) => !failures.includes(failure));
    this.options.onChange();
  }

  /** Don't mention what waited on an earlier page any more. */
  forget(): void {
    this.record.reset();
    this.options.onChange();
  }

  #check(candidate: Candidate, id: string, added: {files: number; bytes: number}): boolean {
    const {totalFiles, sentFiles, totalBytes, sentBytes} = this.progress;
    const queued = {
      files: totalFiles - sentFiles + added.files,
      bytes: totalBytes - sentBytes + added.bytes,
    };
    const reason = checkFile(candidate.file, this.options.limits, queued);
    if (reason !== null) {
      this.#addFailure({id, path: candidate.path, file: candidate.file, reason, details: reason, candidate: null});
    }
    return reason === null;
  }

  #addFailure(failure: Failure): void {
    this.failures = [...this.failures, failure];
    this.options.onFailure(failure);
  }

  /** Give Uppy as many files as its window has room for. */
  #feed(): void {
    const room = WINDOW - this.uppy.getFiles().length;
    if (this.isPaused || this.waitingCount === 0 || (room < WINDOW / 2 && this.waitingCount > room)) {
      return;
    }
    const next = this.#waiting.take(room);
    this.record.update({files: this.waitingCount, bytes: this.#waiting.bytes});
    this.uppy.addFiles(next.map(({candidate}) => this.#describeForUppy(candidate)));
    void this.#uploader.start(next.map(({id}) => id));
  }

  #replaceGhosts(candidates: Candidate[]): void {
    this.uppy.addFiles(candidates.map(this.#describeForUppy));
    void this.#uploader.start(candidates.map(this.#identify));
  }

  #identify = (candidate: Candidate): string => getSafeFileId(describe(candidate), this.uppy.getID());

  /** Return a file as Uppy wants it, with what its upload needs. */
  #describeForUppy = (candidate: Candidate) => {
    const description = describe(candidate);
    const key = this.record.makeKey(getSafeFileId(description, this.uppy.getID()));
    return {...description, meta: {...description.meta, key, ...candidate.begun}};
  };

  #finish = (file: QueuedFile, {id, status}: StoredUpload): void => {
    this.progress.finish(file.id, file.size ?? 0);
    this.#ids.delete(file.id);
    this.uppy.emit("upload-success", this.uppy.getFile(file.id), {status: 200});
    this.options.onSent({id, path: file.meta.path, file: file.data}, status);
    if (this.#finished.push(file.id) === 1) {
      setTimeout(this.#removeFinished, this.waitingCount ? SHOWN.others : SHOWN.last);
    }
  };

  #removeFinished = (): void => {
    this.uppy.removeFiles(this.#finished);
    this.#finished = [];
    this.#feed();
    if (this.unfinishedCount === 0 && this.failures.length === 0 && !this.record.forgotten) {
      this.record.reset();
    }
  };

  #fail = (file: QueuedFile, error: unknown): void => {
    const {path, key, uploadId} = this.uppy.getFile(file.id).meta;
    const candidate = {file: file.data as File, path, begun: {key, uploadId}};
    this.#addFailure({id: file.id, path, file: file.data, candidate, ...describeFailure(error)});
    this.uppy.setFileState(file.id, {error: String(error)}); // so that its upload isn't deleted
    this.uppy.removeFile(file.id);
    this.#feed();
  };

  #remove = (file: {id: string; size: number | null; progress: {uploadComplete?: boolean}}): void => {
    if (!file.progress.uploadComplete) {
      this.progress.remove(file.id, file.size ?? 0);
      this.#ids.delete(file.id);
      this.#feed();
    }
  };

  #clearWaiting = (): void => {
    for (const {candidate, id} of this.#waiting.take(this.waitingCount)) {
      this.progress.remove(id, candidate.file.size);
      this.#ids.delete(id);
    }
    this.record.reset();
  };

  /** Go on with the files of an earlier page. Those without their bytes wait until they are chosen again. */
  #restore = (): void => {
    const files = Object.values(this.uppy.getState().files);
    const unfinished = files.filter((file) => !file.progress.uploadComplete);
    const reset = unfinished.map((file) => {
      const progress = {...file.progress, uploadStarted: null, bytesUploaded: false as const};
      return [file.id, {...file, progress, isPaused: false, error: null}] as const;
    });
    const restored = {...Object.fromEntries(reset), ...this.#addedBefore};
    this.uppy.setState({recoveredState: null, currentUploads: {}, files: restored});
    for (const file of unfinished) {
      this.#ids.add(file.id);
      this.progress.add(1, file.size ?? 0);
    }
    void this.#uploader.start(unfinished.map((file) => file.id));
    this.options.onChange();
  };

  #describe = (file: QueuedFile): Record<string, string> => {
    const {path} = file.meta;
    const isInFolder = path.includes("/") && path.length <= MAX_PATH;
    return {...this.options.metadata, ...(isInFolder ? {path} : {})};
  };
}

const MAX_PATH = 500;
/* Characters: the API's limit of a text in a file's metadata. */

/** Return what Uppy makes a file's id of. */
function describe({file, path}: Candidate) {
  // Uppy's ids ignore case, but `a.txt` and `A.txt` are two files.
  const relativePath = path.replace(/\p{Lu}/gu, "^$&");
  return {
    name: file.name,
    type: file.type,
    data: file,
    isRemote: false as const,
    source: "file-loader",
    meta: {name: file.name, path, relativePath},
  };
}
