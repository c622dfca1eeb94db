"""What API Gateway answers by itself, in the shape of the app's errors, and how many requests it lets through.

Chalice imports the API anew with every deployment, which sets all of this back.
"""

import json
from typing import Any

import boto3

REQUESTS_PER_SECOND = 1000
"""On average; docs/explanation/scaling.md derives it."""
BURST = 40
"""At once: as many as may run, which is api_handler's reserved concurrency. What is above these gets 429, before a
function is called. The rest of a larger burst would be refused by Lambda, which counts as our fault."""

_TRY_AGAIN = "The service has more to do than it can right now, or it fails; try again in a few seconds"

RESPONSES = {
    "MISSING_AUTHENTICATION_TOKEN": ("404", "not_found", "There is no such route, or not with this method"),
    "REQUEST_TOO_LARGE": ("413", "file_too_large", "A request may have 10 MB at most"),
    "THROTTLED": ("429", "too_many_requests", "Too many requests at once; try again in a second"),
    # Also what comes of a throttle by Lambda. It would be a 500 without this.
    # https://repost.aws/questions/QUL-z6rJbmR4meafB7MzYXxw
    "INTEGRATION_FAILURE": ("503", "unavailable", _TRY_AGAIN),
    "INTEGRATION_TIMEOUT": (
        "504",
        "timeout",
        "It took too long, and may be done all the same; look, then try again",
    ),
    "DEFAULT_4XX": (None, "bad_request", None),
    # The app answers its own faults itself. What is left is that it can't be called, or died.
    "DEFAULT_5XX": ("503", "unavailable", _TRY_AGAIN),
}
"""By API Gateway's type: status, code, message; None leaves API Gateway's own.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def configure(session: boto3.session.Session, api_id: str, stage: str) -> None:
    """Put the responses and the limits to an API, and deploy it to its stage."""
    client = session.client("apigateway")
    for kind, (status, code, message) in RESPONSES.items():
        settings: Any = {"statusCode": status} if status else {}
        client.put_gateway_response(
            restApiId=api_id,
            responseType=kind,  # type: ignore[arg-type]  # one of a list of literals
            responseTemplates={"application/json": _template(code, message)},
            **settings,
        )
    client.create_deployment(restApiId=api_id, stageName=stage)
    client.update_stage(
        restApiId=api_id,
        stageName=stage,
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": str(REQUESTS_PER_SECOND)},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": str(BURST)},
        ],
    )


def _template(code: str, message: str | None) -> str:
    """Return a mapping template: JSON that API Gateway completes. Its own message comes as a quoted string."""
    said = "$context.error.messageString" if message is None else json.dumps(message)
    return f'{{"error": "{code}", "message": {said}, "requestId": "$context.requestId"}}'
