import {html, LitElement} from "lit";
import {customElement, property} from "lit/decorators.js";
import type {Api} from "../api/client.js";

/** What administrators see of all owners. */
@customElement("fl-administration")
export class AdministrationElement extends LitElement {
  @property({attribute: false}) api!: Api;

  override render() {
    return html``;
  }
}
