import {css} from "lit";

/** Styles of what `statusChip` returns. */
export const statusStyles = css`
  .status {
    display: inline-flex;
    align-items: center;
    gap: var(--space-1);
    max-width: 100%;
    color: var(--color-muted);
  }
  .status > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .status svg {
    flex: none;
    width: 1rem;
    height: 1rem;
    fill: none;
    stroke: currentcolor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .status.good {
    color: var(--color-good);
  }
  .status.bad {
    color: var(--color-bad);
  }
  .status.working {
    color: var(--color-accent);
  }
  .status .turning {
    animation: turn 1.2s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
`;
