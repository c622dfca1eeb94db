"""Who sends a request."""

from chalicelib import container


def current_owner() -> str:
    """Return whose files the request may read and change: one owner's, as long as there is no authentication."""
    return container.settings().default_owner
