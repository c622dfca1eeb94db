"""The events of the function `manage`, and its results: what an administrator does without a token."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
import uuid_utils.compat as uuids
from msgspec import Meta, Struct

from chalicelib.core.accounts.authenticate import build_caller
from chalicelib.core.accounts.create_token import create_token
from chalicelib.core.accounts.list_tokens import ListTokens, list_tokens
from chalicelib.core.accounts.model import AllOwners, CredentialKind, Scope
from chalicelib.core.accounts.owner_names import MAX_OWNER_LENGTH
from chalicelib.core.accounts.ports import Tokens
from chalicelib.core.accounts.revoke_token import RevokeToken, revoke_token
from chalicelib.core.errors import ServiceError
from chalicelib.core.files.file_list import DEFAULT_LIMIT, MAX_LIMIT
from chalicelib.http.resources.tokens import created_token_resource, token_resource
from chalicelib.http.token_request import TokenRequest
from chalicelib.typed_values import convert_value

ACTOR = "the function manage"
"""In the audit log. Who invoked it is in CloudTrail."""


class ManagementError(Exception):
    """The event is invalid, or what it asks for failed."""

    needs_traceback = False
    """The message says what to do. The emulator reads this, because it may not import this module."""


class CreateTokenEvent(
    TokenRequest, kw_only=True, forbid_unknown_fields=True, tag_field="action", tag="create_token"
):
    """`create_token`: create a token for this owner."""

    owner: Annotated[str, Meta(min_length=1, max_length=MAX_OWNER_LENGTH)]
    name: Annotated[str, Meta(min_length=1)] = "created by an administrator"


class ListTokensEvent(Struct, forbid_unknown_fields=True, tag_field="action", tag="list_tokens"):
    """`list_tokens`: list the tokens of all owners, or of one."""

    owner: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    before: UUID | None = None


class RevokeTokenEvent(Struct, forbid_unknown_fields=True, tag_field="action", tag="revoke_token"):
    """`revoke_token`: revoke the token with this id."""

    id: UUID


def manage(event: Any, *, tokens: Tokens) -> Any:
    """Return the result of the event's action, in JSON's types. Raises ManagementError."""
    try:
        parsed = convert_value(event, CreateTokenEvent | ListTokensEvent | RevokeTokenEvent)
        return msgspec.to_builtins(_act(parsed, tokens))
    except msgspec.ValidationError as error:
        raise ManagementError(f"the event is invalid: {error}") from None
    except ServiceError as error:
        raise ManagementError(error.message) from None


def _act(event: CreateTokenEvent | ListTokensEvent | RevokeTokenEvent, tokens: Tokens) -> Any:
    administrator = build_caller(ACTOR, frozenset({Scope.ADMIN}), CredentialKind.NONE)
    match event:
        case CreateTokenEvent():
            return created_token_resource(create_token(event.command(administrator, uuids.uuid7()), tokens=tokens))
        case ListTokensEvent():
            command = ListTokens(event.owner or AllOwners.ALL, event.limit, event.before)
            return [token_resource(token) for token in list_tokens(command, tokens=tokens)]
        case RevokeTokenEvent():
            revoke_token(RevokeToken(administrator, event.id), tokens=tokens)
            return {"id": event.id}
