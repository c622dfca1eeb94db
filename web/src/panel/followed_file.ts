import type {ReactiveController, ReactiveControllerHost} from "lit";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import {isFinal} from "../api/statuses.js";
import type {Change, FileResource} from "../api/types.js";
import {announce} from "../app/announcer.js";
import {texts} from "../texts/texts.js";
import {describeError} from "./describe_error.js";

const POLL = 10_000;
/* Milliseconds between two looks at an unfinished file: the change feed has only the owner's files, and
   administrators see others. */

interface Host extends ReactiveControllerHost {
  api: Api;
  changes: Changes;
  fileId: string | null;
}

/** Loads the file that an element shows, and keeps it up to date. */
export class FollowedFile implements ReactiveController {
  file: FileResource | null = null;
  /** Why there is no file. */
  problem: string | null = null;
  /** Whether another request may find the file. */
  canRetry = false;

  #id: string | null = null;
  #changes: Changes | null = null;
  #stopObserving: () => void = () => {};
  #timer = 0;
  #loads = 0;

  constructor(readonly host: Host) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#observe();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#stopObserving();
  }

  hostUpdate(): void {
    const {changes, fileId} = this.host;
    if (changes !== this.#changes) {
      this.#changes = changes;
      this.#observe();
    }
    if (fileId !== this.#id) {
      this.#id = fileId;
      this.file = null;
      this.problem = null;
      this.reload();
    }
  }

  reload = (): void => {
    if (this.#id !== null) {
      void this.#load(this.#id);
    }
  };

  /** Show what a response says of the file, unless something newer is known. */
  show(file: FileResource): void {
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
      this.#timer = window.setTimeout(this.reload, POLL);
    }
    this.host.requestUpdate();
  }

  #observe(): void {
    this.#stopObserving();
    const changes = this.#changes;
    if (!changes) {
      return; // they come with the first update
    }
    const stop = changes.observe(this.#follow);
    changes.addEventListener("reset", this.reload);
    changes.addEventListener("resumed", this.reload);
    this.#stopObserving = () => {
      stop();
      changes.removeEventListener("reset", this.reload);
      changes.removeEventListener("resumed", this.reload);
    };
  }

  async #load(id: string): Promise<void> {
    const load = ++this.#loads;
    clearTimeout(this.#timer);
    try {
      const {body} = await this.host.api.get<FileResource>(`api/files/${encodeURIComponent(id)}`);
      if (load === this.#loads && id === this.#id) {
        this.show(body);
      }
    } catch (error) {
      if (load === this.#loads && id === this.#id) {
        this.#showProblem(error);
      }
    }
  }

  #showProblem(error: unknown): void {
    const isUnknown = error instanceof ApiError && ["not_found", "malformed_id"].includes(error.code);
    if (isUnknown) {
      this.problem = this.file ? texts.panel.deleted : texts.panel.unknown;
      this.file = null;
    } else if (!this.file) {
      this.problem = texts.panel.unavailable(describeError(error));
    }
    this.canRetry = !isUnknown;
    this.host.requestUpdate();
  }

  #follow = (change: Change): void => {
    if (change.id !== this.#id) {
      return;
    }
    if (change.type === "deleted") {
      this.#loads++; // a response that is on its way is outdated
      this.file = null;
      this.problem = texts.panel.deleted;
      this.canRetry = false;
      this.host.requestUpdate();
    } else if (!this.file || change.version > this.file.version) {
      this.reload();
    }
  };
}
