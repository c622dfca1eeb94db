"""A connection of the HTTP server: waitress's classes, changed where they differ from HTTP or from API Gateway."""

from typing import Any
from uuid import uuid4

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, Task, WSGITask
from waitress.utilities import RequestEntityTooLarge

from emulator.app_import import get_app_variable
from emulator.gateway import PAYLOAD_BYTES, gateway_response, reason_phrase


class HeadTask(Task):
    """Sends no body in response to HEAD."""

    @property
    def has_body(self) -> bool:
        method = getattr(self.request, "command", "")  # a malformed request may have none
        return super().has_body and method != "HEAD"


class GatewayErrorTask(HeadTask, ErrorTask):
    """Sends the server's own errors in the shape of the app's."""

    def execute(self) -> None:
        request: Any = self.request  # typeshed types it as an Error
        request.error = GatewayError(request.error.code)
        super().execute()


class GatewayError:
    """Replaces waitress.utilities.Error, whose responses are plain text."""

    def __init__(self, code: int) -> None:
        self.code = code

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:  # noqa: ARG002  # as replaced
        status, headers, body = gateway_response(self.code, str(uuid4()), get_app_variable("cors_origins", ()))
        return f"{status} {reason_phrase(status)}", headers, body


class ResponseTask(HeadTask, WSGITask):
    """Keeps the connection open after a response, also after one that has no body.

    While the server drains, it closes the connection: the client's next request then goes to the process that has
    replaced this one.
    """

    def build_response_header(self) -> bytes:
        if self._is_draining():
            self.set_close_on_finish()
        return super().build_response_header()

    def set_close_on_finish(self) -> None:
        """Close the connection after the response.

        Waitress also does this where a response has no Content-Length, although one that can't have a body ends
        with its headers. https://www.rfc-editor.org/rfc/rfc9112#section-6.3
        """
        request: Any = self.request  # typeshed types it as an Error
        is_last = self.version == "1.0" or request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or is_last or self._is_draining():
            super().set_close_on_finish()

    def _is_draining(self) -> bool:
        return not self.channel.server.accepting


class RequestParser(HTTPRequestParser):
    """Refuses two kinds of requests that waitress accepts.

    - A body that is too large and for which the client waits to be asked (`Expect: 100-continue`): it isn't sent.
    - A chunked body with a Content-Length, of which a proxy in front may see another end than waitress (request
      smuggling). https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    """

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.expect_continue and not self.completed and self.content_length > PAYLOAD_BYTES:
            self.error = RequestEntityTooLarge(f"more than {PAYLOAD_BYTES} bytes")
            self.completed = True
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")


class Channel(HTTPChannel):
    """A connection that uses the classes above."""

    task_class = ResponseTask
    error_task_class = GatewayErrorTask
    parser_class = RequestParser

    def send_continue(self) -> None:
        """Ask for the body that the client has announced.

        Waitress asks also where none will come, because the request has no body or is refused. It then waits for
        one and never responds. https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
        """
        if self.request is not None and not self.request.completed:
            super().send_continue()
