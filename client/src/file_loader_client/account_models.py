"""What the service responds with about callers, tokens and limits."""

from datetime import datetime

from msgspec import Struct


class CallerToken(Struct, frozen=True, kw_only=True):
    """The API token that a request was sent with."""

    id: str
    name: str
    expires_at: datetime | None


class Caller(Struct, frozen=True, kw_only=True):
    """Who the service takes this client for."""

    owner: str
    """Who owns what is uploaded."""
    scopes: list[str]
    """`read`, `write`, `admin`: each includes those before it."""
    credential: str
    """`none` if the service doesn't authenticate, `api_token`, `jwt` or `upload_token`."""
    token: CallerToken | None = None
    """None unless it is an API token."""


class Token(Struct, frozen=True, kw_only=True):
    """An API token, without its secret."""

    id: str
    name: str
    owner: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    """None: never."""
    last_used_at: datetime | None
    """Up to a minute before its last use."""
    revoked_at: datetime | None


class CreatedToken(Token, frozen=True, kw_only=True):
    """An API token that was just created, with its secret, which the service returns only once."""

    token: str
    """The secret. It isn't in repr(), which ends up in logs."""

    def __repr__(self) -> str:
        return f"CreatedToken(id={self.id!r}, name={self.name!r}, owner={self.owner!r}, token=…)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("id", self.id), ("name", self.name), ("owner", self.owner)]


class UploadToken(Struct, frozen=True, kw_only=True):
    """A short-lived token with which a web page uploads, in the path of its requests."""

    token: str
    """The secret. It isn't in repr(), and neither are the addresses that have it."""
    expires_at: datetime
    path: str
    """`/u/TOKEN`."""
    companion_url: str
    """For Uppy's `companionEndpoint` or `endpoint`."""

    def __repr__(self) -> str:
        return f"UploadToken(expires_at={self.expires_at!r}, token=…)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("expires_at", self.expires_at)]


class Quota(Struct, frozen=True, kw_only=True):
    """How much of a limit is used."""

    used: int
    limit: int | None
    """None: there is no limit."""
    left: int | None
    """None: there is no limit."""


class RequestRate(Struct, frozen=True, kw_only=True):
    """How many requests are allowed in a minute."""

    limit: int | None


class Usage(Struct, frozen=True, kw_only=True):
    """What an owner has used and has left."""

    owner: str
    files: Quota
    bytes: Quota
    files_today: Quota
    """Added since midnight (UTC)."""
    bytes_today: Quota
    requests_per_minute: RequestRate
    max_file_bytes: int | None
    """The size of the largest file."""
    allowed_types: list[str] | None
    """Media types such as `image/*`. None: all."""
    denied_types: list[str] | None
    """Of those that are allowed."""
    day_ends_at: datetime
