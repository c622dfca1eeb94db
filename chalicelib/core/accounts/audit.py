"""The audit log: who was given access, and who was refused.

Its entries are log lines with the field `audit`, which says what happened. They hold no token.
"""

import logging
from uuid import UUID

from chalicelib.core.accounts.model import ApiToken, Caller

log = logging.getLogger("file_loader.audit")
log.setLevel(logging.WARNING)  # else LOG_LEVEL=ERROR would leave out the audit log


def record_creation(token: ApiToken, creator: Caller) -> None:
    """Record that the creator created a token."""
    _record("token_created", token, **_actor(creator), scopes=sorted(token.scopes))


def record_upload_token(caller: Caller) -> None:
    """Record that the caller created an upload token."""
    fields = {"owner": caller.owner, "actor": caller.actor, **_id(caller.token_id)}
    log.warning("upload_token_created", extra={"audit": "upload_token_created", **fields})


def record_revocation(token: ApiToken, revoker: Caller) -> None:
    """Record that the revoker revoked a token."""
    _record("token_revoked", token, **_actor(revoker))


def record_use_after_revocation(token: ApiToken) -> None:
    """Record the use of a revoked token, which may have been stolen."""
    _record("revoked_token_used", token)


def record_denial(caller: Caller, denied: str) -> None:
    """Record that a caller without the scope `admin` asked for what needs it."""
    log.warning(
        "denied an administrator's call",
        extra={"audit": "admin_call_denied", "denied": denied, "owner": caller.actor, **_id(caller.token_id)},
    )


def _record(event: str, token: ApiToken, **fields: object) -> None:
    log.warning("%s", event, extra={"audit": event, "owner": token.owner, **_id(token.id), **fields})


def _actor(caller: Caller) -> dict[str, str]:
    """Return who did it, and with which API token: what a stolen one has created has to be found."""
    token_id = {"actor_token_id": str(caller.token_id)} if caller.token_id else {}
    return {"actor": caller.actor, **token_id}


def _id(token_id: UUID | None) -> dict[str, str]:
    return {"token_id": str(token_id)} if token_id else {}
