/** Who the page is for the API. */
export interface Session {
  /** Return the value of the header `Authorization`; null if the API needs none. Waits while the person signs in. */
  authorization(): Promise<string | null>;
  /** Get another token, after a 401 to a request with this value of the header. Resolves when there is one. */
  renew(refused: string | null): Promise<void>;
}
