import {css, html, type TemplateResult} from "lit";
import type {Fact} from "./facts.js";

/** Return facts as a list of names and values. */
export function factList(facts: Fact[]): TemplateResult {
  return html`<dl>${facts.map((fact) => factEntry(fact.label, renderValue(fact.value)))}</dl>`;
}

/** Return a name with its value, for a `<dl>`. */
export function factEntry(label: string, value: unknown): TemplateResult {
  return html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

function renderValue(value: Fact["value"]) {
  if (typeof value === "string") {
    return value;
  }
  const isTexts = value.every((item) => typeof item === "string");
  return isTexts ? html`<ul>${value.map((item) => html`<li>${item}</li>`)}</ul>` : factList(value as Fact[]);
}

export const factListStyles = css`
  dl {
    margin: 0;
    display: grid;
    gap: var(--space-2);
  }
  dl > div {
    display: grid;
    grid-template-columns: minmax(7rem, 2fr) 5fr;
    gap: var(--space-2);
  }
  dt {
    color: var(--color-muted);
  }
  dd {
    margin: 0;
    min-width: 0;
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  dd dl,
  dd ul {
    white-space: normal;
  }
  dd ul {
    margin: 0;
    padding-left: 1rem;
  }
`;
