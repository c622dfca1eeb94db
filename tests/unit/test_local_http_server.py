"""The HTTP server of tests prints what its handlers do wrong, and nothing of lost connections."""

import pytest

from tests.local_http_server import LocalHttpServer
from tests.web_page_server import WebFileHandler


@pytest.mark.parametrize(
    ("error", "is_printed"), [(ConnectionResetError(), False), (BrokenPipeError(), False), (ValueError("x"), True)]
)
def test_only_lost_connections_are_not_printed(
    error: Exception, is_printed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with LocalHttpServer(WebFileHandler) as server:
        try:
            raise error
        except type(error):
            server.handle_error(None, ("127.0.0.1", 1))
    assert bool(capsys.readouterr().err) is is_printed
