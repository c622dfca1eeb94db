/** Remembers what had the focus before an element got it. */
export class FocusReturn {
  #before: HTMLElement | null = null;

  constructor(readonly element: HTMLElement) {}

  /** Remember what has the focus, unless the element was shown already: `previous` is what it showed. */
  remember(previous: unknown): void {
    const active = deepestActiveElement();
    const isOutside = active && !this.element.shadowRoot?.contains(active) && !this.element.contains(active);
    if (isOutside || previous === null) {
      this.#before = isOutside ? active : null;
    }
  }

  /** Give the focus back; to the main part of the page if what had it is gone. */
  restore(): void {
    const root = this.element.getRootNode() as Document | ShadowRoot;
    const target = this.#before?.isConnected ? this.#before : root.querySelector<HTMLElement>("main");
    target?.focus();
    this.#before = null;
  }
}

function deepestActiveElement(): HTMLElement | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) {
    active = active.shadowRoot.activeElement;
  }
  return active instanceof HTMLElement && active !== document.body ? active : null;
}
