import {css, html, LitElement} from "lit";
import {customElement, property, query} from "lit/decorators.js";
import {keyed} from "lit/directives/keyed.js";
import {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import type {FileResource} from "../api/types.js";
import {controls} from "../styles/controls.js";
import {tokens} from "../styles/tokens.js";
import {texts} from "../texts/texts.js";
import type {Failure} from "../upload/failures.js";
import type {Limits} from "../upload/limits.js";
import type {ProcessedFile} from "../upload/processing_files.js";
import type {SentFile} from "../upload/queue.js";
import {readEndpoint, readMetadata, readNumber, readTypes} from "./attributes.js";
import {TokenSession} from "./token_session.js";
import {UploadStatuses} from "./upload_statuses.js";
import "../app/announcer.js";
import "../app/toasts.js";
import type {UploadAreaElement} from "../upload/upload_area.js";
import "../upload/upload_area.js";

/** What the events `uploaded`, `processed` and `failed` say of a file. */
export interface FileDetail {
  /** The id of the file in the API; null if it was refused before. */
  id: string | null;
  name: string;
  /** The name after those of the folders that were chosen. */
  path: string;
  /** The file in the browser. */
  file: Blob;
  /** Of `failed`: why, for people. */
  reason?: string;
}

interface Connection {
  api: Api;
  statuses: UploadStatuses;
}

/**
 * The uploader for other pages. Its attributes and events: docs/how-to/embed-the-uploader.md.
 *
 * The page that has it may be of another origin, and have any styles, any Content-Security-Policy and no framework.
 */
@customElement("file-dropzone")
export class FileDropzoneElement extends LitElement {
  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: block;
        color: var(--color-text);
      }
    `,
  ];

  /** The URL of the service. Default: where the script comes from. */
  @property() endpoint: string | null = null;
  @property() token: string | null = null;
  @property({attribute: "max-size"}) maxSize: string | null = null;
  @property({attribute: "max-files"}) maxFiles: string | null = null;
  @property() types: string | null = null;
  @property() metadata: string | null = null;

  @query("fl-upload-area") private uploadArea?: UploadAreaElement;

  #session = new TokenSession(() => {
    const event = new Event("token-refused", {bubbles: true, composed: true, cancelable: true});
    return !this.dispatchEvent(event);
  });
  #connection: Connection | null = null;
  #sent = 0;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("token")) {
      this.#session.token = this.token;
      this.uploadArea?.startAgain();
    }
  }

  override render() {
    try {
      const connection = this.#connect();
      return html`
        ${keyed(connection, this.#uploadArea(connection))}
        <fl-toasts></fl-toasts>
        <fl-announcer></fl-announcer>
      `;
    } catch (error) {
      if (error instanceof TypeError) {
        console.error(this, error.message);
        return html`<p role="alert">${error.message}</p>`;
      }
      throw error;
    }
  }

  #connect(): Connection {
    const base = readEndpoint("endpoint", this.endpoint, import.meta.url);
    if (this.#connection?.api.base.href !== base.href) {
      const api = new Api(base, this.#session);
      this.#connection = {api, statuses: new UploadStatuses(api)};
    }
    return this.#connection as Connection;
  }

  #uploadArea({api, statuses}: Connection) {
    return html`
      <fl-upload-area
        .api=${api}
        .changes=${statuses}
        .target=${this}
        .limits=${this.#readLimits()}
        .metadata=${readMetadata("metadata", this.metadata)}
        .linkTo=${noPage}
        @uploaded=${({detail}: CustomEvent<SentFile>) => this.#handleUploaded(detail, statuses)}
        @processed=${({detail}: CustomEvent<ProcessedFile>) => this.#handleProcessed(detail, api)}
        @upload-failure=${({detail}: CustomEvent<Failure>) => this.#handleFailure(detail)}
      ></fl-upload-area>
    `;
  }

  #readLimits(): Partial<Limits> {
    const maxFiles = readNumber("max-files", this.maxFiles);
    return {
      maxFileBytes: readNumber("max-size", this.maxSize),
      filesLeft: maxFiles === null ? null : Math.max(0, maxFiles - this.#sent),
      allowedTypes: readTypes("types", this.types),
    };
  }

  #handleUploaded(file: SentFile, statuses: UploadStatuses): void {
    this.#sent += 1;
    this.requestUpdate(); // one less may follow
    statuses.watch(file.id);
    this.#emit("uploaded", describe(file, file.id));
  }

  async #handleProcessed(file: ProcessedFile, api: Api): Promise<void> {
    if (file.status === "processed") {
      this.#emit("processed", describe(file, file.id));
    } else {
      const reason = (await readReason(api, file.id)) ?? texts.statuses[file.status];
      this.#emit("failed", {...describe(file, file.id), reason});
    }
  }

  #handleFailure(failure: Failure): void {
    const id = failure.candidate?.begun?.uploadId ?? null;
    this.#emit("failed", {...describe(failure, id), reason: failure.reason});
  }

  #emit(type: string, detail: FileDetail): void {
    this.dispatchEvent(new CustomEvent<FileDetail>(type, {detail, bubbles: true, composed: true}));
  }
}

/** Return null: what the visitor of the page may see isn't known. */
function noPage(): null {
  return null;
}

function describe({path, file}: {path: string; file: Blob}, id: string | null): FileDetail {
  return {id, name: path.split("/").at(-1) ?? path, path, file};
}

/** Return why a file wasn't processed; null if the token may not read that. */
async function readReason(api: Api, id: string): Promise<string | null> {
  try {
    return (await api.get<FileResource>(`api/files/${id}`)).body.error?.message ?? null;
  } catch (error) {
    if (error instanceof ApiError) {
      return null;
    }
    throw error;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "file-dropzone": FileDropzoneElement;
  }
}
