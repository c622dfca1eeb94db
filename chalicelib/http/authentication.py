"""The owner on whose behalf a request is made."""

from chalice.app import Request

from chalicelib import container


def current_owner(request: Request) -> str:  # noqa: ARG001  # all requests are one owner's
    """Return the owner whose files the request may read and change: the same until there is authentication."""
    return container.settings().default_owner
