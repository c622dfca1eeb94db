"""What API Gateway answers by itself, in the shape of the app's errors, and how many requests it lets through.

Chalice imports the API anew with every deployment, which sets all of this back.
"""

import json
from typing import Any

import boto3

REQUESTS_PER_SECOND = 1000
BURST = 500
"""Above these API Gateway answers 429 before a function is called: docs/scaling.md derives them."""

RESPONSES = {
    "MISSING_AUTHENTICATION_TOKEN": ("404", "not_found", "There is no such route, or not with this method"),
    "REQUEST_TOO_LARGE": ("413", "file_too_large", "A request may have 10 MB at most"),
    "THROTTLED": ("429", "too_many_requests", "Too many requests at once; try again in a second"),
    "DEFAULT_4XX": (None, "bad_request", None),
    "DEFAULT_5XX": (None, "internal_error", "Something failed here; the log has the details"),
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
