import {css, html, LitElement, nothing} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {FileResource} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {describeError} from "./describe_error.js";

/** A field for another name of a file. Events: `saved` with the file, and `cancelled`. */
@customElement("fl-name-form")
export class NameFormElement extends LitElement {
  static override styles = [
    controls,
    css`
      form {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      input {
        flex: 1 1 12rem;
        min-width: 0;
      }
      p {
        flex-basis: 100%;
        margin: 0;
        color: var(--color-bad);
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) file!: FileResource;
  @state() private error: string | null = null;
  @state() private busy = false;

  protected override firstUpdated(): void {
    const field = this.#field;
    field.focus();
    const extension = field.value.lastIndexOf(".");
    field.setSelectionRange(0, extension > 0 ? extension : field.value.length); // what people change
  }

  get #field(): HTMLInputElement {
    return this.renderRoot.querySelector("input") as HTMLInputElement;
  }

  override render() {
    return html`
      <form @submit=${this.#save} @keydown=${this.#cancelOnEscape}>
        <input
          aria-label=${texts.name.label}
          aria-invalid=${this.error ? "true" : "false"}
          aria-describedby="error"
          .value=${this.file.name}
          ?disabled=${this.busy}
          required
          autocomplete="off"
          spellcheck="false"
        />
        <button class="primary" ?disabled=${this.busy}>${texts.name.save}</button>
        <button type="button" @click=${this.#cancel}>${texts.name.cancel}</button>
        <p id="error" role="alert">${this.error ?? nothing}</p>
      </form>
    `;
  }

  #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    this.busy = true;
    try {
      const {body} = await this.api.patch<FileResource>(`api/files/${this.file.id}`, {name: this.#field.value});
      this.dispatchEvent(new CustomEvent<FileResource>("saved", {detail: body}));
    } catch (error) {
      this.error = texts.name.failed(describeError(error));
      this.busy = false;
      await this.updateComplete;
      this.#field.focus();
    }
  };

  #cancel = (): void => {
    this.dispatchEvent(new Event("cancelled"));
  };

  #cancelOnEscape = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation(); // otherwise it closes the panel
      this.#cancel();
    }
  };
}
