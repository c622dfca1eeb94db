"""An ASGI application around MiniStack's that responds like S3 only to what is really on disk.

A request to store an object is refused when the disk is nearly full (emulator/disk_space.py), and fails when its
files can't be written (emulator/object_files.py). Requests to read and to other services are passed on unchanged.
HeadBucket is the exception: it fails as a PUT would, which is how `GET /api/health` finds out.
"""

import logging
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote

from emulator.asgi import Application, Event, Receive, Send
from emulator.disk_space import MIB, has_room, is_writable
from emulator.net import USER_AGENT
from emulator.object_files import failures
from emulator.s3_errors import refuse, send_error
from emulator.unsigned_headers import MESSAGE, has_unsigned_headers

PROBE_BYTES = 5 * MIB
"""HeadBucket fails where an object of this size, the largest that the app uploads itself, would be refused."""

MAX_BODY_BYTES = 5 * 1024 * MIB
"""S3 takes no more in one request: an object, a part or a form.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html"""

SERVICE = re.compile(r"/([a-z0-9-]+)/aws4_request")
"""The end of the credential of a signed request.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html"""

log = logging.getLogger(__name__)


class StorageCheck:
    """MiniStack's application, with the checks."""

    def __init__(self, application: Application, directory: Path) -> None:
        """`directory` holds the objects' files."""
        self._application = application
        self._directory = directory

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http" or not is_storage_request(scope):
            return await self._application(scope, receive, send)
        if _size(scope) > MAX_BODY_BYTES:  # S3 doesn't read it
            return await send_error(scope, send, "EntityTooLarge")
        if has_unsigned_headers(scope):
            return await refuse(scope, receive, send, "AccessDenied", message=MESSAGE)
        writes = scope["method"] in {"PUT", "POST", "DELETE"}
        error = None
        if writes:
            error = self._find_error(_size(scope) if _needs_space(scope) else None)
        elif _is_head_bucket(scope):
            error = self._find_error(PROBE_BYTES)
        if error is not None:
            return await refuse(scope, receive, send, error)
        if writes:
            return await self._pass_on_and_verify(scope, receive, send)
        return await self._application(scope, receive, send)

    def _find_error(self, size: int | None) -> str | None:
        """Return the code of the error that an object of this size would end with. None is for no object."""
        if not is_writable(self._directory):
            return "ServiceUnavailable"
        if size is not None and not has_room(self._directory, size):
            return "InsufficientStorage"
        return None

    async def _pass_on_and_verify(self, scope: Event, receive: Receive, send: Send) -> None:
        """Respond with MiniStack's response, or with an error if it failed to change a file."""
        failed: list[OSError] = []
        response: list[Event] = []

        async def hold(event: Event) -> None:
            response.append(event)

        token = failures.set(failed)
        try:
            await self._application(scope, receive, hold)
        finally:
            failures.reset(token)
        if not failed:
            for event in response:
                await send(event)
            return
        log.error("%s %s failed: %s", scope["method"], scope["path"], failed[0])
        await send_error(scope, send, self._find_error(None) or "InsufficientStorage")


def is_storage_request(scope: Event) -> bool:
    """Return whether MiniStack passes the request to S3. Not those that the emulator sends when it starts."""
    headers = dict(scope["headers"])
    if USER_AGENT.encode() in headers.get(b"user-agent", b"") or b"x-amz-target" in headers:
        return False
    if scope["path"].startswith("/_"):  # MiniStack's own
        return False
    credentials = headers.get(b"authorization", b"") + b"\n" + scope["query_string"]
    service = SERVICE.search(unquote(credentials.decode("latin-1")))
    return service is None or service[1] == "s3"


def _is_head_bucket(scope: Event) -> bool:
    return scope["method"] == "HEAD" and "/" not in scope["path"].strip("/")


def _needs_space(scope: Event) -> bool:
    """Return whether the request adds something. DeleteObjects is a POST, too."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return scope["method"] != "DELETE" and "delete" not in query


def _size(scope: Event) -> int:
    """Return the length of the request's body, 0 where it isn't known before it is read."""
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0
