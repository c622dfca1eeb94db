import {css, html, nothing} from "lit";
import {customElement} from "lit/decorators.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {EditForm} from "./edit_form.js";

/** A field for another name of a file. Events: `saved` with the file, and `cancelled`. */
@customElement("fl-name-form")
export class NameFormElement extends EditForm {
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
      <form @submit=${this.#submit} @keydown=${this.cancelOnEscape}>
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
        <button type="button" @click=${this.cancel}>${texts.name.cancel}</button>
        <p id="error" role="alert">${this.error ?? nothing}</p>
      </form>
    `;
  }

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!(await this.save({name: this.#field.value}, texts.name.failed))) {
      await this.updateComplete;
      this.#field.focus();
    }
  };
}
