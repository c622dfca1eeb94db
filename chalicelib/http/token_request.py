"""The body of a request for an API token."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field

from chalicelib.core.accounts.create_token import MAX_LIFETIME, MAX_NAME_LENGTH, CreateToken
from chalicelib.core.accounts.model import Caller, Scope
from chalicelib.core.accounts.owner_names import MAX_OWNER_LENGTH


class TokenRequest(Struct, forbid_unknown_fields=True):
    """What the token is for."""

    name: Annotated[
        str, Meta(min_length=1, max_length=MAX_NAME_LENGTH, description="Printable, such as `laptop`.")
    ]
    owner: Annotated[
        Annotated[str, Meta(min_length=1, max_length=MAX_OWNER_LENGTH)] | None,
        Meta(description="Whose files it gives access to; without it, the caller's. Others need `admin`."),
    ] = None
    scopes: Annotated[
        list[Scope],
        Meta(min_length=1, description="What it allows, not more than the caller may; without them, `write`."),
    ] = field(default_factory=lambda: [Scope.WRITE])
    expires_in: Annotated[
        Annotated[int, Meta(ge=1, le=int(MAX_LIFETIME.total_seconds()))] | None,
        Meta(description="Seconds until it expires, at most ten years; without them, it doesn't."),
    ] = None

    def command(self, caller: Caller, token_id: UUID) -> CreateToken:
        """Return the request as the core has it. The id is that of the new token."""
        return CreateToken(
            caller=caller,
            id=token_id,
            name=self.name,
            owner=self.owner,
            scopes=frozenset(self.scopes),
            expires_in=None if self.expires_in is None else timedelta(seconds=self.expires_in),
        )
