"""Routes of API tokens."""

from typing import Annotated

import uuid_utils.compat as uuids
from msgspec import Meta

from chalicelib import container
from chalicelib.core.accounts.create_token import create_token
from chalicelib.core.accounts.list_tokens import ListTokens, list_tokens
from chalicelib.core.accounts.revoke_token import RevokeToken, revoke_token
from chalicelib.core.errors import INSUFFICIENT_STORAGE, INVALID_NEW_TOKEN, TOKEN_NOT_FOUND
from chalicelib.core.files.file_list import DEFAULT_LIMIT
from chalicelib.http.declarations import JsonBody, Query
from chalicelib.http.dependencies import BaseUrl, CurrentCaller, VisibleOwners
from chalicelib.http.parameter_types import Limit, TokenId
from chalicelib.http.router import Router
from chalicelib.http.token_request import TokenRequest
from chalicelib.http.token_responses import (
    CreatedToken,
    RevokedToken,
    TokenList,
    created_token,
    token_list,
)

blueprint = Router(__name__, tag="Accounts")


@blueprint.operation("POST", "/api/tokens", errors=[INVALID_NEW_TOKEN, INSUFFICIENT_STORAGE])
def create_token_route(caller: CurrentCaller, new: Annotated[TokenRequest, JsonBody()]) -> CreatedToken:
    """Create an API token.

    Only this response has the token itself: the service stores its SHA-256. A token begins with `flt_`.

    ```console
    $ curl -H 'Content-Type: application/json' -d '{"name": "laptop", "expires_in": 2592000}' "$URL/api/tokens"
    ```

    Only an administrator may name another `owner`. A new token has no scope that the request's token doesn't
    include.
    """
    return created_token(create_token(new.command(caller, uuids.uuid7()), tokens=container.tokens()))


@blueprint.operation("GET", "/api/tokens")
def list_tokens_route(
    owners: VisibleOwners,
    base_url: BaseUrl,
    limit: Limit = DEFAULT_LIMIT,
    before: Annotated[
        TokenId | None,
        Meta(description="Only tokens created before the one with this id, which the `Link` header has."),
        Query(other_names=("cursor", "after", "page", "offset")),
    ] = None,
) -> TokenList:
    """List API tokens.

    Returns the owner's tokens, the newest first, also those that have expired or were revoked; for an
    administrator, those of all owners.

    ```console
    $ curl "$URL/api/tokens"
    ```
    """
    return token_list(list_tokens(ListTokens(owners, limit, before), tokens=container.tokens()), limit, base_url)


@blueprint.operation("DELETE", "/api/tokens/{token_id}", errors=[TOKEN_NOT_FOUND, INSUFFICIENT_STORAGE])
def revoke_token_route(token_id: TokenId, caller: CurrentCaller) -> RevokedToken:
    """Revoke an API token.

    It and the upload tokens that were created with it are refused from now on; API tokens that were created with
    it are not. Repeating the request is safe. A token with the scope `write` may revoke itself.

    ```console
    $ curl -X DELETE "$URL/api/tokens/$TOKEN_ID"
    ```
    """
    revoke_token(RevokeToken(caller, token_id), tokens=container.tokens())
    return RevokedToken()
