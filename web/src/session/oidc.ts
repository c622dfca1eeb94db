// Signing in with an OpenID Connect issuer: authorization code with PKCE, as a client without a secret.
import * as oauth from "oauth4webapi";
import {ApiError} from "../api/errors.js";
import type {OidcClient} from "../api/types.js";
import type {Credential} from "./credentials.js";
import type {PendingSignIn} from "./tab_storage.js";

const ALGORITHMS = ["RS", "PS", "ES"].flatMap((family) => ["256", "384", "512"].map((bits) => family + bits));
/* Of an ID token's signature, besides EdDSA. It comes from the issuer itself, so the library doesn't verify it. */

/** What the issuer shall do: sign in anew although it knows the person, or not ask at all. */
export type Prompt = "login" | "none";

/** Return a new sign-in, which isn't sent yet. `wrapState` marks how its response comes back. */
export function createSignIn(
  client: OidcClient,
  redirectUri: string,
  wrapState: (random: string) => string = (random) => random,
): PendingSignIn {
  return {
    client,
    redirectUri,
    state: wrapState(oauth.generateRandomState()),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    fragment: location.hash,
  };
}

/** Return the URL at the issuer where the person signs in. */
export async function authorizationUrl(signIn: PendingSignIn, prompt?: Prompt): Promise<string> {
  const {client} = signIn;
  const url = new URL(client.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: signIn.redirectUri,
    scope: client.scope,
    state: signIn.state,
    nonce: signIn.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(signIn.verifier),
    code_challenge_method: "S256",
    ...(prompt && {prompt}),
  };
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  return url.href;
}

/** Return the credential that a response of the issuer gives. Throws the library's errors, and ApiError if offline. */
export async function exchangeCode(signIn: PendingSignIn, response: URLSearchParams): Promise<Credential> {
  const [server, client] = describe(signIn.client);
  const code = oauth.validateAuthResponse(server, client, response, signIn.state);
  const {redirectUri, verifier, nonce} = signIn;
  const request = send(signIn.client, (options) =>
    oauth.authorizationCodeGrantRequest(server, client, oauth.None(), code, redirectUri, verifier, options),
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, await request, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  return new OidcCredential(signIn.client, tokens);
}

/** Whether the issuer could not sign in without asking, as it was told to. */
export function needsPerson(error: unknown): boolean {
  return error instanceof oauth.AuthorizationResponseError && /_required$/.test(error.error);
}

/** Return what the issuer says about an error, and null if it says nothing. */
export function issuersMessage(error: unknown): string | null {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    return error.error_description ?? error.error;
  }
  return null;
}

/** Tokens of an issuer, in memory only. */
class OidcCredential implements Credential {
  readonly authorization: string;
  readonly #client: OidcClient;
  readonly #refreshToken: string | undefined;

  constructor(client: OidcClient, tokens: oauth.TokenEndpointResponse, refreshToken?: string) {
    this.#client = client;
    this.#refreshToken = tokens.refresh_token ?? refreshToken;
    this.authorization = `Bearer ${chooseToken(tokens)}`;
  }

  async refresh(): Promise<Credential | null> {
    const refreshToken = this.#refreshToken;
    if (!refreshToken) {
      return null;
    }
    const [server, client] = describe(this.#client);
    const response = await send(this.#client, (options) =>
      oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options),
    );
    if (response.status >= 500 || response.status === 429) {
      throw new ApiError(0, "offline", `the issuer responds with status ${response.status}`, null);
    }
    try {
      const tokens = await oauth.processRefreshTokenResponse(server, client, response);
      return new OidcCredential(this.#client, tokens, refreshToken);
    } catch {
      return null; // it has expired, or was revoked
    }
  }
}

/** Return the access token or, of an issuer whose access tokens no API can verify, the ID token. */
function chooseToken({access_token, id_token}: oauth.TokenEndpointResponse): string {
  return access_token.split(".").length === 3 ? access_token : (id_token ?? access_token);
}

function describe({issuer, client_id, token_endpoint}: OidcClient): [oauth.AuthorizationServer, oauth.Client] {
  const id_token_signing_alg_values_supported = [...ALGORITHMS, "EdDSA", "Ed25519"];
  return [{issuer, token_endpoint, id_token_signing_alg_values_supported}, {client_id}];
}

/** Send a request to the token endpoint. Throws ApiError if there is no response. */
async function send(
  {token_endpoint}: OidcClient,
  request: (options: oauth.TokenEndpointRequestOptions) => Promise<Response>,
): Promise<Response> {
  // The service's settings allow an issuer without TLS outside AWS only.
  const options = {[oauth.allowInsecureRequests]: token_endpoint.startsWith("http:")};
  try {
    return await request(options);
  } catch (error) {
    throw error instanceof TypeError ? new ApiError(0, "offline", String(error), null) : error;
  }
}
