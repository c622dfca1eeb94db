import {css} from "lit";

/** Styles of the dialog in which somebody signs in. */
export const signInStyles = css`
  dialog {
    width: min(26rem, calc(100vw - 2 * var(--space-3)));
    padding: var(--space-4);
    border: 1px solid var(--color-border);
    border-radius: var(--radius);
    background: var(--color-surface);
    color: var(--color-text);
    box-shadow: var(--shadow);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  h2 {
    margin: 0 0 var(--space-2);
    font-size: 1.25rem;
  }
  p {
    margin: 0 0 var(--space-3);
  }
  form,
  .issuer {
    display: grid;
    gap: var(--space-2);
  }
  .issuer {
    margin-bottom: var(--space-4);
  }
  .check {
    display: flex;
    gap: var(--space-2);
    align-items: center;
  }
  .check input {
    min-height: auto;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: var(--space-2);
  }
  [role="alert"] {
    color: var(--color-bad);
    overflow-wrap: anywhere;
  }
`;
