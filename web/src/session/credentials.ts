/** What a person has signed in with. */
export interface Credential {
  /** The value of the header `Authorization`. */
  readonly authorization: string;
  /** Return the next one without asking; null if the person has to sign in again. Throws ApiError while offline. */
  refresh(): Promise<Credential | null>;
}

/** An API token. It ends when it expires or is revoked. */
export class TokenCredential implements Credential {
  readonly authorization: string;

  constructor(token: string) {
    this.authorization = `Bearer ${token}`;
  }

  async refresh(): Promise<null> {
    return null;
  }
}
