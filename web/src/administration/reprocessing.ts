import {css, html, LitElement, nothing} from "lit";
import {customElement, property, query, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import type {MarkedFiles, Overview} from "../api/types.js";
import {announce} from "../app/announcer.js";
import {controls} from "../styles/controls.js";
import {formatNumber} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import type {ConfirmationElement} from "./confirmation.js";
import "./confirmation.js";
import {failure, formatFiles, sections} from "./sections.js";

/** Processes again what older processors have processed. Event: `marked`, when there is a new number of marks. */
@customElement("fl-reprocessing")
export class ReprocessingElement extends LitElement {
  static override styles = [
    controls,
    sections,
    css`
      progress {
        width: 100%;
        accent-color: var(--color-accent);
      }
    `,
  ];

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) overview!: Overview;
  @state() private progress: {examined: number; marked: number} | null = null;
  @state() private result = "";
  @state() private error: ApiError | null = null;
  @query("fl-confirmation") private confirmation!: ConfirmationElement;
  #stop: AbortController | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.abort(); // what is marked stays marked
  }

  override render() {
    const {reprocessing} = texts.administration;
    const {files, precision} = this.overview.to_be_reprocessed;
    return html`
      <h2>${reprocessing.title}</h2>
      <p>${reprocessing.explanation}</p>
      ${files ? html`<p>${reprocessing.waiting(formatFiles(files, precision))}</p>` : nothing}
      ${this.progress ? this.#showProgress(this.progress) : html`<button @click=${this.#ask}>${reprocessing.start}</button>`}
      ${this.result ? html`<p class="good" id="result">${this.result}</p>` : nothing}
      ${failure(this.error, this.#mark)}
      <fl-confirmation
        question=${reprocessing.question}
        consequences=${reprocessing.consequences}
        confirm=${reprocessing.confirm}
      ></fl-confirmation>
    `;
  }

  #showProgress({examined, marked}: {examined: number; marked: number}) {
    const {reprocessing} = texts.administration;
    const total = this.overview.statuses.reduce((sum, each) => sum + each.files, 0);
    const text = reprocessing.progress(formatNumber(examined), formatNumber(marked));
    return html`
      <progress aria-label=${text} max=${Math.max(total, examined, 1)} value=${examined}></progress>
      <p>${text}</p>
      <button @click=${() => this.#stop?.abort()}>${reprocessing.stop}</button>
    `;
  }

  #ask = async (): Promise<void> => {
    if (await this.confirmation.ask()) {
      await this.#mark();
    }
  };

  #mark = async (): Promise<void> => {
    const {reprocessing} = texts.administration;
    this.#stop = new AbortController();
    const {signal} = this.#stop;
    this.error = null;
    this.result = "";
    let examined = 0;
    let marked = 0;
    let after: string | null = null;
    this.progress = {examined, marked};
    try {
      do {
        const {body}: {body: MarkedFiles} = await this.api.post<MarkedFiles>(
          "api/admin/reprocess",
          {after},
          {signal},
        );
        examined += body.examined;
        marked += body.marked;
        after = body.after;
        this.progress = {examined, marked};
      } while (after !== null);
      this.result = reprocessing.done(formatNumber(examined), formatNumber(marked));
    } catch (error) {
      if (error instanceof ApiError) {
        this.error = error;
      } else if (signal.aborted) {
        this.result = reprocessing.stopped(formatNumber(marked));
      } else {
        throw error;
      }
    } finally {
      this.progress = null;
    }
    if (this.result) {
      announce(this.result);
    }
    this.dispatchEvent(new CustomEvent("marked"));
  };
}
