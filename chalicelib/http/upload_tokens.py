"""Route of upload tokens."""

from typing import Annotated

from chalicelib import container
from chalicelib.core.accounts.create_upload_token import create_upload_token
from chalicelib.core.errors import UPLOAD_TOKENS_DISABLED
from chalicelib.http.declarations import JsonBody
from chalicelib.http.dependencies import BaseUrl, CurrentCaller
from chalicelib.http.router import Router
from chalicelib.http.upload_token_bodies import (
    DEFAULT_REQUEST,
    NewUploadToken,
    UploadTokenRequest,
    new_upload_token,
)

blueprint = Router(__name__, tag="Accounts")


@blueprint.operation("POST", "/api/upload-tokens", errors=[UPLOAD_TOKENS_DISABLED])
def create_upload_token_route(
    caller: CurrentCaller, base_url: BaseUrl, new: Annotated[UploadTokenRequest, JsonBody()] = DEFAULT_REQUEST
) -> NewUploadToken:
    """Create an upload token for a web page.

    A page that can't send headers, such as one with Uppy 6, uploads with it, for the caller's owner and until it
    expires: every path below `/s3/` also works below `/u/TOKEN/s3/`, and nothing else does. It ends with the API
    token that it was created with.

    ```console
    $ curl -X POST "$URL/api/upload-tokens"
    ```
    """
    created = create_upload_token(new.command(caller), signer=container.upload_token_signer())
    return new_upload_token(created, base_url)
