import {css, html, LitElement} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";
import type {FileResource} from "../api/types.js";
import {formatRoute} from "../app/router.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";

/** The list of files. */
@customElement("fl-file-list")
export class FileListElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        overflow: auto;
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: Changes;
  @property({attribute: false}) search = new URLSearchParams();
  @state() private files: FileResource[] = [];

  protected override async firstUpdated(): Promise<void> {
    this.files = (await this.api.get<FileResource[]>("api/files")).body;
  }

  override render() {
    return html`<ul>${this.files.map((file) => this.#row(file))}</ul>`;
  }

  #row(file: FileResource) {
    const href = formatRoute({view: "file", id: file.id, search: this.search});
    return html`<li><a href=${href}>${file.name}</a> ${texts.statuses[file.status]}</li>`;
  }
}
