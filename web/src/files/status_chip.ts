import {html, svg} from "lit";
import type {FileStatus} from "../api/types.js";
import {texts} from "../texts/texts.js";

const ICONS = {
  check: svg`<path d="m3 8.5 3.5 3.5L13 4.5"/>`,
  cross: svg`<path d="m4 4 8 8m0-8-8 8"/>`,
  forbidden: svg`<circle cx="8" cy="8" r="6"/><path d="m4 4 8 8"/>`,
  clock: svg`<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>`,
  arrow: svg`<path d="M8 13V3.5M4 7l4-4 4 4"/>`,
  turning: svg`<path d="M8 2a6 6 0 1 1-6 6"/>`,
};

const LOOKS: Record<FileStatus, {icon: keyof typeof ICONS; className: string}> = {
  awaiting_upload: {icon: "arrow", className: "waiting"},
  uploaded: {icon: "clock", className: "waiting"},
  processing: {icon: "turning", className: "working"},
  processed: {icon: "check", className: "good"},
  failed: {icon: "cross", className: "bad"},
  rejected: {icon: "forbidden", className: "bad"},
  expired: {icon: "clock", className: "muted"},
};

/** Return a file's status as an icon with a word. A later version of the service may have other statuses. */
export function statusChip(status: FileStatus, title: string | null = null) {
  const {icon, className} = LOOKS[status] ?? {icon: "clock", className: "muted"};
  return html`<span class="status ${className}" title=${title ?? ""}>
    <svg viewBox="0 0 16 16" aria-hidden="true" class=${icon}>${ICONS[icon]}</svg>
    <span>${texts.statuses[status] ?? status}</span>
  </span>`;
}
