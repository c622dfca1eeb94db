import {css} from "lit";

/** Styles of modal dialogs. Each has a width of its own. */
export const dialogs = css`
  dialog {
    padding: var(--space-4);
    border: 1px solid var(--color-border);
    border-radius: var(--radius);
    background: var(--color-surface);
    color: var(--color-text);
    box-shadow: var(--shadow);
  }

  dialog::backdrop {
    background: rgb(0 0 0 / 50%);
  }

  dialog h2 {
    margin: 0 0 var(--space-2);
    font-size: 1.125rem;
    overflow-wrap: anywhere;
  }

  dialog p {
    margin: 0 0 var(--space-3);
  }

  dialog .buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: var(--space-2);
  }
`;
