// Renders the API's description with Swagger UI, which sends "try it out" requests to the server of this page only.
"use strict";

const DESCRIPTION_URL = document.querySelector("link[rel=service-desc]").href;
const AFTER_REDIRECT =
  "What this page shows after a redirect, because browsers follow redirects: the file from the storage, all of " +
  "which is loaded into this page.";

/** Return the description. Rejects with an Error whose message says what is wrong. */
async function fetchDescription() {
  const response = await fetch(DESCRIPTION_URL);
  if (!response.ok) {
    throw new Error(`${DESCRIPTION_URL} responded with ${response.status}: ${await response.text()}`);
  }
  return response.json();
}

/** Add to each operation that redirects the response that follows. */
function addResponsesAfterRedirects(description) {
  for (const operations of Object.values(description.paths)) {
    for (const {responses} of Object.values(operations)) {
      if (responses && "302" in responses) {
        const described = responses["200"];
        const descriptions = [described?.description, AFTER_REDIRECT].filter(Boolean);
        responses["200"] = {...described, description: descriptions.join("\n\n")};
      }
    }
  }
}

/** Move the errors that every operation has to the introduction: an operation's own errors would be lost among them. */
function moveCommonErrors(description) {
  const responses = Object.values(description.paths).flatMap(Object.values).map((operation) => operation.responses);
  const lines = [];
  for (const [status, {$ref}] of Object.entries(responses[0])) {
    if (status >= "400" && $ref && responses.every((those) => those[status]?.$ref === $ref)) {
      const response = description.components.responses[$ref.split("/").pop()];
      lines.push(response.description.replace(/^- /gm, `- ${status} `));
      responses.forEach((those) => delete those[status]);
    }
  }
  description.info.description += `\n**Any operation** can also respond with:\n\n${lines.join("\n")}\n`;
}

/** Return `resolve`, but with an excerpt of the description: Swagger UI resolves each operation when it is expanded,
 * and reads all of the description for it, which takes most of a second. */
function resolveInExcerpt(resolve) {
  return (description, path, options) => resolve(extract(description, path), path, options);
}

/** Return the description with no other operation and component than the one at `path` and what it refers to. */
function extract(description, path) {
  const {paths, components, ...excerpt} = description;
  const pending = [path.slice(0, 3)]; // an operation or a component, and not a part of one
  while (pending.length) {
    const names = pending.pop();
    const value = names.reduce((parent, name) => parent?.[name], description);
    const parent = names.slice(0, -1).reduce((each, name) => (each[name] ??= {}), excerpt);
    if (value && !(names.at(-1) in parent)) {
      parent[names.at(-1)] = value;
      pending.push(...listReferences(value));
    }
  }
  return excerpt;
}

/** Return the paths of the components that a value refers to. */
function listReferences(value) {
  const references = JSON.stringify(value).matchAll(/"\$ref":"#\/(components)\/([^\/"]+)\/([^\/"]+)/g);
  return [...references].map(([, ...path]) => path);
}

/** Show the description in place of the page's first content. */
function render(description) {
  addResponsesAfterRedirects(description);
  moveCommonErrors(description);
  // The Content-Security-Policy allows no other server, and the page may have been opened by another of its names.
  const servers = [{url: new URL("..", DESCRIPTION_URL).href.replace(/\/$/, "")}];
  SwaggerUIBundle({
    domNode: document.getElementById("docs"),
    spec: {...description, servers},
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null, // otherwise a badge from another host
    defaultModelsExpandDepth: 0,
    plugins: [() => ({afterLoad: ({fn}) => (fn.resolveSubtree = resolveInExcerpt(fn.resolveSubtree))})],
  });
}

fetchDescription().then(render).catch((error) => {
  document.getElementById("state").textContent = `The description of the API can't be shown. ${error.message}`;
});
