import {html, LitElement} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {Changes} from "../api/changes.js";
import type {Api} from "../api/client.js";

/** Where files are dropped and chosen, and the queue of those that are being sent. */
@customElement("fl-upload-area")
export class UploadAreaElement extends LitElement {
  @property({attribute: false}) api!: Api;
  @property({attribute: false}) changes!: Changes;

  override render() {
    return html``;
  }
}
