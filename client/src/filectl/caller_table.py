"""Who the service takes the user for, in words."""

from typing import TYPE_CHECKING

from filectl.output import Output
from filectl.text import local_time, printable

if TYPE_CHECKING:
    from file_loader_client import Caller

NOT_REQUIRED = "none"
"""The credential of callers of a service that doesn't authenticate."""


def write_caller(output: Output, url: str, caller: "Caller") -> None:
    """Print who the caller is, and what it may do."""
    if output.as_json:
        return output.write_json(caller)
    token = caller.token
    expires = (local_time(token.expires_at) if token.expires_at else "never") if token else ""
    fields = {
        "service": url,
        "owner": caller.owner,
        "scopes": ", ".join(caller.scopes),
        "credential": caller.credential,
        **({"token": f"{token.name} ({token.id})", "expires": expires} if token else {}),
    }
    return output.write_fields({name: printable(value) for name, value in fields.items()})
