"""The owner on whose behalf a request is made."""

from chalicelib import container


def current_owner() -> str:
    """Return the owner whose files the request may read and change: the same until there is authentication."""
    return container.settings().default_owner
