// Renders the API's description with Swagger UI, which sends "try it out" requests to the server of this page only.
"use strict";

const DESCRIPTION_URL = document.querySelector("link[rel=service-desc]").href;
const AFTER_REDIRECT = {
  description:
    "What this page shows, because browsers follow redirects: the file from the storage, all of which is loaded " +
    "into this page.",
};

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
        responses["200"] ??= AFTER_REDIRECT;
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
  });
}

fetchDescription().then(render).catch((error) => {
  document.getElementById("state").textContent = `The description of the API can't be shown. ${error.message}`;
});
