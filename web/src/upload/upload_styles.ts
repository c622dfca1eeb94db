import core from "@uppy/core/css/style.min.css";
import dashboard from "@uppy/dashboard/css/style.min.css";
import {css, unsafeCSS} from "lit";

/** The styles of Uppy's parts. */
export const uppyStyles = [unsafeCSS(core), unsafeCSS(dashboard)];

export const uploadStyles = css`
  :host {
    display: block;
    max-height: 70dvh;
    padding: var(--space-2) var(--space-3);
    overflow: auto;
  }

  .zone {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2) var(--space-3);
    padding: var(--space-2) var(--space-3);
    border: 2px dashed var(--color-border);
    border-radius: var(--radius);
    background: var(--color-surface);
    color: var(--color-muted);
  }

  .zone.dragging {
    border-color: var(--color-accent);
    background: var(--color-selected);
    color: var(--color-text);
  }

  .limit {
    margin-inline-start: auto;
  }

  .summary,
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-1) var(--space-3);
    margin-block-start: var(--space-2);
  }

  .summary progress {
    flex: 1 1 12rem;
    height: 0.75rem;
    accent-color: var(--color-accent);
  }

  .facts {
    font-variant-numeric: tabular-nums;
  }

  .notice {
    margin: var(--space-2) 0 0;
  }

  .notice.bad {
    color: var(--color-bad);
  }

  .failures {
    margin-block-start: var(--space-2);
    padding: var(--space-2) var(--space-3);
    border: 1px solid var(--color-bad);
    border-radius: var(--radius);
    background: var(--color-surface);
  }

  h2 {
    margin: 0;
    font-size: 1rem;
  }

  ul {
    max-height: 12rem;
    margin: 0;
    padding: 0;
    overflow: auto;
    list-style: none;
  }

  .name {
    overflow-wrap: anywhere;
    font-weight: 600;
  }

  .reason {
    flex: 1 1 16rem;
  }

  .dashboard {
    margin-block-start: var(--space-2);
  }

  [data-uppy-theme] .uppy-Dashboard-inner {
    border-color: var(--color-border);
    background: var(--color-surface);
  }

  @media (max-width: 40rem) {
    :host {
      padding: var(--space-2);
    }

    .zone {
      gap: var(--space-1) var(--space-2);
      padding: var(--space-2);
    }

    .limit {
      font-size: 0.875rem;
    }

    .hint {
      display: none; /* phones have no files to drop or paste */
    }
  }

  .uppy-DashboardContent-bar {
    display: none; /* our summary says the same of all files, not of Uppy's only */
  }
`;
