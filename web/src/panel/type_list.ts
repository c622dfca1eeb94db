// What a file's type is by its sender, by its name and by its content.
import {html, nothing, type TemplateResult} from "lit";
import type {FileResource} from "../api/types.js";
import {describeKind} from "../files/kinds.js";
import {texts} from "../texts/texts.js";
import {factEntry} from "./fact_list.js";

/** Return the types of a file. */
export function typeList({types}: FileResource): TemplateResult {
  return html`<dl>
    ${factEntry(texts.types.detected, types.detected ?? texts.types.unknown)}
    ${factEntry(texts.types.extension, types.extension ?? texts.types.unknown)}
    ${factEntry(texts.types.declared, types.declared ?? texts.types.undeclared)}
  </dl>`;
}

/** Return a warning if the content contradicts what the file claims to be. */
export function mismatchNote({types}: FileResource): TemplateResult | typeof nothing {
  return types.mismatch ? html`<p class="warning">⚠ ${describeMismatch(types)}</p>` : nothing;
}

function describeMismatch({declared, extension, detected}: FileResource["types"]): string {
  const claims = [extension, declared].filter((type) => type !== null && type !== detected);
  const claimed = [...new Set(claims)].map(describeType);
  return texts.types.mismatch(describeType(detected), claimed.join(texts.types.and));
}

function describeType(type: string | null): string {
  return type ? texts.facts.item(describeKind(type), type) : texts.types.unknown;
}
