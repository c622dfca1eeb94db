import {css} from "lit";

/** Styles of the search field, the filters and the order. */
export const searchBarStyles = css`
  :host {
    display: grid;
    gap: var(--space-2);
    grid-template-columns: minmax(0, 1fr);
    container-type: inline-size;
    padding: var(--space-2) var(--space-3);
    border-bottom: 1px solid var(--color-border);
  }
  form,
  ul {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .search {
    display: flex;
    flex: 1 1 11rem;
    min-width: 0;
  }
  .filters {
    display: contents;
  }
  .toggle {
    display: none;
  }
  .search input {
    flex: 1;
    min-width: 0;
    border-radius: calc(var(--radius) / 2) 0 0 calc(var(--radius) / 2);
  }
  .search select {
    border-inline-start: 0;
    border-radius: 0 calc(var(--radius) / 2) calc(var(--radius) / 2) 0;
  }
  select {
    min-width: 0;
    max-width: 11rem;
  }
  input[name="metadata"] {
    width: 10rem;
  }
  li button {
    min-height: 1.75rem;
    border-radius: 1rem;
    background: var(--color-selected);
    overflow-wrap: anywhere;
  }
  li .clear {
    background: none;
    border-color: transparent;
    color: var(--color-accent);
  }
  @container (max-width: 62rem) {
    .toggle {
      display: block;
    }
    .filters {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr));
      gap: var(--space-2);
      width: 100%;
    }
    .filters[data-closed] {
      display: none;
    }
    .filters > * {
      width: 100%;
      max-width: none;
    }
  }
`;
