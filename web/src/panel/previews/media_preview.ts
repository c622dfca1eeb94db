import {css, html, LitElement} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../../api/client.js";
import {findContentUrl} from "../../api/content.js";
import {ApiError} from "../../api/errors.js";
import type {FileResource} from "../../api/types.js";
import {texts} from "../../texts/texts.js";

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
  /** A presigned one. */
  @property({attribute: false}) url!: string;
  @state() private isUnplayable = false;
  #isReadable = false;
  #position = 0;
  #wasPlaying = false;

  override render() {
    if (this.isUnplayable) {
      return html`<p>${texts.previews.unplayable}</p>`;
    }
    return this.kind === "video"
      ? html`<video src=${this.url} controls preload="metadata" playsinline aria-label=${this.file.name}
          @error=${this.#recover} @loadedmetadata=${this.#continue}></video>`
      : html`<audio src=${this.url} controls preload="metadata" aria-label=${this.file.name}
          @error=${this.#recover} @loadedmetadata=${this.#continue}></audio>`;
  }

  /** A URL is valid for five minutes: where one has been read from, another one goes on. */
  #recover = async (event: Event): Promise<void> => {
    const player = event.target as HTMLMediaElement;
    const wasReadable = this.#isReadable;
    this.#isReadable = false;
    this.#position = player.currentTime;
    this.#wasPlaying = !player.paused;
    try {
      if (wasReadable) {
        const url = await findContentUrl(this.api, this.file.id);
        if (url === this.url) {
          player.load(); // a URL that was made in the same second is the same
        }
        this.url = url;
        return;
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
    }
    this.isUnplayable = true;
  };

  #continue = (event: Event): void => {
    const player = event.target as HTMLMediaElement;
    this.#isReadable = true;
    if (this.#position) {
      player.currentTime = this.#position;
    }
    if (this.#wasPlaying) {
      player.play().catch(() => undefined); // the browser may want a click first
    }
  };
}
