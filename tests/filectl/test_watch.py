"""What `filectl watch` does while the service fails, and where it begins."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pytest

from file_loader_client import (
    AuthenticationError,
    Change,
    Client,
    PermissionDeniedError,
    ServiceError,
    UnreachableError,
)
from filectl.commands import watch
from filectl.output import Output
from tests.client.fake_messages import error, reply
from tests.client.fake_service import FakeService
from tests.filectl.command import Filectl

DOWN = UnreachableError("it doesn't respond")
STARTING = ServiceError(503, "database_unavailable", "the database is starting")


def change(seq: int) -> Change:
    values = {"seq": seq, "id": "f", "at": "2026-11-28T05:00:00Z", "type": "stored", "status": "uploaded"}
    return msgspec.convert(values | {"version": 1, "attempts": 0, "error": None, "mismatch": None}, Change)


class Feed:
    """A change feed. Each call of `changes` yields what one item of `calls` has, an error is raised."""

    def __init__(self, calls: list[list[Change | Exception]]) -> None:
        self.calls = iter(calls)
        self.since: list[int] = []

    def changes(self, since: int, **_: Any) -> Iterator[Change]:
        self.since.append(since)
        for item in next(self.calls):
            if isinstance(item, Exception):
                raise item
            yield item


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PAUSE_SECONDS", 0)


def test_it_continues_after_failures_where_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    feed = Feed([[change(5), DOWN], [STARTING], [DOWN], [change(6), change(7), STARTING], [change(8)]])
    changes = watch._follow(cast(Client, feed), 4, Output())
    assert [next(changes).seq for _ in range(4)] == [5, 6, 7, 8]
    assert feed.since == [4, 5, 5, 5, 7]
    assert capsys.readouterr().err.splitlines() == [
        "filectl: it doesn't respond. Trying again until it responds.",
        "filectl: the database is starting. Trying again until it responds.",
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        ServiceError(400, "invalid_parameter", "since must be a number"),
        AuthenticationError(401, "token_revoked", "the token was revoked"),
        PermissionDeniedError(403, "forbidden_owner", "only administrators may"),
    ],
)
def test_a_refusal_ends_it(refusal: ServiceError) -> None:
    feed = Feed([[refusal], [change(1)]])
    with pytest.raises(type(refusal)):
        next(watch._follow(cast(Client, feed), 0, Output()))


def test_a_revoked_token_ends_it_with_the_number_to_continue_from(filectl: Filectl, service: FakeService) -> None:
    filectl.url = service.url
    answers = iter([reply(200, [msgspec.to_builtins(change(7))])] * 2)
    revoked = error(401, "token_revoked")
    service.faults.append(lambda request: next(answers, revoked) if request.path == "/api/changes" else None)
    result = filectl("watch", "--since", "6")
    assert (result.status, [line[0] for line in result.lines]) == (4, ["7"])
    assert result.err.splitlines() == [
        "filectl: To continue from here: filectl watch --since 7",
        f"filectl: this is token_revoked Run: filectl login {service.url} (request r-1)",
    ]


@pytest.mark.parametrize("last", [0, 1, 2, 999, 1000, 1001, 1_234_567])
def test_it_finds_the_last_change(last: int) -> None:
    class Service:
        requests = 0

        def changes(self, since: int) -> Iterator[Change]:
            self.requests += 1
            if since < last:
                yield change(last)

    service = Service()
    assert watch._last_change(cast(Client, service)) == last
    assert service.requests <= 40
