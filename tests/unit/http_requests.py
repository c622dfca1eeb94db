"""Chalice requests as the app gets them, for functions that parse requests."""

from typing import Any

from chalice.app import Request


def get_request(**query: str | list[str]) -> Request:
    """Return a GET request with this query string; a list is a parameter that is repeated."""
    event: dict[str, Any] = {
        "multiValueQueryStringParameters": {
            name: value if isinstance(value, list) else [value] for name, value in query.items()
        }
        or None,
        "headers": {},
        "pathParameters": {},
        "requestContext": {"httpMethod": "GET", "resourcePath": "/", "requestId": "c6af9ac6"},
        "stageVariables": None,
        "body": None,
    }
    return Request(event)
