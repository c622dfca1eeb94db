"""Requests to S3 with presigned URLs. They carry no token."""

from xml.etree import ElementTree

from urllib3 import BaseHTTPResponse

from file_loader_client.connections import S3_RETRIES, Connections
from file_loader_client.errors import TransferError
from file_loader_client.models import PresignedRequest
from file_loader_client.part_reader import PartReader


class S3ResponseError(TransferError):
    """S3 refused a request."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"S3 refused the bytes: {message} ({status} {code})")
        self.status = status
        self.code = code
        """Of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""


def put(connections: Connections, request: PresignedRequest, body: PartReader) -> str:
    """Send the body, and return its ETag without quotation marks. Raises S3ResponseError."""
    headers = {**request.headers, "Content-Length": str(body.size)}
    response = connections.request(request.method, request.url, headers=headers, body=body, retries=S3_RETRIES)
    if response.status != 200:
        raise response_error(response)
    return response.headers.get("ETag", "").strip('"')


def response_error(response: BaseHTTPResponse) -> S3ResponseError:
    """Return what S3 says in the body of an error response."""
    try:
        # expat 2.4.1 and newer limits expansion
        document = ElementTree.fromstring(response.data)  # noqa: S314  # nosec B314
        code, message = document.findtext("Code"), document.findtext("Message")
    except ElementTree.ParseError:
        code = message = None
    return S3ResponseError(response.status, code or "unknown", message or f"{response.reason}")
