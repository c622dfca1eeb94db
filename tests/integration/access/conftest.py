"""The app with `AUTH=required`, and tokens for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import uuid_utils.compat as uuids

from chalicelib import container
from chalicelib.core.accounts.api_tokens import digest_of, generate_token
from chalicelib.core.accounts.model import NewToken, Scope
from tests.integration.access.world import world
from tests.integration.conftest import Service

__all__ = ["world"]


@dataclass(frozen=True)
class Bearer:
    """A token, and the header that sends it."""

    token: str
    id: str
    owner: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


IssueToken = Callable[..., Bearer]
"""Adds a token of an owner with these scopes, `write` by default, and returns it."""


@pytest.fixture
def protected(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("AUTH", "required")
    container.reset()
    yield service
    container.reset()


@pytest.fixture
def issue_token(protected: Service) -> IssueToken:  # noqa: ARG001  # its database
    def issue(owner: str, *scopes: Scope, expires_in: timedelta | None = None) -> Bearer:
        token = generate_token()
        new = NewToken(
            id=uuids.uuid7(),
            digest=digest_of(token),
            name="test",
            owner=owner,
            scopes=frozenset(scopes or {Scope.WRITE}),
        )
        container.tokens().add(new, expires_in)
        return Bearer(token, str(new.id), owner)

    return issue
