import type {Api} from "../api/client.js";
import {showToast} from "../app/toasts.js";
import {texts} from "../texts/texts.js";
import {type Failure, runForEach} from "./run_for_each.js";

const KEPT_ALIVE = 200;
/* Requests that Chromium sends after a page was left: of 400 it dropped 125. */

/** A file that an action is done to. */
export interface NamedFile {
  id: string;
  name: string;
}

/**
 * Files that are being deleted. They disappear at once, but the requests are sent when the message with "Undo" has
 * gone, or the page is left. Events: `change` when files disappear or come back, `deleted` with the ids of those that
 * are gone.
 */
export class Deletions extends EventTarget {
  /** The ids of files that aren't to be shown. */
  readonly hidden = new Set<string>();
  #undecided = new Set<NamedFile[]>();
  /** The ids of files whose requests haven't been sent, or have no response. */
  #unsent = new Set<string>();

  constructor(readonly api: Api) {
    super();
    window.addEventListener("pagehide", this.#sendAtOnce);
    window.addEventListener("beforeunload", this.#warn);
  }

  /** Hide the files, and delete them unless that is undone. */
  add(files: NamedFile[]): void {
    this.#undecided.add(files);
    for (const {id} of files) {
      this.#unsent.add(id);
    }
    this.#hide(files);
    showToast({
      text: texts.deletions.deleted(files),
      action: {label: texts.deletions.undo, run: () => this.#undo(files)},
      onClose: () => void this.#send(files),
    });
  }

  #hide(files: NamedFile[]): void {
    for (const {id} of files) {
      this.hidden.add(id);
    }
    this.dispatchEvent(new Event("change"));
  }

  #show(files: NamedFile[]): void {
    for (const {id} of files) {
      this.hidden.delete(id);
    }
    this.dispatchEvent(new Event("change"));
  }

  #undo(files: NamedFile[]): void {
    if (this.#undecided.delete(files)) {
      for (const {id} of files) {
        this.#unsent.delete(id);
      }
      this.#show(files);
    }
  }

  async #send(files: NamedFile[]): Promise<void> {
    if (!this.#undecided.delete(files)) {
      return;
    }
    const failures = await runForEach(files, async ({id}) => {
      await this.api.delete(`api/files/${id}`);
      this.#unsent.delete(id);
    });
    for (const {id} of files) {
      this.#unsent.delete(id);
    }
    const failed = new Set(failures.map(({file}) => file.id));
    const deleted = files.filter(({id}) => !failed.has(id)).map(({id}) => id);
    this.dispatchEvent(new CustomEvent<string[]>("deleted", {detail: deleted}));
    this.#show(files);
    this.#report(failures);
  }

  #report(failures: Failure[]): void {
    if (failures.length) {
      showToast({text: texts.deletions.failed(failures), seconds: 0});
    }
  }

  /** Before a page is left from which the browser wouldn't send all requests, it asks. */
  #warn = (event: BeforeUnloadEvent): void => {
    if (this.#unsent.size > KEPT_ALIVE) {
      event.preventDefault();
    }
  };

  /** The page is being left. The browser sends the requests nevertheless. */
  #sendAtOnce = (): void => {
    for (const id of this.#unsent) {
      this.api.delete(`api/files/${id}`, {keepalive: true}).catch(() => undefined); // the page that would show it is gone
    }
    this.#undecided.clear();
    this.#unsent.clear();
  };
}
