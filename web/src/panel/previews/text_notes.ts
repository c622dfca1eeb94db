// What a preview of a text says about itself.
import {css, html, nothing, type TemplateResult} from "lit";
import {formatSize} from "../../texts/format.js";
import {texts} from "../../texts/texts.js";
import {type Beginning, MAX_TEXT_BYTES} from "../beginning.js";

/** Return the notes: that there is more, and that the text may be garbled. */
export function textNotes(beginning: Beginning, more: string | null = null): TemplateResult {
  const cut = beginning.isWhole ? more : texts.previews.beginning(formatSize(MAX_TEXT_BYTES));
  const encoding = beginning.unknownEncoding;
  return html`
    ${cut ? html`<p class="note">${cut}</p>` : nothing}
    ${encoding ? html`<p class="note">${texts.previews.encoding(encoding)}</p>` : nothing}
  `;
}

export const textStyles = css`
  .scroller {
    max-height: 24rem;
    overflow: auto;
    border: 1px solid var(--color-border);
    border-radius: calc(var(--radius) / 2);
    background: var(--color-surface);
    font-family: ui-monospace, monospace;
    font-size: 0.8125rem;
    tab-size: 4;
  }
  .note {
    margin: var(--space-1) 0 0;
    color: var(--color-muted);
    font-size: 0.875rem;
  }
`;
