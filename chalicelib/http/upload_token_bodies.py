"""The request for an upload token, and its response."""

from datetime import timedelta
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from chalicelib.core.accounts.create_upload_token import (
    DEFAULT_LIFETIME,
    MAX_LIFETIME,
    MIN_LIFETIME,
    CreatedUploadToken,
    CreateUploadToken,
)
from chalicelib.core.accounts.model import Caller
from chalicelib.http.authentication import BROWSER_PREFIX
from chalicelib.http.resources.files import Url
from chalicelib.http.resources.times import Time, rfc3339
from chalicelib.http.responses import UncachedResponse
from chalicelib.http.typed_response import Json


class UploadTokenRequest(Struct, forbid_unknown_fields=True):
    """How long the token is valid."""

    expires_in: Annotated[
        int,
        Meta(
            ge=int(MIN_LIFETIME.total_seconds()),
            le=int(MAX_LIFETIME.total_seconds()),
            description="Seconds, at most a day.",
        ),
    ] = int(DEFAULT_LIFETIME.total_seconds())

    def command(self, caller: Caller) -> CreateUploadToken:
        """Return the request as the core has it."""
        return CreateUploadToken(caller, timedelta(seconds=self.expires_in))


DEFAULT_REQUEST = UploadTokenRequest()
"""What a request without a body asks for."""


class UploadTokenResource(Struct):
    """An upload token."""

    token: Annotated[str, Meta(description="The token itself, for a path only: no header accepts it.")]
    expires_at: Annotated[Time, Meta(description="When it expires.")]
    path: Annotated[str, Meta(description="What to put before `/s3/…`.")]
    companion_url: Annotated[Url, Meta(description="The `companionEndpoint` of Uppy.")]


class NewUploadToken(UncachedResponse, frozen=True, kw_only=True):
    """The token."""

    status_code: ClassVar[int] = 201
    body: Json[UploadTokenResource]


def new_upload_token(created: CreatedUploadToken, base_url: str) -> NewUploadToken:
    """Return 201 with the token."""
    path = BROWSER_PREFIX.format(upload_token=created.secret)
    resource = UploadTokenResource(created.secret, rfc3339(created.expires_at), path, f"{base_url}{path}")
    return NewUploadToken(body=Json[UploadTokenResource].encode(resource))
