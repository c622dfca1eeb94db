"""The app with `AUTH=required` for a whole module of tests, and tokens of two owners and an administrator."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chalice.test import Client
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Table,
    Text,
    cast,
    func,
    literal,
    literal_column,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

import app as chalice_app
from chalicelib import container
from chalicelib.core.accounts.api_tokens import generate_token
from chalicelib.core.accounts.model import AllOwners, Scope
from chalicelib.core.accounts.upload_tokens import UploadGrant
from chalicelib.migrations.tables import metadata
from emulator.postgres import APP_ROLE
from tests.conftest import empty_database
from tests.database_access import connect_to, observe_statements
from tests.integration.access.owned_things import Things
from tests.integration.access.valid_requests import ValidRequest
from tests.integration.s3_observer import observe_requests
from tests.s3_client import s3_client


@dataclass
class World:
    """The app with `AUTH=required`, and tokens of two owners and an administrator."""

    http: Any
    s3: Any
    bucket: str
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """By caller."""
    upload_tokens: dict[str, str] = field(default_factory=dict)
    """By caller."""
    statements: list[tuple[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Sent to S3."""

    def things_of(self, owner: str) -> Things:
        return Things(owner, self.s3, self.bucket)

    def send(self, caller: str, method: str, request: ValidRequest) -> Any:
        """Return the response. The statements are those of this call."""
        self.statements.clear()
        headers = {**request.headers, **self.headers[caller]}
        return self.http.request(method, request.path, headers=headers, body=request.body)

    def send_as_page(self, caller: str, method: str, request: ValidRequest) -> Any:
        """Send it with the caller's upload token in the path, and return the response."""
        self.statements.clear()
        path = f"/u/{self.upload_tokens[caller]}{request.path}"
        return self.http.request(method, path, headers=request.headers, body=request.body)

    def snapshot(self) -> dict[str, str]:
        """Return a digest of each table's rows, without the time of a token's last use."""
        digests = [_digest(table).label(table.name) for table in metadata.sorted_tables]
        with connect_to(container.database()) as connection:
            return dict(connection.execute(select(*digests)).one()._mapping)

    def rows_of(self, owner: str) -> list[str]:
        """Return all rows of the owner, without the time of a token's last use."""
        found: list[str] = []
        with connect_to(container.database()) as connection:
            for table in metadata.sorted_tables:
                if "owner" in table.c:
                    found += connection.execute(
                        select(_as_text(table)).select_from(table).where(table.c.owner == owner)
                    ).scalars()
        return sorted(found)


def _digest(table: Table) -> ScalarSelect[str]:
    rows = select(_as_text(table).label("row")).select_from(table).subquery()
    ordered = aggregate_order_by(literal("|", Text), rows.c.row)
    return select(func.md5(func.string_agg(rows.c.row, ordered))).scalar_subquery()


def _as_text(table: Table) -> ColumnElement[str]:
    """Return the expression of a row of the table as text, without the time of a token's last use."""
    row = func.to_jsonb(literal_column(table.name), type_=JSONB)
    return cast(row.op("-")(literal("last_used_at", Text)), Text)


@pytest.fixture(scope="module")
def world(postgres_url: str, template_database: str, ministack_url: str) -> Iterator[World]:
    """One database and one bucket for the whole matrix: each case adds what it needs."""
    bucket = f"bucket-{uuid4().hex}"
    s3 = s3_client(ministack_url)
    s3.create_bucket(Bucket=bucket)
    with empty_database(postgres_url, template_database) as url, pytest.MonkeyPatch.context() as patch:
        app_url = make_url(url).set(username=APP_ROLE).render_as_string(hide_password=False)
        for name, value in {
            "DATABASE_URL": app_url,
            "AWS_ENDPOINT_URL": ministack_url,
            "BUCKET": bucket,
            "AUTH": "required",
            "UPLOAD_TOKEN_SECRET": "s" * 32,
        }.items():
            patch.setenv(name, value)
        container.reset()
        with Client(chalice_app.app) as client:
            world = World(client.http, s3, bucket)
            _issue_tokens(world)
            _observe_requests(world)
            with observe_statements(container.database(), lambda *statement: world.statements.append(statement)):
                yield world
        container.reset()


def _issue_tokens(world: World) -> None:
    alice, bob, admin = (world.things_of(name) for name in ("alice", "bob", "operations"))
    revoked_id, revoked = alice.issue(Scope.WRITE)
    container.tokens().revoke(AllOwners.ALL, revoked_id)
    admin_headers = bearer(admin.issue(Scope.ADMIN)[1])
    alice_id, alice_token = alice.issue(Scope.WRITE)
    world.upload_tokens |= {
        "malformed": "x",
        "expired": sign_upload_token("alice", alice_id, timedelta(seconds=-1)),
        "revoked": sign_upload_token("alice", revoked_id),
        "alice": sign_upload_token("alice", alice_id),
        "bob": sign_upload_token("bob", bob.issue(Scope.WRITE)[0]),
    }
    world.headers |= {
        "page": bearer(world.upload_tokens["alice"]),
        "page of bob": bearer(world.upload_tokens["bob"]),
        "nobody": {},
        "malformed": bearer("flt_x"),
        "mistyped": bearer(generate_token()[:-1] + "!"),
        "unknown": bearer(generate_token()),
        "expired": bearer(alice.issue(Scope.WRITE, expires_in=timedelta(seconds=-1))[1]),
        "revoked": bearer(revoked),
        "reader": bearer(alice.issue(Scope.READ)[1]),
        "alice": bearer(alice_token),
        "bob": bearer(bob.issue(Scope.WRITE)[1]),
        "bob as alice": bearer(bob.issue(Scope.WRITE)[1]) | {"X-Owner": "alice"},
        "admin": admin_headers,
        "admin as alice": admin_headers | {"X-Owner": "alice"},
        "admin as bob": admin_headers | {"X-Owner": "bob"},
    }
    for caller in world.headers:  # a token's first use is written
        world.send(caller, "GET", ValidRequest("/api/files"))
    for caller in world.upload_tokens:
        world.send_as_page(caller, "GET", ValidRequest("/s3/params?filename=a.txt"))


def sign_upload_token(owner: str, token_id: UUID, lifetime: timedelta = timedelta(hours=1)) -> str:
    """Return an upload token of the owner's, created with this API token."""
    grant = UploadGrant(owner=owner, expires_at=datetime.now(UTC) + lifetime, token_id=token_id)
    signer = container.upload_token_signer()
    assert signer is not None
    return signer.sign(grant)


def _observe_requests(world: World) -> None:
    observe_requests(container.storage(), lambda method, url: world.requests.append(f"{method} {url}"))


def bearer(token: str) -> dict[str, str]:
    """Return the header that sends the token."""
    return {"Authorization": f"Bearer {token}"}
