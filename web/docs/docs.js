// Renders the API's description with Swagger UI, which sends "try it out" requests to the server of this page only.
"use strict";

const DESCRIPTION_URL = document.querySelector("link[rel=service-desc]").href;

/** Return the description. Rejects with an Error whose message says what is wrong. */
async function fetchDescription() {
  const response = await fetch(DESCRIPTION_URL);
  if (!response.ok) {
    throw new Error(`${DESCRIPTION_URL} responded with ${response.status}: ${await response.text()}`);
  }
  return response.json();
}

/** Show the description in place of the page's first content. */
function render(description) {
  // The Content-Security-Policy allows no other server, and the page may have been opened by another of its names.
  const servers = [{url: new URL("..", DESCRIPTION_URL).href.replace(/\/$/, "")}];
  SwaggerUIBundle({
    domNode: document.getElementById("docs"),
    spec: {...description, servers},
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    filter: false,
    validatorUrl: null, // otherwise a badge from another host
    defaultModelsExpandDepth: 0,
    defaultModelRendering: "model",
  });
}

fetchDescription().then(render).catch((error) => {
  document.getElementById("state").textContent = `The description of the API can't be shown. ${error.message}`;
});
