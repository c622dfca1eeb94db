"""Who makes a request, and what it may do."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from msgspec import Struct

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.limits.request_rate import CountedRequest


class Scope(DescribedEnum):
    """What a credential allows. Each scope includes those before it."""

    READ = "read", "List, read and download the owner's files."
    WRITE = "write", "Also upload, change and delete them, and create tokens for the owner."
    ADMIN = "admin", "All of it for every owner."


_INCREASING = tuple(Scope)


class CredentialKind(DescribedEnum):
    """How a caller was identified."""

    NONE = "none", "The service doesn't authenticate (`AUTH=off`)."
    API_TOKEN = "api_token", "An API token of this service."
    JWT = "jwt", "A token of the OpenID Connect issuer."
    UPLOAD_TOKEN = "upload_token", "A short-lived token, for uploads only."


class AllOwners(Enum):
    """Every owner's files, for an administrator who names no owner."""

    ALL = "all"


Owners = str | AllOwners
"""Whose files a use case may read and change: one owner's, or every owner's."""


def includes(scopes: frozenset[Scope], scope: Scope) -> bool:
    """Return whether one of the scopes includes this one."""
    return any(_INCREASING.index(each) >= _INCREASING.index(scope) for each in scopes)


class NewToken(Struct, frozen=True, kw_only=True):
    """An API token that has no row yet."""

    id: UUID
    digest: bytes
    """SHA-256 of the token, which itself is stored nowhere."""
    name: str
    """What its owner calls it."""
    owner: str
    scopes: frozenset[Scope]


class ApiToken(Struct, frozen=True, kw_only=True):
    """An API token's row."""

    id: UUID
    name: str
    owner: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """Up to a minute before its last use."""
    revoked_at: datetime | None
    is_expired: bool
    """By the database's clock."""
    counted: CountedRequest | None = None
    """The request that uses it, if its owner has a limit of requests."""


class Caller(Struct, frozen=True, kw_only=True):
    """Who makes a request."""

    owner: str
    """Who owns what the request creates."""
    scopes: frozenset[Scope]
    credential: CredentialKind
    visible: Owners
    """Whose files the request may read and change."""
    actor: str
    """The owner of the credential, also while it acts for another one."""
    token: ApiToken | None = None
    """The API token, or the one that an upload token was created with."""
    counted: CountedRequest | None = None
    """The request, if it was counted by the statement that found the token."""

    @property
    def token_id(self) -> UUID | None:
        return self.token.id if self.token else None

    def may(self, scope: Scope) -> bool:
        """Return whether one of the caller's scopes includes this one."""
        return includes(self.scopes, scope)
