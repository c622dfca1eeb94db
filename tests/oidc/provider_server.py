"""An OpenID Connect provider on this machine, where people sign in with a name and without a password.

It has what pages use, which have no secret: authorization codes with PKCE, refresh tokens that each work once, and
CORS.
"""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.local_http_server import LocalHttpServer
from tests.oidc.tokens import AUDIENCE, claims, jwk, key_set, rsa_key, token

CLIENT_ID = "page"


@dataclass
class Provider:
    """What the provider has issued and was asked, and what a test may change."""

    url: str = ""
    access_seconds: int = 300
    has_refresh_tokens: bool = True
    started_at: float = field(default_factory=time.time)
    revoked_before: float = 0
    """Seconds since 1970. Refresh tokens and cookies issued earlier are refused."""
    requests: list[dict[str, str]] = field(default_factory=list)
    """The parameters of the requests to sign in."""
    grants: list[str] = field(default_factory=list)
    """The kinds of the requests for tokens that were successful."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    cookies: dict[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a service whose page is a client of this provider."""
        return {
            "OIDC_ISSUER": self.url,
            "OIDC_AUDIENCE": AUDIENCE,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_AUTHORIZATION_URL": f"{self.url}/authorize?audience={AUDIENCE}",
            "OIDC_TOKEN_URL": f"{self.url}/token",
            "OIDC_SCOPE": "openid offline_access",
        }

    def end_sessions(self) -> None:
        """Revoke all refresh tokens, and forget who has signed in."""
        self.revoked_before = time.time()

    def reset(self) -> None:
        """Forget what an earlier test has done."""
        self.end_sessions()
        self.requests.clear()
        self.grants.clear()
        self.access_seconds, self.has_refresh_tokens = 300, True


class _Server(LocalHttpServer):
    daemon_threads = True
    provider: Provider


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        provider, path = self.server.provider, urlsplit(self.path).path
        if path == "/authorize":
            self._authorize(None)
        elif path == "/keys":
            self._send(200, key_set(jwk(rsa_key())), "application/json")
        elif path == "/.well-known/openid-configuration":
            found = {"issuer": provider.url, "jwks_uri": f"{provider.url}/keys"}
            self._send(200, json.dumps(found).encode(), "application/json")
        else:  # the browser asks for an icon
            self._send(204, b"", "text/plain")

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        if urlsplit(self.path).path == "/authorize":
            self._authorize(form["name"])
        else:
            self._issue(form)

    def _authorize(self, name: str | None) -> None:
        """Send the browser back with a code, or show a form. `name` is what the user has typed into it."""
        provider = self.server.provider
        query = dict(parse_qsl(urlsplit(self.path).query))
        expected = {"response_type": "code", "client_id": CLIENT_ID, "code_challenge_method": "S256"}
        if expected.items() - query.items() or "openid" not in query["scope"].split(" "):
            self._send(400, b"malformed request", "text/plain")
            return
        if name is None:
            provider.requests.append(query)
            if query.get("prompt") != "login":
                name = self._remembered_name()
        if name == "stranger":
            refusal = {"error": "access_denied", "error_description": "stranger may not use this page"}
            self._redirect(query, refusal, "")
        elif name is not None:
            code, cookie = token_urlsafe(), token_urlsafe()
            provider.codes[code] = {**query, "name": name}
            provider.cookies[cookie] = (name, time.time())
            self._redirect(query, {"code": code}, cookie)
        elif query.get("prompt") == "none":
            self._redirect(query, {"error": "login_required"}, "")
        else:
            form = f"""<!doctype html><title>Provider</title><form method="post" action="{escape(self.path)}">
                <label>Name <input name="name"></label> <button>Continue</button></form>"""
            self._send(200, form.encode(), "text/html", {"Cross-Origin-Opener-Policy": "same-origin"})

    def _remembered_name(self) -> str | None:
        cookie = self.headers.get("Cookie", "").removeprefix("provider=")
        name, issued_at = self.server.provider.cookies.get(cookie, ("", 0.0))
        return name if issued_at > self.server.provider.revoked_before else None

    def _redirect(self, query: Mapping[str, str], parameters: Mapping[str, str], cookie: str) -> None:
        answer = {**parameters, "state": query["state"], "iss": self.server.provider.url}
        location = f"{query['redirect_uri']}?{urlencode(answer)}"
        self._send(303, b"", "text/plain", {"Location": location, "Set-Cookie": f"provider={cookie}; HttpOnly"})

    def _issue(self, form: Mapping[str, str]) -> None:
        """Send tokens for a code or a refresh token. Each works once."""
        provider = self.server.provider
        if form["grant_type"] == "authorization_code":
            request = provider.codes.pop(form["code"], {})
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            expected = {"code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode()}
            expected |= {name: form[name] for name in ("client_id", "redirect_uri")}
            is_valid = expected.items() <= request.items()
            name, nonce = request.get("name", ""), request.get("nonce")
        else:
            name, issued_at = provider.refresh_tokens.pop(form["refresh_token"], ("", 0.0))
            is_valid, nonce = issued_at > provider.revoked_before, None
        if not is_valid:
            self._send_json(400, {"error": "invalid_grant"})
            return
        provider.grants.append(form["grant_type"])
        self._send_json(200, self._tokens(name, nonce))

    def _tokens(self, name: str, nonce: str | None) -> dict[str, Any]:
        provider = self.server.provider
        expiry = int(time.time()) + provider.access_seconds
        access = claims(iss=provider.url, sub=name, exp=expiry, jti=token_urlsafe())
        identity = {**access, "aud": CLIENT_ID} | ({"nonce": nonce} if nonce else {})
        found = {
            "access_token": token(access),
            "id_token": token(identity),
            "token_type": "Bearer",
            "expires_in": provider.access_seconds,
        }
        if provider.has_refresh_tokens:
            found["refresh_token"] = token_urlsafe()
            provider.refresh_tokens[str(found["refresh_token"])] = (name, time.time())
        return found

    def _send_json(self, status: int, body: Mapping[str, Any]) -> None:
        headers = {"Access-Control-Allow-Origin": self.headers.get("Origin", ""), "Cache-Control": "no-store"}
        self._send(status, json.dumps(body).encode(), "application/json", headers)

    def _send(self, status: int, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider on a free port."""
    server = _Server(_Handler)
    # Another site than the service's, which is at 127.0.0.1: cookies of this one are third-party cookies there.
    server.provider = provider = Provider(f"http://localhost:{server.server_port}")
    with server.run():
        yield provider
