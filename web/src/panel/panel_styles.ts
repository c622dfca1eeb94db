import {css} from "lit";

export const panelStyles = css`
  :host {
    grid-column: 2;
    grid-row: 1 / -1;
    display: grid;
    grid-template-rows: auto 1fr;
    width: clamp(24rem, 34vw, 40rem);
    min-height: 0;
    border-left: 1px solid var(--color-border);
    background: var(--color-surface);
    color: var(--color-text);
  }
  @media (max-width: 60rem) {
    :host {
      grid-column: 1 / -1;
      z-index: 10;
      width: auto;
      border: 0;
    }
  }
  header {
    display: flex;
    align-items: start;
    gap: var(--space-2);
    padding: var(--space-2) var(--space-3) var(--space-2) calc(var(--space-3) - var(--space-1));
    border-bottom: 1px solid var(--color-border);
  }
  h2 {
    flex: 1;
    margin: 0;
    padding: var(--space-1);
    font-size: 1.125rem;
    overflow-wrap: anywhere;
  }
  h2:focus-visible {
    outline-offset: 0;
  }
  h3 {
    margin: 0 0 var(--space-2);
    font-size: 1rem;
  }
  .content {
    position: relative;
    min-height: 0;
    overflow: auto;
    padding: var(--space-2) var(--space-3) var(--space-4);
  }
  .content > * {
    margin: var(--space-2) 0;
  }
  section {
    padding-top: var(--space-3);
    border-top: 1px solid var(--color-border);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    padding: var(--space-2) 0;
  }
  .failure,
  .warning {
    padding: var(--space-2) var(--space-3);
    border-left: 4px solid var(--color-bad);
    border-radius: calc(var(--radius) / 2);
    background: var(--color-raised);
  }
  .warning {
    border-color: var(--color-warning);
  }
  .failure p {
    margin: var(--space-1) 0;
    overflow-wrap: anywhere;
  }
  .code {
    color: var(--color-muted);
    font-size: 0.875rem;
  }
  code {
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }
`;
