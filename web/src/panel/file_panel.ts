import {html, LitElement, nothing} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";

/** What is known about a file. Hidden without one. */
@customElement("fl-file-panel")
export class FilePanelElement extends LitElement {
  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: Changes;
  @property({attribute: false}) fileId: string | null = null;

  override render() {
    return this.fileId ? html`<p>${this.fileId}</p>` : nothing;
  }
}
