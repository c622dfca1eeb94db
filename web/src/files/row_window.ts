import type {Move} from "./keyboard.js";

const MARGIN = 8;
/* Rows above and below those in view that are in the document, too: scrolling shows them before the next frame. */
const AHEAD = 60;
/* Rows before the end at which the next page is asked for. */

/** Which of the list's rows are in view. All have the same height, so their number and the position of the scroll bar
 * say it. */
export class RowWindow {
  count = 0;
  from = 0;
  to = 40;
  isAtTop = true;
  #rowHeight = 52;
  #visible = 20;
  #scroller: HTMLElement | null = null;
  #observer: ResizeObserver;

  /** `update` is called when other rows come into view. */
  constructor(readonly update: () => void) {
    this.#observer = new ResizeObserver(update);
  }

  stop(): void {
    this.#observer.disconnect();
    this.#scroller = null;
  }

  /** Whether the end of the rows is close. */
  get isNearEnd(): boolean {
    return this.to + AHEAD >= this.count;
  }

  slice<T>(rows: readonly T[]): T[] {
    return rows.slice(this.from, this.to);
  }

  /** Place the rows that were rendered, and find out which are in view by now. */
  show(scroller: HTMLElement): void {
    if (scroller !== this.#scroller) {
      this.#observer.disconnect();
      this.#observer.observe(scroller);
      this.#scroller = scroller;
    }
    const body = scroller.querySelector<HTMLElement>(".body");
    const window = scroller.querySelector<HTMLElement>(".window");
    const row = window?.querySelector<HTMLElement>(".row");
    if (!body || !window || !row) {
      return;
    }
    this.#rowHeight = row.offsetHeight || this.#rowHeight;
    // Not in a style attribute, which the Content-Security-Policy forbids.
    body.style.height = `${this.count * this.#rowHeight}px`;
    window.style.transform = `translateY(${this.from * this.#rowHeight}px)`;
    this.#measure(scroller);
  }

  /** Return the index that a move from a row leads to. */
  target(index: number, move: Move): number {
    if (move === "first") {
      return 0;
    }
    if (move === "last") {
      return this.count - 1;
    }
    const rows = "rows" in move ? move.rows : move.pages * Math.max(1, this.#visible - 2);
    return Math.max(0, Math.min(this.count - 1, index < 0 ? 0 : index + rows));
  }

  /** Scroll so that the row is in view. */
  reveal(scroller: HTMLElement, index: number): void {
    const head = scroller.querySelector<HTMLElement>(".head")?.offsetHeight ?? 0;
    const top = index * this.#rowHeight;
    const bottom = top + this.#rowHeight + head;
    if (top < scroller.scrollTop) {
      scroller.scrollTop = top;
    } else if (bottom > scroller.scrollTop + scroller.clientHeight) {
      scroller.scrollTop = bottom - scroller.clientHeight;
    }
    this.#measure(scroller);
  }

  toTop(scroller: HTMLElement | undefined): void {
    if (scroller) {
      scroller.scrollTop = 0;
    }
    this.from = 0;
    this.isAtTop = true;
  }

  #measure(scroller: HTMLElement): void {
    const first = Math.floor(scroller.scrollTop / this.#rowHeight);
    this.#visible = Math.ceil(scroller.clientHeight / this.#rowHeight);
    this.isAtTop = first === 0;
    const from = Math.max(0, first - MARGIN);
    const to = first + this.#visible + MARGIN;
    if (from !== this.from || to !== this.to) {
      this.from = from;
      this.to = to;
      this.update();
    }
  }
}
