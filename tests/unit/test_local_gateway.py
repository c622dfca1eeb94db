"""The emulator's API Gateway: what it logs about requests that fail outside of the app."""

from io import BytesIO
from typing import Any

import pytest
from chalice.app import Chalice, Response
from chalice.local import LocalGateway

from emulator import gateway

TOKEN = "WyJ1cGxvYWQiLCJhbGljZSJd.c2lnbmF0dXJl"


def test_the_log_has_the_route_and_no_token_of_the_path(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = Chalice("gateway", configure_logs=False)
    app.route("/u/{token}/large")(lambda token: Response("x" * 2000))  # noqa: ARG005
    application = gateway.wsgi_application(app)
    statuses: list[str] = []

    def request() -> None:
        path = f"/u/{TOKEN}/large?x={TOKEN}"
        environment: dict[str, Any] = {"REQUEST_METHOD": "GET", "REQUEST_URI": path, "wsgi.input": BytesIO()}
        application(environment, lambda status, *_: statuses.append(status))  # type: ignore[arg-type]

    monkeypatch.setattr(gateway, "INVOCATION_BYTES", 1000)
    monkeypatch.setattr(gateway, "SMALL_BODY_BYTES", 100)
    request()
    monkeypatch.setattr(LocalGateway, "handle_request", lambda *_: 1 / 0)
    request()
    assert statuses == ["503 Service Unavailable", "500 Internal Server Error"]
    assert caplog.text.count("GET /u/{token}/large") == 2
    assert TOKEN not in caplog.text
