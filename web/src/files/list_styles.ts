import {css} from "lit";

/** Styles of the list: a table on wide screens, two lines for each file on narrow ones. */
export const listStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    height: 100%;
    container-type: inline-size;
    background: var(--color-surface);
  }
  .grid {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    overflow-x: hidden;
    overscroll-behavior: contain;
    contain: strict;
  }
  .grid:focus-visible {
    outline-offset: -3px;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 1;
    background: var(--color-raised);
    border-bottom: 1px solid var(--color-border);
  }
  .head button {
    min-height: 2rem;
    padding: 0;
    border: 0;
    background: none;
    font-weight: inherit;
  }
  .headings {
    min-height: 2.25rem;
    font-size: 0.875rem;
    font-weight: 600;
  }
  .row,
  .headings {
    display: grid;
    grid-template-columns: 2rem 2.75rem minmax(8rem, 1fr) 8rem 6rem 12.5rem 13rem;
    align-items: center;
    gap: 0 var(--space-2);
    padding: 0 var(--space-3);
  }
  .row {
    height: 3.25rem;
    overflow: hidden;
    border-bottom: 1px solid var(--color-border);
    cursor: default;
  }
  .row:hover {
    background: var(--color-raised);
  }
  .row[aria-selected="true"],
  .row.open {
    background: var(--color-selected);
  }
  .grid:focus-visible .row.active {
    outline: 2px solid var(--color-accent);
    outline-offset: -2px;
  }
  .row > *,
  .headings > * {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .check input {
    display: block;
    width: 1.25rem;
    min-height: 1.25rem;
    height: 1.25rem;
    margin: 0;
    accent-color: var(--color-accent);
  }
  .name {
    display: flex;
    align-items: center;
    gap: var(--space-2);
  }
  .name a {
    overflow: hidden;
    text-overflow: ellipsis;
    color: inherit;
    text-decoration: none;
  }
  .row:hover .name a {
    text-decoration: underline;
  }
  .owner {
    max-width: 40%;
    overflow: hidden;
    text-overflow: ellipsis;
    color: var(--color-muted);
    font-size: 0.875rem;
  }
  .mark {
    flex: none;
    padding: 0 var(--space-1);
    border: 1px solid currentcolor;
    border-radius: 0.25rem;
    color: var(--color-warning);
    font-size: 0.75rem;
  }
  .state {
    display: flex;
  }
  .size {
    padding-inline-end: var(--space-2);
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .row .kind,
  .row .time,
  .row .size {
    color: var(--color-muted);
  }
  .notice,
  .empty {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
    margin: 0;
    padding: var(--space-2) var(--space-3);
  }
  .notice.bad {
    color: var(--color-bad);
  }
  .notice.muted,
  .empty {
    color: var(--color-muted);
  }
  .empty {
    justify-content: center;
    padding: 4rem var(--space-3);
  }

  @container (max-width: 68rem) {
    .row,
    .headings {
      grid-template-columns: 2rem 2.75rem minmax(8rem, 1fr) 6rem 12.5rem 12rem;
    }
    .kind {
      display: none;
    }
  }
  @container (max-width: 52rem) {
    .row,
    .headings {
      grid-template-columns: 2rem 2.75rem minmax(8rem, 1fr) 6rem 12rem;
    }
    .time {
      display: none;
    }
  }
  @container (max-width: 38rem) {
    .row {
      grid-template-columns: 1.75rem 2.75rem auto minmax(0, 1fr);
      grid-template-rows: auto auto;
      align-content: center;
      height: 3.75rem;
    }
    .row .check,
    .row .picture {
      grid-row: 1 / 3;
    }
    .row .name {
      grid-column: 3 / 5;
    }
    .row .size,
    .row .state {
      grid-row: 2;
      font-size: 0.875rem;
    }
    .head {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
`;
