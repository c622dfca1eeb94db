/** Which files are selected, in the order of their rows. */
export class Selection {
  readonly ids = new Set<string>();
  /** Where a range begins. */
  #anchor: string | null = null;

  get size(): number {
    return this.ids.size;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  toggle(id: string): void {
    if (!this.ids.delete(id)) {
      this.ids.add(id);
    }
    this.#anchor = id;
  }

  /** Select everything from where the last selection began to this file. */
  extend(id: string, order: readonly string[]): void {
    const begin = order.indexOf(this.#anchor ?? id);
    const end = order.indexOf(id);
    const [from, to] = begin < 0 ? [end, end] : [Math.min(begin, end), Math.max(begin, end)];
    for (const each of order.slice(from, to + 1)) {
      this.ids.add(each);
    }
    this.#anchor ??= id;
  }

  selectAll(order: readonly string[]): void {
    for (const id of order) {
      this.ids.add(id);
    }
  }

  remove(ids: Iterable<string>): void {
    for (const id of ids) {
      this.ids.delete(id);
    }
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = null;
  }
}
