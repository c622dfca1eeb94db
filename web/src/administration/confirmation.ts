import {css, html, LitElement} from "lit";
import {customElement, property, query} from "lit/decorators.js";
import {controls} from "../styles/controls.js";
import {dialogs} from "../styles/dialogs.js";
import {texts} from "../texts/texts.js";

/** A dialog that asks before something is done. The browser keeps the focus in it, and gives it back. */
@customElement("fl-confirmation")
export class ConfirmationElement extends LitElement {
  static override styles = [
    controls,
    dialogs,
    css`
      dialog {
        max-width: min(30rem, calc(100vw - 2 * var(--space-3)));
      }
    `,
  ];

  @property() question = "";
  @property() consequences = "";
  @property() confirm = "";
  @query("dialog") private dialog!: HTMLDialogElement;
  #resolve: (confirmed: boolean) => void = () => {};

  /** Ask, and return whether it was confirmed. */
  async ask(): Promise<boolean> {
    await this.updateComplete;
    this.dialog.returnValue = "";
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  override render() {
    return html`
      <dialog
        aria-labelledby="question"
        aria-describedby="consequences"
        @close=${() => this.#resolve(this.dialog.returnValue === "confirmed")}
      >
        <form method="dialog">
          <h2 id="question">${this.question}</h2>
          <p id="consequences">${this.consequences}</p>
          <div class="buttons">
            <button value="">${texts.administration.cancel}</button>
            <button class="danger" value="confirmed">${this.confirm}</button>
          </div>
        </form>
      </dialog>
    `;
  }
}
