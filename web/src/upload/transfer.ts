import type {TaskQueue} from "@uppy/core/utils";
import type {Api} from "../api/client.js";
import {ApiError} from "../api/errors.js";
import type {NewUpload, Upload} from "../api/types.js";
import {PartUrlSource} from "./part_urls.js";
import {retry} from "./retry.js";
import {put, StorageError} from "./storage.js";

const MAX_ROUNDS = 3;
/* How often the missing parts of an upload are sent. More than one: the service found fewer parts than were sent. */

const GONE: ReadonlySet<number> = new Set([404, 410]);

/** An upload whose bytes are stored. */
export type StoredUpload = Pick<Upload, "id" | "status">;

/** What is to be uploaded. */
export interface Source {
  data: Blob;
  description: Omit<NewUpload, "checksum">;
  /** The Idempotency-Key: the same one again finds the upload again. */
  key: string;
  /** The upload to continue, if there is one. */
  uploadId: string | null;
}

export interface TransferEvents {
  /** The upload is there, with this id, which its file has as well. May be called twice. */
  onCreate: (id: string) => void;
  /** So many bytes are sent. It may become less when a part has to be sent again. */
  onProgress: (bytes: number) => void;
}

/** Sends one file: creates its upload or continues it, and sends the bytes that the storage doesn't have. */
export class Transfer {
  #sentParts = 0;
  /** Bytes of the parts that are under way, by number. */
  #loaded = new Map<number, number>();

  constructor(
    readonly api: Api,
    /** Where all requests with bytes wait for their turn. */
    readonly requests: TaskQueue,
    readonly source: Source,
    readonly events: TransferEvents,
  ) {}

  /**
   * Return the upload when all bytes are stored, with the status that the file has then; what was stored before may be
   * processed already. Throws ApiError, StorageError, or the signal's reason.
   */
  async run(signal: AbortSignal): Promise<StoredUpload> {
    let upload = await this.#begin(signal);
    this.events.onCreate(upload.id);
    signal.throwIfAborted();
    for (let round = 1; upload.status === "awaiting_upload"; round++) {
      try {
        await this.#send(upload, signal);
        return {id: upload.id, status: "uploaded"};
      } catch (error) {
        if (!isOutdated(error) || round === MAX_ROUNDS) {
          throw error;
        }
      }
      upload = await this.#get(upload.id, signal);
    }
    return upload;
  }

  async #begin(signal: AbortSignal): Promise<Upload> {
    const {uploadId, key, data} = this.source;
    try {
      if (!uploadId) {
        const created = await this.#create(key, signal);
        // The key may have found an upload that has parts already.
        return created.part_count === null
          ? created
          : {...(await this.#get(created.id, signal)), parts: created.parts};
      }
      const upload = await this.#get(uploadId, signal);
      if (upload.size === data.size && upload.status !== "expired") {
        return upload;
      }
    } catch (error) {
      if (!(error instanceof ApiError && (GONE.has(error.status) || error.code === "idempotency_key_reused"))) {
        throw error;
      }
    }
    // It was deleted, or has expired, or was of other metadata.
    return this.#create(`${key}-${createKey()}`, signal);
  }

  async #create(key: string, signal: AbortSignal): Promise<Upload> {
    const options = {headers: {"Idempotency-Key": key}}; // not aborted: what is created has to be deleted again
    const send = async () => {
      const {body} = await this.api.post<Upload>("api/uploads", this.source.description, options);
      this.events.onCreate(body.id); // also where it is aborted by now
      return body;
    };
    return retry(send, signal);
  }

  async #get(id: string, signal: AbortSignal): Promise<Upload> {
    return (await retry(() => this.api.get<Upload>(`api/uploads/${id}`, {signal}), signal)).body;
  }

  #send(upload: Upload, signal: AbortSignal): Promise<void> {
    return upload.part_count === null ? this.#sendWhole(upload, signal) : this.#sendParts(upload, signal);
  }

  async #sendWhole(upload: Upload, signal: AbortSignal): Promise<void> {
    let request = upload.upload;
    const send = async () => {
      request ??= (await this.api.get<Upload>(`api/uploads/${upload.id}`, {signal})).body.upload;
      if (!request) {
        return; // the bytes of an earlier request have arrived
      }
      try {
        await put(request, this.source.data, (bytes) => this.#report(1, bytes), signal);
      } catch (error) {
        request = null;
        if (!(error instanceof StorageError && error.status === 412)) {
          throw error;
        }
      }
    };
    await this.requests.add(() => retry(send, signal)).abortOn(signal);
  }

  async #sendParts(upload: Upload, signal: AbortSignal): Promise<void> {
    const missing = this.#findMissing(upload);
    const urls = new PartUrlSource(this.api, upload, missing);
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    try {
      await Promise.all(
        missing.map((number) =>
          this.requests
            .add(() => retry(() => this.#sendPart(upload, number, urls, either), either))
            .abortOn(either),
        ),
      );
    } catch (error) {
      stop.abort(error);
      throw error;
    }
    await retry(() => this.api.post(`api/uploads/${upload.id}/complete`, {}, {signal}), signal);
  }

  async #sendPart(upload: Upload, number: number, urls: PartUrlSource, signal: AbortSignal): Promise<void> {
    const partSize = upload.part_size as number;
    const slice = this.source.data.slice((number - 1) * partSize, number * partSize);
    const url = await urls.get(number);
    signal.throwIfAborted();
    try {
      await put({url}, slice, (bytes) => this.#report(number, bytes), signal);
    } catch (error) {
      urls.drop(number);
      this.#report(number, 0);
      throw error;
    }
    this.#loaded.delete(number);
    this.#sentParts += slice.size;
    this.#reportAll();
  }

  /** Return the numbers of the parts that the storage doesn't have, and count those that it has. */
  #findMissing(upload: Upload): number[] {
    const {size} = this.source.data;
    const partSize = upload.part_size as number;
    const stored = new Map((upload.uploaded_parts ?? []).map((part) => [part.number, part.size]));
    const missing: number[] = [];
    this.#loaded.clear();
    this.#sentParts = 0;
    for (let number = 1; number <= (upload.part_count as number); number++) {
      const expected = Math.min(partSize, size - (number - 1) * partSize);
      if (stored.get(number) === expected) {
        this.#sentParts += expected;
      } else {
        missing.push(number);
      }
    }
    this.#reportAll();
    return missing;
  }

  #report(number: number, bytes: number): void {
    this.#loaded.set(number, bytes);
    this.#reportAll();
  }

  #reportAll(): void {
    let sum = this.#sentParts;
    for (const bytes of this.#loaded.values()) {
      sum += bytes;
    }
    this.events.onProgress(sum);
  }
}

/** Return a random text. */
export function createKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-"); // `randomUUID` needs https
}

/** Return whether an error says that the upload is further than, or not as far as we thought. */
function isOutdated(error: unknown): boolean {
  return (
    (error instanceof ApiError && (error.code === "upload_incomplete" || error.code === "upload_finished")) ||
    (error instanceof StorageError && error.code === "NoSuchUpload")
  );
}
