import type {PageSession} from "../session/page_session.js";

/** A request as Swagger UI sends it, and shows it as a command for curl. */
export interface DocsRequest extends RequestInit {
  url: string;
  headers: Record<string, string>;
  userFetch?: (url: string, request: DocsRequest) => Promise<globalThis.Response>;
}

const SHOWN = "Bearer TOKEN";
/* In place of the token, in the command for curl: it must not be on the screen. */

/** Return the interceptor that sends each request with the token of the session, and asks for one after a 401. */
export function interceptWith(session: PageSession): (request: DocsRequest) => DocsRequest {
  return (request) => {
    if (session.isRequired) {
      request.headers.Authorization = SHOWN;
    }
    request.userFetch = (url, sent) => send(session, url, sent);
    return request;
  };
}

/** Send a request. Where the person doesn't sign in after a 401, that is the response. */
async function send(session: PageSession, url: string, request: DocsRequest): Promise<globalThis.Response> {
  const authorization = await session.authorization();
  const response = await fetchAs(authorization, url, request);
  if (response.status !== 401) {
    return response;
  }
  await session.renew(authorization);
  const renewed = await session.authorization();
  return renewed && renewed !== authorization ? fetchAs(renewed, url, request) : response;
}

function fetchAs(authorization: string | null, url: string, request: DocsRequest): Promise<globalThis.Response> {
  const {Authorization, ...headers} = request.headers;
  return fetch(url, {...request, headers: authorization ? {...headers, Authorization: authorization} : headers});
}
