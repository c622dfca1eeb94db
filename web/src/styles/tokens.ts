import {css} from "lit";

/** Colours and sizes, for the document. Elements use them by name. Each pair has a contrast of 4.5 or more. */
export const tokens = css`
  :root,
  :host {
    --space-1: 0.25rem;
    --space-2: 0.5rem;
    --space-3: 1rem;
    --space-4: 1.5rem;
    --radius: 0.5rem;
    --shadow: 0 2px 12px rgb(0 0 0 / 25%);
    --color-page: light-dark(#f6f7f9, #12161c);
    --color-surface: light-dark(#fff, #1a2029);
    --color-raised: light-dark(#eef1f5, #242c38);
    --color-text: light-dark(#1c2430, #e6eaf0);
    --color-muted: light-dark(#56606f, #a3adbb);
    --color-border: light-dark(#cdd4dd, #3a4554);
    --color-accent: light-dark(#1f5f99, #7db8ee);
    --color-on-accent: light-dark(#fff, #0c1a27);
    --color-good: light-dark(#1c6b3a, #79cf98);
    --color-warning: light-dark(#8a5300, #f0b45c);
    --color-bad: light-dark(#b3261e, #ff9a92);
    --color-inverse: light-dark(#1c2430, #e6eaf0);
    --color-on-inverse: light-dark(#fff, #1c2430);
    --color-selected: light-dark(#dcebf9, #1f3a54);
  }
`;
