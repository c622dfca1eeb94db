"""Identify the caller of a request by its credential."""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.core.accounts.api_tokens import digest_of, is_api_token
from chalicelib.core.accounts.audit import record_denial, record_use_after_revocation
from chalicelib.core.accounts.jwt_verifier import JwtVerifier
from chalicelib.core.accounts.model import AllOwners, ApiToken, Caller, CredentialKind, Scope, includes
from chalicelib.core.accounts.ports import Tokens
from chalicelib.core.accounts.upload_tokens import UploadTokenSigner
from chalicelib.core.errors import (
    FORBIDDEN_OWNER,
    INSUFFICIENT_SCOPE,
    INVALID_TOKEN,
    TOKEN_EXPIRED,
    TOKEN_REVOKED,
    ServiceError,
)
from chalicelib.core.limits.request_rate import NO_REQUEST_LIMITS, RequestLimits


class AuthenticateApiToken(Struct, frozen=True):
    """Identify who sends this API token."""

    token: str


def authenticate_api_token(
    command: AuthenticateApiToken, *, tokens: Tokens, limits: RequestLimits = NO_REQUEST_LIMITS
) -> Caller:
    """Return the caller. One statement, none for a text that isn't a token. It also counts the request if there is
    a limit; whether it exceeds that is up to the caller of this function.

    Raises ServiceError: INVALID_TOKEN, TOKEN_EXPIRED, TOKEN_REVOKED, DATABASE_UNAVAILABLE.
    """
    if not is_api_token(command.token):
        raise ServiceError(INVALID_TOKEN)
    token = use_token(digest_of(command.token), tokens, limits)
    caller = build_caller(token.owner, token.scopes, CredentialKind.API_TOKEN, token)
    return replace(caller, counted=token.counted)


class AuthenticateJwt(Struct, frozen=True):
    """Identify who sends this JWT."""

    token: str


def authenticate_jwt(command: AuthenticateJwt, *, verifier: JwtVerifier | None) -> Caller:
    """Return the caller. No statement. There is no verifier where no issuer is configured.

    Raises ServiceError: INVALID_TOKEN, TOKEN_EXPIRED, ISSUER_UNAVAILABLE.
    """
    if verifier is None:
        raise ServiceError(INVALID_TOKEN)
    identity = verifier.verify(command.token)
    scope = Scope.ADMIN if identity.is_admin else Scope.WRITE
    return build_caller(identity.owner, frozenset({scope}), CredentialKind.JWT)


class AuthenticateUploadToken(Struct, frozen=True):
    """Identify who sends this upload token."""

    token: str


def authenticate_upload_token(
    command: AuthenticateUploadToken,
    *,
    signer: UploadTokenSigner | None,
    tokens: Tokens,
    limits: RequestLimits = NO_REQUEST_LIMITS,
) -> Caller:
    """Return the caller. One statement, which finds the API token that it was created with and counts the request;
    none if that was a JWT, or for a text that isn't a token. It is counted for the upload token's owner: the API
    token may be an administrator's, whose limit the user of one page must not exhaust for all.

    Raises ServiceError: INVALID_TOKEN, TOKEN_EXPIRED, TOKEN_REVOKED, DATABASE_UNAVAILABLE.
    """
    grant = signer.verify(command.token) if signer else None
    if grant is None:
        raise ServiceError(INVALID_TOKEN)
    if grant.expires_at <= datetime.now(UTC):
        raise ServiceError(TOKEN_EXPIRED)
    token = use_token(grant.token_id, tokens, limits, grant.owner) if grant.token_id else None
    caller = build_caller(grant.owner, frozenset({Scope.WRITE}), CredentialKind.UPLOAD_TOKEN, token)
    return replace(caller, counted=token.counted if token else None)


def use_token(
    key: bytes | UUID, tokens: Tokens, limits: RequestLimits = NO_REQUEST_LIMITS, counted_for: str | None = None
) -> ApiToken:
    """Return the token with this digest or id, if it may be used now, with the request as it was counted.

    Raises ServiceError: INVALID_TOKEN, TOKEN_EXPIRED, TOKEN_REVOKED, DATABASE_UNAVAILABLE.
    """
    token = tokens.use(key, limits, counted_for)
    if token is None:
        raise ServiceError(INVALID_TOKEN)
    if token.revoked_at is not None:
        record_use_after_revocation(token)
        raise ServiceError(TOKEN_REVOKED)
    if token.is_expired:
        raise ServiceError(TOKEN_EXPIRED)
    return token


def build_caller(
    owner: str, scopes: frozenset[Scope], credential: CredentialKind, token: ApiToken | None = None
) -> Caller:
    """Return the caller whom a credential identifies, before it names an owner to act for."""
    visible = AllOwners.ALL if includes(scopes, Scope.ADMIN) else owner
    return Caller(owner=owner, scopes=scopes, credential=credential, visible=visible, actor=owner, token=token)


def act_for(caller: Caller, owner: str) -> Caller:
    """Return the caller as it acts for an owner. Raises ServiceError(FORBIDDEN_OWNER) unless that is itself or it
    has the scope `admin`."""
    if owner != caller.owner and not caller.may(Scope.ADMIN):
        record_denial(caller, "acting for another owner")
        raise ServiceError(FORBIDDEN_OWNER)
    return replace(caller, owner=owner, visible=owner)


def require_scope(caller: Caller, scope: Scope, purpose: str) -> None:
    """Raise ServiceError(INSUFFICIENT_SCOPE) unless the caller has the scope. `purpose` says in the audit log what
    was denied."""
    if not caller.may(scope):
        if scope is Scope.ADMIN:
            record_denial(caller, purpose)
        raise ServiceError(INSUFFICIENT_SCOPE)
