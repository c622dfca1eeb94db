import type {ReactiveController, ReactiveControllerHost} from "lit";

const NARROW = "(max-width: 60rem)";
/* Where the panel covers the list. The same width is in the styles. */

/** Keeps the focus out of the siblings that an element covers. */
export class SiblingCover implements ReactiveController {
  #narrow = matchMedia(NARROW);
  #covered: Element[] = [];

  constructor(
    readonly host: ReactiveControllerHost & Element,
    /** Whether there is something in the element. */
    readonly isShown: () => boolean,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#narrow.addEventListener("change", this.update);
  }

  hostDisconnected(): void {
    this.#uncover();
    this.#narrow.removeEventListener("change", this.update);
  }

  /** To be called when the element is shown or hidden. */
  update = (): void => {
    this.#uncover();
    if (this.isShown() && this.#narrow.matches) {
      this.#covered = [...(this.host.parentElement?.children ?? [])].filter((sibling) => sibling !== this.host);
    }
    for (const sibling of this.#covered) {
      sibling.toggleAttribute("inert", true);
    }
  };

  #uncover(): void {
    for (const sibling of this.#covered) {
      sibling.toggleAttribute("inert", false);
    }
    this.#covered = [];
  }
}
