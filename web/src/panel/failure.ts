// Why a file isn't ready, and what helps.
import {html, nothing, type TemplateResult} from "lit";
import type {FileResource} from "../api/types.js";
import {texts} from "../texts/texts.js";

const MAY_SUCCEED = new Set(["attempts_exhausted", "object_missing"]);
/* What doesn't lie in the bytes. */

/** Return why a file failed, with a button that processes it again. */
export function failureNote(file: FileResource, reprocess: () => void): TemplateResult | typeof nothing {
  const {status, error} = file;
  if (status === "expired") {
    return html`<div class="failure"><strong>${texts.failure.expired}</strong><p>${texts.failure.expiredHint}</p></div>`;
  }
  if (!error) {
    return nothing;
  }
  const isRejected = status === "rejected";
  return html`<div class="failure">
    <strong>${isRejected ? texts.failure.rejected : texts.failure.failed}</strong>
    <p>${error.message}</p>
    <p class="code">${texts.failure.code(error.code)}</p>
    ${isRejected ? nothing : html`<button @click=${reprocess}>${texts.failure.retry}</button>`}
    ${isRejected || MAY_SUCCEED.has(error.code) ? nothing : html`<p class="code">${texts.failure.sameBytes}</p>`}
  </div>`;
}
