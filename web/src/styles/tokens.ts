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
    --color-page: #f6f7f9;
    --color-surface: #fff;
    --color-raised: #eef1f5;
    --color-text: #1c2430;
    --color-muted: #56606f;
    --color-border: #cdd4dd;
    --color-accent: #1f5f99;
    --color-on-accent: #fff;
    --color-good: #1c6b3a;
    --color-warning: #8a5300;
    --color-bad: #b3261e;
    --color-inverse: #1c2430;
    --color-on-inverse: #fff;
    --color-selected: #dcebf9;
  }

  @media (prefers-color-scheme: dark) {
    :root,
    :host {
      --color-page: #12161c;
      --color-surface: #1a2029;
      --color-raised: #242c38;
      --color-text: #e6eaf0;
      --color-muted: #a3adbb;
      --color-border: #3a4554;
      --color-accent: #7db8ee;
      --color-on-accent: #0c1a27;
      --color-good: #79cf98;
      --color-warning: #f0b45c;
      --color-bad: #ff9a92;
      --color-inverse: #e6eaf0;
      --color-on-inverse: #1c2430;
      --color-selected: #1f3a54;
    }
  }
`;
