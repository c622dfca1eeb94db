import {css, html, LitElement} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {FileResource} from "../../api/types.js";
import {controls} from "../../styles/controls.js";
import {texts} from "../../texts/texts.js";
import type {Beginning} from "../beginning.js";
import {textNotes, textStyles} from "./text_notes.js";

/** The beginning of a text. */
@customElement("fl-text-preview")
export class TextPreviewElement extends LitElement {
  static override styles = [
    controls,
    textStyles,
    css`
      pre {
        margin: 0;
        padding: var(--space-2);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({attribute: false}) file!: FileResource;
  @property({attribute: false}) beginning!: Beginning;

  override render() {
    return html`<pre class="scroller" role="region" tabindex="0" aria-label=${texts.previews.text(this.file.name)}>${
      this.beginning.text
    }</pre>${textNotes(this.beginning)}`;
  }
}
