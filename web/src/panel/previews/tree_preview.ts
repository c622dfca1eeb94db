import {css, html, LitElement} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {FileResource} from "../../api/types.js";
import {controls} from "../../styles/controls.js";
import {texts} from "../../texts/texts.js";
import type {Beginning} from "../beginning.js";
import {type Json, parseJson, parseLines} from "./json.js";
import {textNotes, textStyles} from "./text_notes.js";
import "./json_node.js";
import "./text_preview.js";

/** JSON as a tree, or as a text if it can't be read. */
@customElement("fl-tree-preview")
export class TreePreviewElement extends LitElement {
  static override styles = [
    controls,
    textStyles,
    css`
      .scroller {
        padding: var(--space-2);
      }
    `,
  ];

  @property({attribute: false}) file!: FileResource;
  @property({attribute: false}) beginning!: Beginning;

  override render() {
    const value = this.#parse();
    if (value === undefined) {
      const note = this.beginning.isWhole ? html`<p class="note">${texts.previews.invalidJson}</p>` : "";
      return html`<fl-text-preview .file=${this.file} .beginning=${this.beginning}></fl-text-preview>${note}`;
    }
    return html`
      <div class="scroller" role="region" tabindex="0" aria-label=${texts.previews.tree(this.file.name)}>
        <fl-json-node .value=${value} .isOpen=${true}></fl-json-node>
      </div>
      ${textNotes(this.beginning)}
    `;
  }

  #parse(): Json | undefined {
    if (this.file.types.detected === "application/x-ndjson") {
      return parseLines(this.beginning.text, this.beginning.isWhole);
    }
    return this.beginning.isWhole ? parseJson(this.beginning.text) : undefined;
  }
}
