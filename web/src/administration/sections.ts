import {css, html, nothing, svg} from "lit";
import type {ApiError} from "../api/errors.js";
import type {Precision} from "../api/types.js";
import {formatRoute} from "../app/router.js";
import {formatNumber} from "../texts/format.js";
import {texts} from "../texts/texts.js";

/** Styles of the sections of administration: a heading, a table, a message. */
export const sections = css`
  :host {
    display: block;
    min-width: 0;
    padding: var(--space-3);
    border: 1px solid var(--color-border);
    border-radius: var(--radius);
    background: var(--color-surface);
  }

  h2 {
    margin: 0 0 var(--space-2);
    font-size: 1rem;
  }

  p {
    margin: 0 0 var(--space-2);
  }

  table + p,
  .table + p,
  p:last-child {
    margin: var(--space-2) 0 0;
  }

  .heading {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--space-2) var(--space-3);
    margin-bottom: var(--space-2);
  }

  .heading h2 {
    margin: 0;
  }

  .heading label {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }

  .muted {
    color: var(--color-muted);
  }

  .good {
    color: var(--color-good);
  }

  .warning {
    color: var(--color-warning);
  }

  .bad {
    color: var(--color-bad);
  }

  .table {
    overflow-x: auto;
  }

  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }

  th,
  td {
    padding: var(--space-1) var(--space-2);
    border-bottom: 1px solid var(--color-border);
    text-align: start;
    vertical-align: baseline;
  }

  thead th {
    color: var(--color-muted);
    font-size: 0.875rem;
    font-weight: 600;
    white-space: nowrap;
  }

  tbody th {
    font-weight: 400;
    overflow-wrap: break-word;
  }

  .wide tbody th {
    min-width: 12rem;
    overflow-wrap: anywhere;
  }

  .number {
    text-align: end;
    white-space: nowrap;
  }

  .number.wrapped {
    white-space: normal;
  }

  .wide td {
    white-space: nowrap;
  }

  .bar {
    display: block;
    width: 100%;
    height: 0.375rem;
    margin-top: var(--space-1);
    border-radius: 0.2rem;
    background: var(--color-raised);
    fill: var(--color-accent);
  }

  .bar.nearly-full {
    fill: var(--color-bad);
  }

  code {
    font-size: 0.9375em;
    white-space: nowrap;
  }
`;

/** Return the fragment of the list with one filter. */
export function listOf(name: string, value: string): string {
  return formatRoute({view: "files", search: new URLSearchParams({[name]: value})});
}

/** Return how many seconds a time of the API was before another one. */
export function secondsBetween(earlier: string, later: string): number {
  return (Date.parse(later) - Date.parse(earlier)) / 1000;
}

/** Return a number of files that says how precise it is. */
export function formatFiles(files: number, precision: Precision): string {
  return texts.administration.precision[precision](formatNumber(files));
}

/** Return a bar that is full at a share of 1. What it shows is also written next to it. */
export function bar(share: number, {isLimit = false} = {}) {
  const width = `${Math.min(100, Math.round(share * 1000) / 10)}%`;
  const classes = isLimit && share >= 0.9 ? "bar nearly-full" : "bar";
  return html`<svg class=${classes} aria-hidden="true">${svg`<rect width=${width} height="100%"></rect>`}</svg>`;
}

/** Return why a section has nothing to show, and a button that tries again. */
export function failure(error: ApiError | null, retry: () => void) {
  if (error === null) {
    return nothing;
  }
  const {administration} = texts;
  const isRefused = error.code === "insufficient_scope";
  return html`
    <p class="bad" role="alert">
      ${isRefused ? administration.refused : texts.app.error(error)}
    </p>
    ${isRefused ? nothing : html`<button @click=${retry}>${administration.retry}</button>`}
  `;
}
