import {css, html, LitElement, nothing} from "lit";
import {customElement, property} from "lit/decorators.js";
import papaparse from "papaparse";
import type {FileResource} from "../../api/types.js";
import {controls} from "../../styles/controls.js";
import {formatNumber} from "../../texts/format.js";
import {texts} from "../../texts/texts.js";
import type {Beginning} from "../beginning.js";
import type {Facts} from "../facts.js";
import {textNotes, textStyles} from "./text_notes.js";

const MAX_ROWS = 100;
const MAX_COLUMNS = 50;

/** The first rows of a table. */
@customElement("fl-table-preview")
export class TablePreviewElement extends LitElement {
  static override styles = [
    controls,
    textStyles,
    css`
      table {
        border-collapse: collapse;
      }
      th,
      td {
        max-width: 20rem;
        padding: var(--space-1) var(--space-2);
        border: 1px solid var(--color-border);
        overflow: hidden;
        text-align: start;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      thead th {
        position: sticky;
        top: 0;
        background: var(--color-raised);
      }
    `,
  ];

  @property({attribute: false}) file!: FileResource;
  @property({attribute: false}) beginning!: Beginning;

  override render() {
    const facts: Facts = this.file.result?.csv ?? {};
    const rows = parse(this.beginning, facts);
    const header = facts.header === true ? rows.shift() : undefined;
    const shown = rows.slice(0, MAX_ROWS);
    const isWide = rows.some((row) => row.length > MAX_COLUMNS);
    return html`
      <div class="scroller" role="region" tabindex="0" aria-label=${texts.previews.table(this.file.name)}>
        <table>
          ${header ? html`<thead><tr>${cells(header).map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>` : nothing}
          <tbody>${shown.map((row) => html`<tr>${cells(row).map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
        </table>
      </div>
      ${isWide ? html`<p class="note">${texts.previews.columns(formatNumber(MAX_COLUMNS))}</p>` : nothing}
      ${textNotes(
        {...this.beginning, isWhole: this.beginning.isWhole || rows.length > MAX_ROWS},
        rows.length > MAX_ROWS ? texts.previews.rows(formatNumber(MAX_ROWS)) : null,
      )}
    `;
  }
}

/** Return the header and a row more than are shown. */
function parse({text, isWhole}: Beginning, facts: Facts): string[][] {
  const delimiter = facts.delimiter;
  const skippedRows = facts.skipped_rows;
  const {data} = papaparse.parse(text, {
    ...(typeof delimiter === "string" ? {delimiter} : {}),
    preview: MAX_ROWS + 2,
    skipEmptyLines: true,
    skipFirstNLines: typeof skippedRows === "number" ? skippedRows : 0,
  });
  // The last row of a cut text is cut, too.
  return isWhole || data.length === MAX_ROWS + 2 ? data : data.slice(0, -1);
}

function cells(row: string[]): string[] {
  return row.slice(0, MAX_COLUMNS);
}
