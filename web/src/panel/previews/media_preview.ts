import {css, html, LitElement} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../../api/client.js";
import type {FileResource} from "../../api/types.js";
import {texts} from "../../texts/texts.js";
import {findContentUrl} from "../content.js";

/** A player of a sound or a film, which reads from the storage what it plays. */
@customElement("fl-media-preview")
export class MediaPreviewElement extends LitElement {
  static override styles = css`
    video,
    audio {
      display: block;
      width: 100%;
      max-height: 24rem;
    }
    video {
      background: #000;
    }
    p {
      color: var(--color-muted);
    }
  `;

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) file!: FileResource;
  @property({attribute: false}) kind: "audio" | "video" = "video";
  @state() private url: string | null = null;
  @state() private isUnplayable = false;
  #position = 0;

  protected override async firstUpdated(): Promise<void> {
    this.url = await findContentUrl(this.api, this.file.id);
  }

  override render() {
    if (this.isUnplayable) {
      return html`<p>${texts.previews.unplayable}</p>`;
    }
    if (!this.url) {
      return html`<p>${texts.previews.loading}</p>`;
    }
    return this.kind === "video"
      ? html`<video src=${this.url} controls preload="metadata" playsinline aria-label=${this.file.name}
          @error=${this.#recover} @loadedmetadata=${this.#continue}></video>`
      : html`<audio src=${this.url} controls preload="metadata" aria-label=${this.file.name}
          @error=${this.#recover} @loadedmetadata=${this.#continue}></audio>`;
  }

  /** A URL is valid for five minutes: where one has played, another one goes on. */
  #recover = async (event: Event): Promise<void> => {
    const player = event.target as HTMLMediaElement;
    if (player.currentTime === 0 || player.currentTime === this.#position) {
      this.isUnplayable = true;
      return;
    }
    this.#position = player.currentTime;
    try {
      this.url = await findContentUrl(this.api, this.file.id);
    } catch {
      this.isUnplayable = true;
    }
  };

  #continue = (event: Event): void => {
    const player = event.target as HTMLMediaElement;
    if (this.#position) {
      player.currentTime = this.#position;
      void player.play();
    }
  };
}
