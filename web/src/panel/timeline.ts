import {css, html, LitElement, nothing} from "lit";
import {customElement, property, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {TimelineEntry} from "../api/types.js";
import {formatExactTime, formatNumber} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {describeError} from "./describe_error.js";

/** What happened to a file, oldest first. */
@customElement("fl-file-timeline")
export class FileTimelineElement extends LitElement {
  static override styles = css`
    ol {
      margin: 0;
      padding: 0;
      list-style: none;
      display: grid;
      gap: var(--space-2);
    }
    li {
      padding-left: var(--space-2);
      border-left: 3px solid var(--color-border);
    }
    time {
      display: block;
      color: var(--color-muted);
      font-size: 0.875rem;
    }
  `;

  @property({attribute: false}) api!: Api;
  @property({attribute: false}) fileId!: string;
  /** Of the file: with another one, the timeline has more entries. */
  @property({attribute: false}) version = 0;
  @state() private entries: TimelineEntry[] = [];
  @state() private error: string | null = null;
  #loads = 0;

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has("fileId")) {
      this.entries = [];
    }
    if (changed.has("fileId") || changed.has("version")) {
      void this.#load();
    }
  }

  async #load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const {body} = await this.api.get<TimelineEntry[]>(`api/files/${this.fileId}/timeline`);
      if (load === this.#loads) {
        this.entries = body;
        this.error = null;
      }
    } catch (error) {
      if (load === this.#loads) {
        this.error = describeError(error);
      }
    }
  }

  override render() {
    return html`
      ${this.error ? html`<p>${texts.timeline.failed(this.error)}</p>` : nothing}
      <ol>
        ${this.entries.map(
          (entry) =>
            html`<li><time datetime=${entry.at}>${formatExactTime(entry.at)}</time>${describe(entry)}</li>`,
        )}
      </ol>
    `;
  }
}

/** Return what an entry says in words. A later version of the service may have other types. */
function describe(entry: TimelineEntry): string {
  const {timeline} = texts;
  switch (entry.type) {
    case "announced":
    case "stored":
    case "event":
    case "retried":
    case "reopened":
    case "expired":
    case "renamed":
    case "deleted":
      return timeline[entry.type];
    case "metadata_changed":
      return timeline.metadataChanged;
    case "dead_letter":
      return timeline.deadLetter(String(entry.event?.reason));
    case "claimed":
      return timeline.claimed(formatNumber(entry.attempts ?? 1));
    case "scanned":
      return timeline.scanned(entry.verdict ? texts.details.verdicts[entry.verdict] : "");
    case "finished":
      return describeEnd(entry);
    default:
      return String(entry.type);
  }
}

function describeEnd(entry: TimelineEntry): string {
  if (entry.status === "processed" || !entry.status) {
    return texts.timeline.processed;
  }
  return texts.timeline.ended(texts.statuses[entry.status] ?? entry.status, entry.error ?? "");
}
