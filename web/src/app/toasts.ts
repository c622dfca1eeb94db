import {css, html, LitElement, nothing} from "lit";
import {customElement, state} from "lit/decorators.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";

export interface Toast {
  text: string;
  /** A button in the message, such as "Undo". */
  action?: {label: string; run: () => void};
  /** How long it is shown. 0: until it is closed. */
  seconds?: number;
  /** Called when it goes without the action. */
  onClose?: () => void;
}

const SHOW = "fl-show-toast";

/** Show a short message at the bottom of the page. */
export function showToast(toast: Toast): void {
  window.dispatchEvent(new CustomEvent<Toast>(SHOW, {detail: toast}));
}

/** The messages that are shown. The time of one stops while the pointer or the focus is on it. */
@customElement("fl-toasts")
export class ToastsElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        position: fixed;
        inset: auto 0 var(--space-4) 0;
        z-index: 30;
        display: grid;
        gap: var(--space-2);
        justify-items: center;
        pointer-events: none;
      }
      .toast {
        display: flex;
        align-items: center;
        gap: var(--space-3);
        max-width: min(36rem, calc(100vw - 2 * var(--space-3)));
        padding: var(--space-2) var(--space-3);
        border-radius: var(--radius);
        background: var(--color-inverse);
        color: var(--color-on-inverse);
        box-shadow: var(--shadow);
        pointer-events: auto;
      }
      .toast button {
        border-color: currentcolor;
        background: transparent;
        color: inherit;
      }
    `,
  ];

  @state() private shown: Toast[] = [];
  #timers = new Map<Toast, number>();

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener(SHOW, this.#show as EventListener);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener(SHOW, this.#show as EventListener);
  }

  #show = (event: CustomEvent<Toast>): void => {
    event.stopImmediatePropagation(); // a page may have several
    this.shown = [...this.shown, event.detail];
    this.#start(event.detail);
  };

  #start(toast: Toast): void {
    this.#stop(toast);
    const seconds = toast.seconds ?? 6;
    if (seconds) {
      this.#timers.set(
        toast,
        window.setTimeout(() => this.#close(toast), seconds * 1000),
      );
    }
  }

  #stop(toast: Toast): void {
    clearTimeout(this.#timers.get(toast));
    this.#timers.delete(toast);
  }

  #close(toast: Toast, {acted = false} = {}): void {
    if (!this.shown.includes(toast)) {
      return;
    }
    this.#stop(toast);
    this.shown = this.shown.filter((each) => each !== toast);
    if (acted) {
      toast.action?.run();
    } else {
      toast.onClose?.();
    }
  }

  override render() {
    return this.shown.map(
      (toast) => html`
        <div
          class="toast"
          role="status"
          @pointerenter=${() => this.#stop(toast)}
          @pointerleave=${() => this.#start(toast)}
          @focusin=${() => this.#stop(toast)}
          @focusout=${() => this.#start(toast)}
        >
          <span>${toast.text}</span>
          ${
            toast.action
              ? html`<button @click=${() => this.#close(toast, {acted: true})}>${toast.action.label}</button>`
              : nothing
          }
          <button aria-label=${texts.toasts.close} @click=${() => this.#close(toast)}>✕</button>
        </div>
      `,
    );
  }
}
