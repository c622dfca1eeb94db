"""Chalice requests as the app gets them, for functions that parse requests."""

from typing import Any

from chalice.app import Request


def get_request(**query: str) -> Request:
    """Return a GET request with this query string."""
    event: dict[str, Any] = {
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "headers": {},
        "pathParameters": {},
        "requestContext": {"httpMethod": "GET", "resourcePath": "/", "requestId": "c6af9ac6"},
        "stageVariables": None,
        "body": None,
    }
    return Request(event)
