import type {Api} from "../api/client.js";
import {showToast} from "../app/toasts.js";
import {texts} from "../texts/texts.js";
import {type Failure, runForEach} from "./run_for_each.js";

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

  constructor(readonly api: Api) {
    super();
    window.addEventListener("pagehide", this.#sendAtOnce);
  }

  /** Hide the files, and delete them unless that is undone. */
  add(files: NamedFile[]): void {
    this.#undecided.add(files);
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
      this.#show(files);
    }
  }

  async #send(files: NamedFile[]): Promise<void> {
    if (!this.#undecided.delete(files)) {
      return;
    }
    const failures = await runForEach(files, ({id}) => this.#delete(id));
    const failed = new Set(failures.map(({file}) => file.id));
    const deleted = files.filter(({id}) => !failed.has(id)).map(({id}) => id);
    this.dispatchEvent(new CustomEvent<string[]>("deleted", {detail: deleted}));
    this.#show(files);
    this.#report(failures);
  }

  async #delete(id: string, keepalive = false): Promise<void> {
    await this.api.delete(`api/files/${id}`, {keepalive});
  }

  #report(failures: Failure[]): void {
    if (failures.length) {
      showToast({text: texts.deletions.failed(failures), seconds: 0});
    }
  }

  /** The page is being left: what is in the queue of the browser is sent nevertheless. */
  #sendAtOnce = (): void => {
    const files = [...this.#undecided].flat();
    this.#undecided.clear();
    for (const {id} of files) {
      this.#delete(id, true).catch(() => undefined); // nobody is left to be told
    }
  };
}
