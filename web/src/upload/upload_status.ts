// The parts of the upload area that say how far the files are.
import {html, nothing} from "lit";
import {copy} from "../app/copy.js";
import {formatDuration, formatNumber, formatSize} from "../texts/format.js";
import {texts} from "../texts/texts.js";
import type {Failure} from "./failures.js";
import type {ProcessedFile, ProcessingFiles} from "./processing_files.js";
import type {UploadQueue} from "./queue.js";

const SHOWN = 20;
/* Failures that are shown. */

/** Return the line with the progress of all files, and what can be done with all. */
export function renderSummary(queue: UploadQueue, sent: ProcessingFiles, speed: number) {
  const {totalBytes, totalFiles, sentBytes, sentFiles} = queue.progress;
  const unfinished = totalFiles - sentFiles;
  const facts = [
    totalFiles > 1 ? texts.upload.files(formatNumber(sentFiles), formatNumber(totalFiles)) : null,
    texts.upload.uploading(formatSize(sentBytes), formatSize(totalBytes)),
    ...(unfinished && speed >= 1 ? speedAndTimeLeft(speed, totalBytes - sentBytes) : []),
    queue.waitingCount ? texts.upload.waiting(formatNumber(queue.waitingCount)) : null,
    ...statesAfter(sent),
  ];
  return html`
    <div class="summary">
      <progress max=${totalBytes || 1} .value=${totalBytes ? sentBytes : Number(!unfinished)}
        aria-label=${texts.upload.progress}></progress>
      <span class="facts">${facts.filter(Boolean).join(" · ")}</span>
      ${unfinished ? renderButtons(queue) : nothing}
    </div>
    ${renderState(queue, unfinished)}
  `;
}

/** Return the texts of the speed, in bytes a second, and of the time that what is left takes at that. */
function speedAndTimeLeft(speed: number, left: number): string[] {
  return [
    texts.upload.speed(formatSize(Math.round(speed))),
    texts.upload.timeLeft(formatDuration(Math.max(1, Math.round(left / speed)))),
  ];
}

function statesAfter({count, ready, failed}: ProcessingFiles): (string | null)[] {
  return [
    count ? texts.upload.processing(count) : null,
    ready ? texts.upload.ready(ready) : null,
    failed ? texts.upload.notProcessed(failed) : null,
  ];
}

function renderButtons(queue: UploadQueue) {
  const pause = queue.isPaused
    ? html`<button @click=${() => queue.resume()}>${texts.upload.resumeAll}</button>`
    : html`<button @click=${() => queue.pause()}>${texts.upload.pauseAll}</button>`;
  return html`${pause} <button class="danger" @click=${() => queue.cancel()}>${texts.upload.cancelAll}</button>`;
}

function renderState(queue: UploadQueue, unfinished: number) {
  if (unfinished && queue.isPaused) {
    return html`<p class="notice">${texts.upload.paused}</p>`;
  }
  return unfinished && !navigator.onLine ? html`<p class="notice">${texts.upload.offline}</p>` : nothing;
}

/** Return what waited when an earlier page was closed: the browser doesn't have these files any more. */
export function renderForgotten(queue: UploadQueue) {
  const {forgotten} = queue.record;
  if (!forgotten) {
    return nothing;
  }
  return html`
    <p class="notice">
      ${texts.upload.forgotten(formatNumber(forgotten.files), formatSize(forgotten.bytes))}
      <button @click=${() => queue.forget()}>${texts.upload.dismiss}</button>
    </p>
  `;
}

/** Return the files that couldn't be uploaded, with what can be done about them. */
export function renderFailures(queue: UploadQueue) {
  const {failures} = queue;
  if (failures.length === 0) {
    return nothing;
  }
  const canRetry = failures.filter(({candidate}) => candidate);
  return html`
    <section class="failures">
      <div class="row">
        <h2>${texts.upload.failures(failures.length)}</h2>
        ${
          canRetry.length > 1
            ? html`<button @click=${() => queue.retry(canRetry)}>${texts.upload.retryAll}</button>`
            : nothing
        }
        <button @click=${() => queue.dismiss(failures)}>${texts.upload.dismissAll}</button>
      </div>
      <ul>
        ${failures.slice(0, SHOWN).map((failure) => renderFailure(queue, failure))}
        ${failures.length > SHOWN ? html`<li class="row">${texts.upload.more(failures.length - SHOWN)}</li>` : nothing}
      </ul>
    </section>
  `;
}

function renderFailure(queue: UploadQueue, failure: Failure) {
  const {path, reason, details, candidate} = failure;
  return html`
    <li class="row">
      <span class="name">${path}</span>
      <span class="reason">${reason}</span>
      ${candidate ? html`<button @click=${() => queue.retry([failure])}>${texts.upload.retry}</button>` : nothing}
      <button @click=${() => copy(`${path}\n${details}`, texts.upload.copied)}>${texts.upload.copyDetails}</button>
      <button @click=${() => queue.dismiss([failure])}>${texts.upload.dismiss}</button>
    </li>
  `;
}

/** Return links to the files that were sent last. */
export function renderRecent(files: ProcessedFile[], linkTo: (id: string) => string | null) {
  if (files.length === 0) {
    return nothing;
  }
  return html`
    <ul aria-label=${texts.upload.recent}>
      ${files.map(
        ({id, path, status}) => html`
          <li class="row"><a class="name" href=${linkTo(id) ?? nothing}>${path}</a> ${texts.statuses[status]}</li>
        `,
      )}
    </ul>
  `;
}
