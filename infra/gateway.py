"""API Gateway's own error responses, in the shape of the app's errors, and its throttling.

Chalice imports the API again with every deployment, which resets all of this.
"""

import json
from collections.abc import Sequence
from typing import Any

import boto3

REQUESTS_PER_SECOND = 1000
"""On average; docs/explanation/scaling.md derives it."""

_FORBIDDEN = ("403", "forbidden", "The request is not allowed.")
_NOT_FOUND = ("404", "not_found", "No route has this URL and method.")
_OVERLOADED = "The service is overloaded. Retry in a few seconds."

RESPONSES = {
    "UNAUTHORIZED": ("401", "unauthorized", "The request has no valid credentials."),
    "ACCESS_DENIED": _FORBIDDEN,
    "EXPIRED_TOKEN": _FORBIDDEN,
    "INVALID_API_KEY": _FORBIDDEN,
    "INVALID_SIGNATURE": _FORBIDDEN,
    "WAF_FILTERED": _FORBIDDEN,
    # API Gateway's response to an unknown path, or a method that the path doesn't have.
    "MISSING_AUTHENTICATION_TOKEN": _NOT_FOUND,
    "RESOURCE_NOT_FOUND": _NOT_FOUND,
    "REQUEST_TOO_LARGE": (
        "413",
        "file_too_large",
        "The request is too large. The limit is 10 MB for a request and 4.6 MB for a file in it. Upload larger "
        "files with POST /api/uploads.",
    ),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "unsupported_media_type", None),
    "THROTTLED": ("429", "too_many_requests", "Too many requests. Retry in a second."),
    "QUOTA_EXCEEDED": ("429", "too_many_requests", None),
    # Also the response when Lambda throttles the function. It would be a 500 without this.
    # https://repost.aws/questions/QUL-z6rJbmR4meafB7MzYXxw
    "INTEGRATION_FAILURE": ("503", "unavailable", _OVERLOADED),
    "INTEGRATION_TIMEOUT": (
        "504",
        "timeout",
        "The request timed out but may have succeeded. Check before you retry.",
    ),
    # What remains are 400s: BAD_REQUEST_BODY, BAD_REQUEST_PARAMETERS. A status here would be that of the other
    # types as well.
    "DEFAULT_4XX": (None, "bad_request", None),
    # The app handles its own errors. What remains is that it can't be invoked, or crashed.
    "DEFAULT_5XX": ("503", "unavailable", _OVERLOADED),
}
"""By API Gateway's response type: status, code, message; None keeps API Gateway's own. chalicelib/http/errors.py
has the same codes and messages.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def configure(
    session: boto3.session.Session,
    api_id: str,
    stage: str,
    burst: int | None,
    cors_origins: Sequence[str] = (),
) -> None:
    """Set the error responses and the throttling of an API, and deploy it to its stage.

    Web pages of `cors_origins` can read the error responses.

    `burst` is the number of simultaneous requests, None for the account's limit. It is api_handler's reserved
    concurrency: requests above it get 429 before a function is invoked. Of a larger burst, Lambda would refuse the
    rest, which clients see as a 503 and CloudWatch counts as a server error.
    """
    client = session.client("apigateway")
    headers = {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in _headers(cors_origins).items()}
    for response_type, (status, code, message) in RESPONSES.items():
        settings: Any = {"statusCode": status} if status else {}
        client.put_gateway_response(
            restApiId=api_id,
            responseType=response_type,  # type: ignore[arg-type]  # one of a list of literals
            responseParameters=headers,
            responseTemplates={"application/json": _template(code, message)},
            **settings,
        )
    client.create_deployment(restApiId=api_id, stageName=stage)
    limits = {"rateLimit": REQUESTS_PER_SECOND} | ({} if burst is None else {"burstLimit": burst})
    client.update_stage(
        restApiId=api_id,
        stageName=stage,
        patchOperations=[
            {"op": "replace", "path": f"/*/*/throttling/{limit}", "value": str(value)}
            for limit, value in limits.items()
        ],
    )


def _headers(cors_origins: Sequence[str]) -> dict[str, str]:
    """Return the headers of every error response, which are constants.

    A header here can't depend on the request, except by repeating one of its own: so several origins become `*`.
    The responses hold no data, and no request has cookies (docs/decisions/0025-cors.md).
    """
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if cors_origins:
        headers["Access-Control-Allow-Origin"] = cors_origins[0] if len(cors_origins) == 1 else "*"
    return headers


def _template(code: str, message: str | None) -> str:
    """Return a mapping template: JSON that API Gateway completes. Its own message comes as a quoted string."""
    value = "$context.error.messageString" if message is None else json.dumps(message)
    return f'{{"error": "{code}", "message": {value}, "requestId": "$context.requestId"}}'
