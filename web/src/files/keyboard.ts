/** Where the keyboard moves to in the list: by rows or pages, or to an end. */
export type Move = {rows: number} | {pages: number} | "first" | "last";

export interface Command {
  move?: Move;
  /** Whether what is moved over is selected. */
  extend: boolean;
  name?: "open" | "toggle" | "selectAll" | "delete" | "clear";
}

const MOVES: Readonly<Record<string, Move>> = {
  ArrowDown: {rows: 1},
  ArrowUp: {rows: -1},
  PageDown: {pages: 1},
  PageUp: {pages: -1},
  Home: "first",
  End: "last",
};

const NAMES: Readonly<Record<string, Command["name"]>> = {
  Enter: "open",
  " ": "toggle",
  Delete: "delete",
  Backspace: "delete",
  Escape: "clear",
};

/** Return what a key does in the list, as in other lists with several selected rows; null if it does nothing.
 * https://www.w3.org/WAI/ARIA/apg/patterns/grid/ */
export function readCommand(event: KeyboardEvent): Command | null {
  const {key, shiftKey} = event;
  const withControl = event.ctrlKey || event.metaKey;
  if (withControl && key.toLowerCase() === "a") {
    return {name: "selectAll", extend: false};
  }
  const move = MOVES[key];
  if (move && !event.altKey) {
    return {move, extend: shiftKey};
  }
  const name = NAMES[key];
  return name && !withControl && !event.altKey ? {name, extend: false} : null;
}
