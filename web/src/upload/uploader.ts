import {BasePlugin, type PluginOpts, type Uppy, type UppyFile} from "@uppy/core";
import {type Body, type LocalUppyFileNonGhost, TaskQueue} from "@uppy/core/utils";
import type {Api} from "../api/client.js";
import {type StoredUpload, Transfer} from "./transfer.js";

const IN_FLIGHT = 6;
/* Requests with bytes at the same time, and files: what browsers open to one host. */

const PAUSE = 250;
/* Milliseconds between two reports of a file's progress to Uppy, each of which renders. */

/** What we keep with a file. Golden Retriever stores it. */
export interface FileMeta {
  [name: string]: unknown;
  name: string;
  /** The folders and the name, as far as the user has chosen folders. */
  path: string;
  /** What Uppy makes the file's id of, besides its name, type, size and time. */
  relativePath: string;
  key: string;
  uploadId?: string | undefined;
}

/** A file with its bytes. */
export type QueuedFile = LocalUppyFileNonGhost<FileMeta, Body>;
export type Queue = Uppy<FileMeta, Body>;

export interface UploaderEvents {
  onCreate: (file: QueuedFile, uploadId: string) => void;
  onProgress: (file: QueuedFile, bytes: number) => number;
  onSuccess: (file: QueuedFile, upload: StoredUpload) => void;
  onFailure: (file: QueuedFile, error: unknown) => void;
}

interface UploaderOptions extends PluginOpts {
  api: Api;
  events: UploaderEvents;
  /** Return the metadata that the file gets. */
  describe: (file: QueuedFile) => Record<string, string>;
}

interface Running {
  controller: AbortController;
  /** Resolves when it has succeeded, failed, or was paused or removed. */
  ended: Promise<void>;
}

/** Uppy's uploader for `POST /api/uploads`: sends a fixed number of files at once, in the order of the queue. */
export class Uploader extends BasePlugin<UploaderOptions, FileMeta, Body> {
  #files = new TaskQueue({concurrency: IN_FLIGHT});
  #requests = new TaskQueue({concurrency: IN_FLIGHT});
  #running = new Map<string, Running>();

  constructor(uppy: Queue, options: UploaderOptions) {
    super(uppy, options);
    this.id = "Uploader";
    this.type = "uploader";
  }

  /** Whether bytes are under way. */
  get isSending(): boolean {
    return this.#requests.running > 0;
  }

  override install(): void {
    this.uppy.setState({capabilities: {...this.uppy.getState().capabilities, resumableUploads: true}});
    this.uppy.addUploader((ids) => this.start(ids));
    this.uppy.on("upload-pause", (file, isPaused) => file && this.#setPaused(file.id, isPaused));
    this.uppy.on("pause-all", () => this.#eachUnfinished((id) => this.#setPaused(id, true)));
    this.uppy.on("resume-all", () => this.#eachUnfinished((id) => this.#setPaused(id, false)));
    this.uppy.on("file-removed", this.#cancel);
  }

  /** Send files. Resolves when each is sent, has failed or was paused. */
  async start(ids: string[]): Promise<void> {
    const files = ids.map((id) => this.uppy.getFile(id)).filter(isReady);
    this.uppy.emit("upload-start", files);
    // Otherwise Uppy shows nothing, not even a button to pause, before the first bytes are sent.
    const progress = (file: QueuedFile) => ({...this.uppy.getFile(file.id).progress, percentage: 0});
    this.uppy.patchFilesState(Object.fromEntries(files.map((file) => [file.id, {progress: progress(file)}])));
    await Promise.all(files.map((file) => this.#run(file)));
  }

  async #run(file: QueuedFile): Promise<void> {
    if (this.#running.has(file.id)) {
      return;
    }
    const controller = new AbortController();
    const ended = this.#files
      .add(() => this.#transfer(file, controller.signal))
      .abortOn(controller.signal)
      .catch(() => {}); // paused or removed before it began
    this.#running.set(file.id, {controller, ended});
    await ended;
    if (this.#running.get(file.id)?.controller === controller) {
      this.#running.delete(file.id);
    }
  }

  async #transfer(file: QueuedFile, signal: AbortSignal): Promise<void> {
    const {events, api} = this.opts;
    const {key, uploadId} = this.uppy.getFile(file.id).meta;
    const transfer = new Transfer(
      api,
      this.#requests,
      {data: file.data, key, uploadId: uploadId ?? null, description: this.#describe(file)},
      {
        onCreate: (id) => {
          if (this.uppy.getFile(file.id)) {
            this.uppy.setFileMeta(file.id, {uploadId: id} as FileMeta);
            events.onCreate(file, id);
          } else {
            this.#delete(id); // the file was removed meanwhile
          }
        },
        onProgress: this.#reportProgress(file),
      },
    );
    try {
      const upload = await transfer.run(signal);
      signal.throwIfAborted();
      events.onSuccess(file, upload);
    } catch (error) {
      if (!signal.aborted) {
        events.onFailure(file, error);
      }
    }
  }

  #describe(file: QueuedFile) {
    const type = file.data.type || null;
    return {name: file.name as string, size: file.data.size, type, metadata: this.opts.describe(file)};
  }

  /** Return a function that tells Uppy at most a few times a second, and nothing about files that are sent at once. */
  #reportProgress(file: QueuedFile): (bytes: number) => void {
    let last = performance.now();
    return (bytes) => {
      const most = this.opts.events.onProgress(file, bytes);
      const now = performance.now();
      const inState = this.uppy.getFile(file.id);
      if (now - last > PAUSE && inState?.progress.uploadStarted) {
        last = now;
        const {uploadStarted} = inState.progress;
        this.uppy.emit("upload-progress", inState, {uploadStarted, bytesUploaded: most, bytesTotal: file.size});
      }
    };
  }

  #setPaused(id: string, isPaused: boolean): void {
    if (isPaused) {
      this.#stop(id);
    } else {
      void this.#resume(id);
    }
  }

  async #resume(id: string): Promise<void> {
    await this.#running.get(id)?.ended;
    const file = this.uppy.getFile(id);
    if (file && isReady(file) && !file.isPaused) {
      await this.#run(file);
    }
  }

  #cancel = (file: UppyFile<FileMeta, Body>): void => {
    this.#stop(file.id);
    const {uploadId} = file.meta;
    if (uploadId && !file.progress.uploadComplete && !file.error) {
      this.#delete(uploadId);
    }
  };

  #delete(uploadId: string): void {
    // What can't be deleted now expires.
    this.opts.api.delete(`api/uploads/${uploadId}`, {keepalive: true}).catch(() => {});
  }

  #stop(id: string): void {
    this.#running.get(id)?.controller.abort();
  }

  #eachUnfinished(act: (id: string) => void): void {
    for (const file of this.uppy.getFiles()) {
      if (!file.progress.uploadComplete) {
        act(file.id);
      }
    }
  }
}

/** Return whether there are bytes to send: a file that was restored by its name only has none. */
function isReady(file: UppyFile<FileMeta, Body>): file is QueuedFile {
  return !file.isRemote && Boolean(file.data) && !file.isGhost;
}
