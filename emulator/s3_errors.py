"""S3's error responses, for the ASGI applications around MiniStack.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from uuid import uuid4

from emulator.asgi import Event, Receive, Send

ERRORS = {
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed size"),
    "AccessDenied": (403, "Access Denied"),
    "AccessForbidden": (
        403,
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request "
        "method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the "
        "resource's CORS spec.",
    ),
    "InvalidArgument": (400, "Invalid Argument"),
    "MalformedPOSTRequest": (400, "The body of your POST request is not well-formed multipart/form-data."),
    "MaxPostPreDataLengthExceeded": (400, "Your POST request fields preceding the upload file were too large."),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided.",
    ),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "SlowDown": (503, "Please reduce your request rate."),
    "ServiceUnavailable": (503, "The files of this S3 can't be changed."),
    "InsufficientStorage": (507, "There is no space left on the disk of this S3."),
}
"""Status and message, by code. S3 has no code for the last one, because it is never full. MinIO responds with the
same status."""


async def refuse(
    scope: Event,
    receive: Receive,
    send: Send,
    code: str,
    *,
    status: int | None = None,
    message: str | None = None,
) -> None:
    """Respond with an error, and its status and message or others, instead of handling the request."""
    while (await receive()).get("more_body"):  # a client that is still sending might not read the response
        pass
    await send_error(scope, send, code, status=status, message=message)


async def send_error(
    scope: Event, send: Send, code: str, *, status: int | None = None, message: str | None = None
) -> None:
    """Send the response to a request that was received."""
    usual_status, usual_message = ERRORS[code]
    request_id = uuid4().hex[:16].upper()
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message or usual_message}</Message>"
        f"<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
    ).encode()
    headers = [
        (b"content-type", b"application/xml"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amz-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": status or usual_status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
