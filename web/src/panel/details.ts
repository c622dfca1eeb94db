// What the service itself knows about a file.
import {html, nothing, type TemplateResult} from "lit";
import type {FileResource} from "../api/types.js";
import {copy} from "../app/copy.js";
import {describeKind} from "../files/kinds.js";
import {formatExactTime, formatNumber, formatSize} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import {factEntry} from "./fact_list.js";

/** Return the details of a file as a list. */
export function detailList(file: FileResource): TemplateResult {
  const {details} = texts;
  const processors = Object.entries(file.result ?? {}).filter(([, {version}]) => version !== undefined);
  return html`<dl>
    ${factEntry(details.kind, describeKind(file.types.detected))}
    ${factEntry(details.size, describeSize(file.size))}
    ${file.uploaded_at ? factEntry(details.uploaded, formatExactTime(file.uploaded_at)) : nothing}
    ${file.processed_at ? factEntry(details.processed, formatExactTime(file.processed_at)) : nothing}
    ${file.attempts > 1 ? factEntry(details.attempts, formatNumber(file.attempts)) : nothing}
    ${processors.map(([name, {version}]) => factEntry(details.processor, details.version(name, String(version))))}
    ${factEntry(details.owner, file.owner)}
    ${file.scan ? factEntry(details.scan, describeScan(file.scan)) : nothing}
    ${file.checksum ? factEntry(details.checksum(file.checksum.algorithm), checksum(file.checksum.value)) : nothing}
    ${factEntry(details.id, html`<code>${file.id}</code>`)}
  </dl>`;
}

function describeSize(size: number | null): string {
  if (size === null) {
    return texts.details.sizeUnknown;
  }
  return size < 1000 ? formatSize(size) : texts.details.exactSize(formatSize(size), formatNumber(size));
}

function describeScan(scan: NonNullable<FileResource["scan"]>): string {
  const verdict = texts.details.verdicts[scan.verdict] ?? scan.verdict;
  return texts.details.verdictAt(verdict, formatExactTime(scan.scanned_at));
}

function checksum(value: string): TemplateResult {
  const {copyChecksum, checksumCopied} = texts.details;
  return html`<code>${value}</code> <button @click=${() => copy(value, checksumCopied)}>${copyChecksum}</button>`;
}
