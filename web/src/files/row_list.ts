import type {Change} from "../api/types.js";
import {applyChange, type Row, updateRow} from "./row.js";

const NEW_FILE: ReadonlySet<Change["type"]> = new Set(["announced", "stored", "claimed", "finished"]);

/** What changes of files did to the rows. */
export interface Effect {
  /** Rows that are to be removed. */
  removed: Set<string>;
  isUpdated: boolean;
  /** Whether there is a file without a row. */
  isNew: boolean;
}

/** Rows in their order, which are found by their ids. */
export class RowList {
  rows: Row[] = [];
  #byId = new Map<string, Row>();

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Add rows at the end, except for those that are there. */
  append(rows: Row[]): void {
    for (const row of rows) {
      if (!this.#byId.has(row.id)) {
        this.#byId.set(row.id, row);
        this.rows.push(row);
      }
    }
  }

  remove(ids: ReadonlySet<string>): void {
    this.rows = this.rows.filter((row) => !ids.has(row.id));
    for (const id of ids) {
      this.#byId.delete(id);
    }
  }

  /**
   * Put the first page before the others. Return how many of those remain: none if the page shares no row with them,
   * because there may be others between, or if it is the last one.
   */
  putFirst(page: Row[], isLast: boolean): number {
    const first = page.map((row) => this.#merge(row));
    const ids = new Set(first.map(({id}) => id));
    const isConnected = !isLast && this.rows.some(({id}) => ids.has(id));
    const rest = isConnected ? this.rows.filter(({id}) => !ids.has(id)) : [];
    this.rows = [...first, ...rest];
    this.#byId = new Map(this.rows.map((row) => [row.id, row]));
    return rest.length;
  }

  /** Update the rows. One whose status isn't `wantedStatus` afterwards is to be removed. */
  apply(changes: Change[], wantedStatus: string | null): Effect {
    const effect: Effect = {removed: new Set(), isUpdated: false, isNew: false};
    for (const change of changes) {
      const row = this.#byId.get(change.id);
      if (!row) {
        const isWanted = change.status === wantedStatus && change.type !== "deleted";
        effect.isNew ||= NEW_FILE.has(change.type) || isWanted;
      } else if (change.type === "deleted") {
        effect.removed.add(change.id);
      } else if (applyChange(row, change)) {
        effect.isUpdated = true;
        if (wantedStatus && row.status !== wantedStatus) {
          effect.removed.add(change.id);
        }
      }
    }
    return effect;
  }

  /** Return the row that is shown for the file, with what is newer. */
  #merge(row: Row): Row {
    const shown = this.#byId.get(row.id);
    if (shown) {
      updateRow(shown, row);
    }
    return shown ?? row;
  }
}
