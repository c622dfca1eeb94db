"""The calls of the client about callers, tokens and limits."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from file_loader_client.account_models import Caller, CreatedToken, Token, UploadToken, Usage
from file_loader_client.connections import CREATION_RETRIES
from file_loader_client.service import Service

TOKENS_PATH = "/api/tokens"
MAX_PAGE = 1000


class AccountCalls:
    """The methods of Client about callers, tokens and limits."""

    _service: Service

    def me(self) -> Caller:
        """Return who the service takes this client for, and what its token allows."""
        return self._service.call("GET", "/api/me", Caller)

    def usage(self) -> Usage:
        """Return what the owner has used of its limits, and has left."""
        return self._service.call("GET", "/api/usage", Usage)

    def create_token(
        self,
        name: str,
        *,
        owner: str | None = None,
        scopes: Sequence[str] | None = None,
        expires_in: int | None = None,
    ) -> CreatedToken:
        """Create an API token and return it with its secret, which can't be read again.

        Administrators may create one for another `owner`. `scopes` is `["write"]` by default. `expires_in` is in
        seconds; without, the token doesn't expire. Raises UnreachableError if the response was lost: the token may
        exist then, as `tokens` shows.
        """
        fields = {"owner": owner, "scopes": scopes and list(scopes), "expires_in": expires_in}
        body = {"name": name, **{field: value for field, value in fields.items() if value is not None}}
        return self._service.call("POST", TOKENS_PATH, CreatedToken, json=body, retries=CREATION_RETRIES)

    def tokens(self) -> Iterator[Token]:
        """Yield the owner's API tokens, the newest first, also those that have expired or were revoked.

        Of administrators those of all owners, or of the one that they act for.
        """
        return self._service.pages(TOKENS_PATH, {"limit": MAX_PAGE}, Token)

    def revoke_token(self, token_id: str) -> None:
        """Revoke an API token: it can't be used any more."""
        self._service.delete(f"{TOKENS_PATH}/{quote(token_id, safe='')}")

    def create_upload_token(self, expires_in: int | None = None) -> UploadToken:
        """Return a token with which a web page uploads for this owner. `expires_in` is in seconds."""
        body = {} if expires_in is None else {"expires_in": expires_in}
        return self._service.call("POST", "/api/upload-tokens", UploadToken, json=body)
