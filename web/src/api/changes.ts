import type {Api} from "./client.js";
import type {Change} from "./types.js";

/** Polls the change feed, once for all elements of the page. Events: `change` for each change of a file. */
export class Changes extends EventTarget {
  constructor(readonly api: Api) {
    super();
  }

  start(): void {}

  stop(): void {}

  /** Call `listener` for each change until the returned function is called. */
  observe(listener: (change: Change) => void): () => void {
    const handle = (event: Event) => listener((event as CustomEvent<Change>).detail);
    this.addEventListener("change", handle);
    return () => this.removeEventListener("change", handle);
  }
}
