"""Waiting for RDS, on a fake. No emulator has RDS Proxy, or takes as long as RDS to delete a database."""

from typing import Any

import pytest

from infra import rds
from infra.errors import InfraError


class NotFoundError(Exception):
    """The fake's DBInstanceNotFoundFault."""


class StateError(Exception):
    """The fake's InvalidDBInstanceStateFault."""


class Rds:
    """A fake RDS client that returns the given responses in order, and then repeats the last one."""

    class exceptions:  # noqa: N801  # boto3's
        """The client's exceptions."""

        DBInstanceNotFoundFault = NotFoundError
        InvalidDBInstanceStateFault = StateError

    def __init__(self, *responses: Any) -> None:
        self._responses = list(responses)
        self.calls = 0

    def describe_db_proxy_targets(self, **_: str) -> Any:
        return {"Targets": self._next()}

    def modify_db_instance(self, **_: Any) -> None:
        status = self._next()
        if status is not None:
            self.status = status
            raise NotFoundError if status == "gone" else StateError

    def describe_db_instances(self, **_: str) -> Any:
        return {"DBInstances": [{"DBInstanceStatus": self.status}]}

    def _next(self) -> Any:
        self.calls += 1
        return self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rds, "POLL_SECONDS", 0)
    monkeypatch.setattr(rds, "TIMEOUT_SECONDS", 2)


REGISTERING = [{"TargetHealth": {"State": "REGISTERING"}}]
UNAVAILABLE = [
    {"TargetHealth": {"State": "UNAVAILABLE", "Reason": "PENDING_PROXY_CAPACITY", "Description": "is scaling"}}
]
AVAILABLE = [{"TargetHealth": {"State": "AVAILABLE"}}]


def test_wait_for_proxy_reports_each_new_state() -> None:
    client: Any = Rds([], REGISTERING, UNAVAILABLE, UNAVAILABLE, AVAILABLE)
    reported: list[str] = []
    rds.wait_for_proxy(client, "file-loader-prod", reported.append)
    assert client.calls == 5
    assert [line.rpartition(": ")[2] for line in reported] == [
        "it has no target",
        "REGISTERING",
        "UNAVAILABLE is scaling",
    ]


def test_wait_for_proxy_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rds, "TIMEOUT_SECONDS", -1)
    client: Any = Rds(UNAVAILABLE)
    with pytest.raises(InfraError, match="file-loader-prod can't reach its database yet: UNAVAILABLE is scaling"):
        rds.wait_for_proxy(client, "file-loader-prod", lambda _: None)


@pytest.mark.parametrize(
    ("states", "calls"),
    [
        ((None,), 1),
        (("gone",), 1),
        (("deleting",), 1),
        (("creating", "backing-up", None), 3),
        (("modifying", "gone"), 2),
    ],
)
def test_deletion_protection_is_disabled_once_the_database_can_change(states: tuple[Any, ...], calls: int) -> None:
    client: Any = Rds(*states)
    rds.disable_deletion_protection(client, "file-loader-prod", lambda _: None)
    assert client.calls == calls
