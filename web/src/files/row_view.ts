import {html, nothing} from "lit";
import {formatRoute} from "../app/router.js";
import {formatSize, formatTime} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {abbreviate, describeKind} from "./kinds.js";
import type {Row} from "./row.js";
import {statusChip} from "./status_chip.js";
import type {Thumbnails} from "./thumbnails.js";

const HEADER = 1;
/* Rows above the first file, for screen readers. */

export interface RowState {
  index: number;
  search: URLSearchParams;
  thumbnails: Thumbnails;
  /** Whose file it is, if it isn't one of the caller's. */
  owner: string | null;
  isActive: boolean;
  isOpen: boolean;
  isSelected: boolean;
  onClick: (row: Row, event: MouseEvent) => void;
  onToggle: (row: Row, isRange: boolean) => void;
}

/** Return the id of a row's element. */
export function rowId(id: string): string {
  return `row-${id}`;
}

export function rowView(row: Row, state: RowState) {
  const href = formatRoute({view: "file", id: row.id, search: state.search});
  const classes = `row ${state.isActive ? "active" : ""} ${state.isOpen ? "open" : ""}`;
  const toggle = (event: MouseEvent) => {
    event.stopPropagation();
    state.onToggle(row, event.shiftKey);
  };
  return html`
    <div
      role="row"
      id=${rowId(row.id)}
      class=${classes}
      aria-rowindex=${state.index + HEADER + 1}
      aria-selected=${state.isSelected ? "true" : "false"}
      @click=${(event: MouseEvent) => state.onClick(row, event)}
    >
      <div role="gridcell" class="check">
        <input
          type="checkbox"
          tabindex="-1"
          aria-label=${texts.list.select(row.name)}
          .checked=${state.isSelected}
          @click=${toggle}
        >
      </div>
      <div role="gridcell" class="picture">
        <fl-thumbnail
          .thumbnails=${state.thumbnails}
          .fileId=${row.id}
          .version=${row.version}
          .hasThumbnail=${row.hasThumbnail}
          .label=${abbreviate(row.name)}
        ></fl-thumbnail>
      </div>
      <div role="gridcell" class="name">
        <a href=${href} tabindex="-1" title=${row.name}>${row.name}</a>
        ${row.mismatch ? html`<span class="mark" title=${texts.list.mismatch}>${texts.list.mismatchMark}</span>` : nothing}
        ${state.owner ? html`<span class="owner" title=${texts.list.owner}>${state.owner}</span>` : nothing}
      </div>
      <div role="gridcell" class="kind">${describeKind(row.type)}</div>
      <div role="gridcell" class="size">${row.size === null ? "–" : formatSize(row.size)}</div>
      <div role="gridcell" class="time">${row.uploadedAt === null ? "–" : formatTime(row.uploadedAt)}</div>
      <div role="gridcell" class="state">${statusChip(row.status, row.error)}</div>
    </div>
  `;
}

/** Return the headings of the columns. Those that the list can be sorted by are buttons. */
export function headerView(order: string, sort: (order: string) => void) {
  const {columns} = texts.list;
  return html`
    <div role="row" class="headings" aria-rowindex="1">
      <div role="columnheader" class="check"><span class="hidden-visually">${columns.select}</span></div>
      <div role="columnheader" class="picture"><span class="hidden-visually">${columns.picture}</span></div>
      ${sortable("name", "name", columns.name, order, sort)}
      <div role="columnheader" class="kind">${columns.kind}</div>
      ${sortable("size", "-size", columns.size, order, sort)}
      ${sortable("uploaded_at", "-uploaded_at", columns.time, order, sort)}
      <div role="columnheader" class="state">${columns.status}</div>
    </div>
  `;
}

/** Return a heading that sorts by `key`: first in the order `first`, then the other way round. */
function sortable(key: string, first: string, label: string, order: string, sort: (order: string) => void) {
  const direction = order === key ? "ascending" : order === `-${key}` ? "descending" : "none";
  const next = order === first ? (first === key ? `-${key}` : key) : first;
  const arrow = {ascending: "▲", descending: "▼", none: ""}[direction];
  return html`
    <div role="columnheader" class=${key === "uploaded_at" ? "time" : key} aria-sort=${direction}>
      <button @click=${() => sort(next)}>${label} <span aria-hidden="true">${arrow}</span></button>
    </div>
  `;
}
