"""An issuer's HTTP server on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

from tests.local_http_server import LocalHttpServer
from tests.oidc.tokens import jwk, key_set, rsa_key

PAUSE = 0.05
"""Seconds between two bytes of a slow response."""


@dataclass
class Issuer:
    """What the server sends, which a test may change at any time, and what was asked of it."""

    url: str = ""
    key_set: bytes = field(default_factory=lambda: key_set(jwk(rsa_key())))
    configuration: dict[str, Any] = field(default_factory=dict)
    """What differs in the issuer's configuration."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False
    """Whether it accepts connections and sends nothing."""
    is_slow: bool = False
    """Whether it sends a byte now and then, for longer than anyone waits."""
    paths: list[str] = field(default_factory=list)
    has_ended: Event = field(default_factory=Event)

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/keys"

    def document(self, path: str) -> bytes:
        if path.endswith("/.well-known/openid-configuration"):
            return json.dumps({"issuer": self.url, "jwks_uri": self.jwks_url, **self.configuration}).encode()
        return self.key_set


class _Server(LocalHttpServer):
    issuer: Issuer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        issuer = self.server.issuer
        issuer.paths.append(self.path)
        if issuer.is_silent:
            issuer.has_ended.wait()
            return
        body = issuer.document(self.path)
        self.send_response(issuer.status)
        for name, value in {"Content-Length": str(len(body)), **issuer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # the client doesn't wait any longer
            for byte in body if issuer.is_slow else ():
                self.wfile.write(bytes([byte]))
                if issuer.has_ended.wait(PAUSE):
                    return
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Run a server on a free port."""
    server = _Server(_Handler)
    server.issuer = issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    with server.run():
        try:
            yield issuer
        finally:
            issuer.has_ended.set()
