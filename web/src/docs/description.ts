// The API's description, with what Swagger UI doesn't show by itself.

export interface Response {
  $ref?: string;
  description?: string;
}

export interface Operation {
  description?: string;
  security?: Record<string, string[]>[];
  responses: Record<string, Response>;
}

/** The parts of an OpenAPI document that this page reads. */
export interface Description {
  info: {description: string};
  servers: {url: string}[];
  paths: Record<string, Record<string, Operation>>;
  components: {responses: Record<string, Response>; securitySchemes?: unknown};
}

const AFTER_REDIRECT =
  "What this page shows after a redirect, because browsers follow redirects: the file from the storage, all of " +
  "which is loaded into this page.";

/** Return the description, for requests to the server of this page. Throws an Error whose message says what is wrong. */
export async function fetchDescription(url: string): Promise<Description> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${url} responded with ${response.status}: ${await response.text()}`);
  }
  const description: Description = await response.json();
  const operations = Object.values(description.paths).flatMap((path) => Object.values(path));
  addResponsesAfterRedirects(operations);
  moveCommonErrors(description, operations);
  nameScopes(description, operations);
  // The Content-Security-Policy allows no other server, and the page may have been opened by another of its names.
  description.servers = [{url: new URL("..", url).href.replace(/\/$/, "")}];
  return description;
}

/** Add to each operation that redirects the response that follows. */
function addResponsesAfterRedirects(operations: Operation[]): void {
  for (const {responses} of operations) {
    if ("302" in responses) {
      responses["200"] = {...responses["200"], description: join(responses["200"]?.description, AFTER_REDIRECT)};
    }
  }
}

/** Move the errors that every operation has to the introduction: an operation's own errors would be lost among them. */
function moveCommonErrors({info, components}: Description, operations: Operation[]): void {
  const lines: string[] = [];
  for (const [status, {$ref}] of Object.entries(operations[0]?.responses ?? {})) {
    if (status >= "400" && $ref && operations.every(({responses}) => responses[status]?.$ref === $ref)) {
      const description = components.responses[$ref.split("/").pop() ?? ""]?.description ?? "";
      lines.push(description.replace(/^- /gm, `- ${status} `));
      for (const {responses} of operations) {
        delete responses[status];
      }
    }
  }
  info.description += `\n**Any operation** can also respond with:\n\n${lines.join("\n")}\n`;
}

/** Say which scope a token needs, instead of a button for tokens at each operation: the page's header has one. */
function nameScopes({components}: Description, operations: Operation[]): void {
  for (const operation of operations) {
    const scopes = (operation.security ?? []).flatMap((each) => Object.values(each)).flat();
    if (scopes.length) {
      operation.description = join(operation.description, `Scope of the token: \`${scopes.join("`, `")}\`.`);
    }
    delete operation.security;
  }
  delete components.securitySchemes;
}

function join(...paragraphs: (string | undefined)[]): string {
  return paragraphs.filter(Boolean).join("\n\n");
}
