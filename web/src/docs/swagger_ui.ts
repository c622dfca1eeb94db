import type {Description} from "./description.js";
import {type Resolve, resolveInExcerpt} from "./excerpt.js";
import type {DocsRequest} from "./requests.js";

/** Show the description in an element, in place of what it contains. */
export function render(
  description: Description,
  domNode: HTMLElement,
  requestInterceptor: (request: DocsRequest) => DocsRequest,
): void {
  SwaggerUIBundle({
    domNode,
    spec: description,
    requestInterceptor,
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null, // otherwise a badge from another host
    defaultModelsExpandDepth: 0,
    plugins: [resolveFaster],
  });
}

/** Swagger UI has styles for dark pages, but leaves it to the page when to use them. */
export function followColorScheme(): void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const update = () => document.documentElement.classList.toggle("dark-mode", query.matches);
  query.addEventListener("change", update);
  update();
}

function resolveFaster() {
  return {
    afterLoad({fn}: {fn: {resolveSubtree: Resolve}}) {
      fn.resolveSubtree = resolveInExcerpt(fn.resolveSubtree);
    },
  };
}
