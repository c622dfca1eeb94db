import {LitElement} from "lit";
import {customElement} from "lit/decorators.js";

const PAUSE = 2000;
/* Milliseconds between two announcements: a screen reader needs time to speak. The newest text wins. */

const ANNOUNCE = "fl-announce";

/** Let screen readers say a text when they can. */
export function announce(text: string): void {
  window.dispatchEvent(new CustomEvent<string>(ANNOUNCE, {detail: text}));
}

/** What screen readers say. The element that contains it has the styles `controls`, which make it invisible. */
@customElement("fl-announcer")
export class AnnouncerElement extends LitElement {
  #next: string | null = null;
  #timer = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    this.classList.add("hidden-visually");
    this.setAttribute("role", "status");
    this.setAttribute("aria-live", "polite");
    window.addEventListener(ANNOUNCE, this.#announce as EventListener);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(ANNOUNCE, this.#announce as EventListener);
  }

  protected override createRenderRoot(): HTMLElement {
    return this; // a live region in a shadow root isn't read by every screen reader
  }

  #announce = (event: CustomEvent<string>): void => {
    event.stopImmediatePropagation(); // a page may have several
    this.#next = event.detail;
    if (!this.#timer) {
      this.#say();
    }
  };

  #say = (): void => {
    this.#timer = 0;
    if (this.#next !== null) {
      this.textContent = this.#next;
      this.#next = null;
      this.#timer = window.setTimeout(this.#say, PAUSE);
    }
  };
}
