"""The id of a request, for its error responses and its log lines."""

from chalice.app import Request


def request_id(request: Request) -> str:
    """Return the request's id as in API Gateway's access log; without API Gateway, Lambda's request id."""
    invocation_id = getattr(request.lambda_context, "aws_request_id", "")
    return str(request.context.get("requestId") or invocation_id)
