import {css} from "lit";

/** Styles of the dialog to sign in. */
export const signInStyles = css`
  dialog {
    width: min(26rem, calc(100vw - 2 * var(--space-3)));
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
  [role="alert"] {
    color: var(--color-bad);
    overflow-wrap: anywhere;
  }
`;
