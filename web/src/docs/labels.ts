// What Swagger UI lacks for screen readers and the keyboard, in the elements that it adds.

const FIELDS = ":is(input, select, textarea):not([aria-label], [id])";

/** Selectors, and the label of what they find. */
const LABELS: [string, string | ((element: HTMLElement) => string)][] = [
  [".body-param__text", "Request body"],
  ["select.examples-select-element", "Example"],
  [`[data-param-name] ${FIELDS}`, readName],
  [`[data-property-name] ${FIELDS}`, readName],
];

/** Complete what the element contains, and what Swagger UI adds to it later. */
export function completeLabels(root: HTMLElement): void {
  let isPlanned = false;
  const plan = () => {
    if (!isPlanned) {
      isPlanned = true;
      requestAnimationFrame(() => {
        isPlanned = false;
        complete(root);
      });
    }
  };
  new MutationObserver(plan).observe(root, {childList: true, subtree: true});
}

function complete(root: HTMLElement): void {
  for (const [selector, label] of LABELS) {
    for (const element of root.querySelectorAll<HTMLElement>(`${selector}:not([aria-label])`)) {
      element.ariaLabel = typeof label === "string" ? label : label(element);
    }
  }
  // Examples scroll, which takes the focus without a mouse.
  for (const example of root.querySelectorAll<HTMLElement>("pre.microlight:not([tabindex])")) {
    example.tabIndex = 0;
  }
  // In the button that expands an operation. The URL has the same link once it is expanded.
  for (const link of root.querySelectorAll<HTMLElement>(".opblock-summary-control a[href]")) {
    link.removeAttribute("href");
  }
}

/** Return the name of the parameter, or of the property of a form, whose value the field has. */
function readName(field: HTMLElement): string {
  const {paramName, propertyName} = field.closest("tr")?.dataset ?? {};
  return paramName ?? propertyName ?? "";
}
