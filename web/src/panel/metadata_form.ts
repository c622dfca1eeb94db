import {css, html, nothing} from "lit";
import {customElement, state} from "lit/decorators.js";
import {live} from "lit/directives/live.js";
import {controls} from "../styles/controls.js";
import {texts} from "../texts/texts.js";
import {EditForm} from "./edit_form.js";

type Entry = [key: string, value: string];

/** Fields for a file's metadata. Events: `saved` with the file, and `cancelled`. */
@customElement("fl-metadata-form")
export class MetadataFormElement extends EditForm {
  static override styles = [
    controls,
    css`
      form {
        display: grid;
        gap: var(--space-2);
      }
      fieldset {
        display: grid;
        grid-template-columns: minmax(0, 2fr) minmax(0, 3fr) auto;
        gap: var(--space-2);
        margin: 0;
        padding: 0;
        border: 0;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-2);
      }
      p {
        margin: 0;
        color: var(--color-bad);
      }
    `,
  ];

  @state() private entries: Entry[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const entries = Object.entries(this.file.metadata);
    this.entries = entries.length ? entries : [["", ""]];
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector("input")?.focus();
  }

  override render() {
    return html`
      <form @submit=${this.#submit} @keydown=${this.cancelOnEscape}>
        ${this.entries.map((entry, index) => this.#fields(entry, index))}
        <p role="alert">${this.error ?? nothing}</p>
        <div class="buttons">
          <button type="button" @click=${this.#add}>${texts.metadata.add}</button>
          <button class="primary" ?disabled=${this.busy}>${texts.metadata.save}</button>
          <button type="button" @click=${this.cancel}>${texts.metadata.cancel}</button>
        </div>
      </form>
    `;
  }

  #fields([key, value]: Entry, index: number) {
    return html`<fieldset>
      <input
        aria-label=${texts.metadata.key(index + 1)}
        .value=${live(key)}
        maxlength="64"
        @input=${(event: Event) => this.#change(index, [readField(event), this.entries[index]?.[1] ?? ""])}
      />
      <input
        aria-label=${texts.metadata.value(index + 1)}
        .value=${live(value)}
        maxlength="500"
        @input=${(event: Event) => this.#change(index, [this.entries[index]?.[0] ?? "", readField(event)])}
      />
      <button type="button" aria-label=${texts.metadata.remove(key)} @click=${() => this.#remove(index)}>✕</button>
    </fieldset>`;
  }

  #change(index: number, entry: Entry): void {
    this.entries = this.entries.with(index, entry);
  }

  #remove(index: number): void {
    this.entries = this.entries.toSpliced(index, 1);
  }

  #add = async (): Promise<void> => {
    this.entries = [...this.entries, ["", ""]];
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>("fieldset:last-of-type input")?.focus();
  };

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const entries = this.entries.filter(([key, value]) => key || value);
    const twice = entries.find(([key], index) => entries.findIndex((entry) => entry[0] === key) !== index);
    if (twice) {
      this.error = texts.metadata.twice(twice[0]);
      return;
    }
    await this.save({metadata: Object.fromEntries(entries)}, texts.metadata.failed);
  };
}

function readField(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
