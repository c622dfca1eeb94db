"""Who may call the fake service: its tokens, and the routes about them."""

import json
from dataclasses import dataclass, field
from urllib.parse import unquote

from chalicelib.core.accounts.api_tokens import generate_token
from tests.client.fake_messages import Json, Reply, Request, error, reply

TIME = "2026-11-28T05:00:00.000Z"
ADMIN = "admin"
QUOTA = {"used": 3, "limit": 10, "left": 7}
NO_QUOTA = {"used": 3_000_000, "limit": None, "left": None}
USAGE = {
    "files": QUOTA,
    "bytes": NO_QUOTA,
    "files_today": {"used": 1, "limit": 5, "left": 4},
    "bytes_today": NO_QUOTA,
    "requests_per_minute": {"limit": 600},
    "max_file_bytes": 5_000_000_000,
    "allowed_types": ["image/*", "application/pdf"],
    "denied_types": [],
    "day_ends_at": "2026-11-29T00:00:00.000Z",
    "added_later": 1,
}


@dataclass
class FakeToken:
    """An API token. `refusal` is the code with which it is refused."""

    secret: str
    resource: Json
    refusal: str | None = None

    @property
    def owner(self) -> str:
        return str(self.resource["owner"])


@dataclass
class FakeAccounts:
    """The tokens. Without any, everybody may call everything, as with `AUTH=off`."""

    tokens: dict[str, FakeToken] = field(default_factory=dict)
    is_required: bool = False

    def issue(self, owner: str, scope: str = "write", name: str = "laptop", expires_at: str | None = None) -> str:
        """Add a token of an owner and return its secret. From then on requests need one."""
        self.is_required = True
        secret = generate_token()
        resource = {
            "id": f"token-{len(self.tokens) + 1}",
            "name": name,
            "owner": owner,
            "scopes": [scope],
            "created_at": TIME,
            "expires_at": expires_at,
            "last_used_at": None,
            "revoked_at": None,
            "added_later": True,
        }
        self.tokens[secret] = FakeToken(secret, resource)
        return secret

    def respond(self, request: Request) -> Reply | None:
        """Return the response of a route about accounts, or the refusal of any route; None if it may be called."""
        token = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if self.is_required and (refusal := _refuse(request, token)):
            return refusal
        owner = unquote(request.headers.get("x-owner", token.owner if token else "me"))
        routes = {
            "/api/me": lambda: self._me(token, owner),
            "/api/usage": lambda: reply(200, {"owner": owner, **USAGE}),
            "/api/upload-tokens": lambda: _upload_token(request),
            "/api/tokens": lambda: self._call_tokens(request, token, owner),
        }
        if request.path.startswith("/api/tokens/"):
            return self._revoke(request.path.rpartition("/")[2])
        return routes[request.path]() if request.path in routes else None

    def _me(self, token: FakeToken | None, owner: str) -> Reply:
        if token is None:
            return reply(200, {"owner": owner, "scopes": [ADMIN], "credential": "none", "token": None})
        fields = {name: token.resource[name] for name in ("id", "name", "expires_at")}
        scopes = token.resource["scopes"]
        return reply(200, {"owner": owner, "scopes": scopes, "credential": "api_token", "token": fields, "new": 1})

    def _call_tokens(self, request: Request, token: FakeToken | None, owner: str) -> Reply:
        if request.method == "GET":
            sees_all = token is not None and ADMIN in token.resource["scopes"] and "x-owner" not in request.headers
            found = [each.resource for each in self.tokens.values() if sees_all or each.owner == owner]
            return reply(200, found[::-1])
        body = json.loads(request.body)
        expires_at = "2026-12-28T05:00:00.000Z" if "expires_in" in body else None
        [scope] = body.get("scopes", ["write"])
        secret = self.issue(body.get("owner", owner), scope, body["name"], expires_at)
        return reply(201, {**self.tokens[secret].resource, "token": secret})

    def _revoke(self, token_id: str) -> Reply:
        for token in self.tokens.values():
            if token.resource["id"] == token_id:
                token.refusal, token.resource["revoked_at"] = "token_revoked", TIME
                return Reply(204)
        return error(404, "not_found")


def _refuse(request: Request, token: FakeToken | None) -> Reply | None:
    if "authorization" not in request.headers:
        return error(401, "unauthorized")
    if token is None:
        return error(401, "invalid_token")
    if token.refusal:
        return error(401, token.refusal)
    if token.resource["scopes"] == ["read"] and request.method not in {"GET", "HEAD"}:
        return error(403, "insufficient_scope")
    if unquote(request.headers.get("x-owner", token.owner)) != token.owner and token.resource["scopes"] != [ADMIN]:
        return error(403, "forbidden_owner")
    return None


def _upload_token(request: Request) -> Reply:
    assert json.loads(request.body).get("expires_in", 3600) >= 60
    url = f"http://{request.headers['host']}"
    found = {"token": "SIGNED", "expires_at": TIME, "path": "/u/SIGNED", "companion_url": f"{url}/u/SIGNED"}
    return reply(201, found)
