"""What is asked of RDS beside the stack. No emulator knows RDS Proxy, nor takes its time to delete a database."""

from typing import Any

import pytest

from infra import rds
from infra.errors import InfraError


class NotFoundError(Exception):
    """There is no such database."""


class StateError(Exception):
    """It can't be changed right now."""


class Rds:
    """An RDS whose answers are given one after the other; the last one stays."""

    class exceptions:  # noqa: N801  # boto3's
        """As the client has them."""

        DBInstanceNotFoundFault = NotFoundError
        InvalidDBInstanceStateFault = StateError

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked = 0

    def describe_db_proxy_targets(self, **_: str) -> Any:
        return {"Targets": self._next()}

    def modify_db_instance(self, **_: Any) -> None:
        answer = self._next()
        if answer is not None:
            self.status = answer
            raise NotFoundError if answer == "gone" else StateError

    def describe_db_instances(self, **_: str) -> Any:
        return {"DBInstances": [{"DBInstanceStatus": self.status}]}

    def _next(self) -> Any:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rds, "POLL_SECONDS", 0)
    monkeypatch.setattr(rds, "PATIENCE_SECONDS", 2)


REGISTERING = [{"TargetHealth": {"State": "REGISTERING"}}]
UNAVAILABLE = [
    {"TargetHealth": {"State": "UNAVAILABLE", "Reason": "PENDING_PROXY_CAPACITY", "Description": "is scaling"}}
]
AVAILABLE = [{"TargetHealth": {"State": "AVAILABLE"}}]


def test_the_proxy_is_waited_for() -> None:
    client: Any = Rds([], REGISTERING, UNAVAILABLE, UNAVAILABLE, AVAILABLE)
    said: list[str] = []
    rds.wait_for_proxy(client, "file-loader-prod", said.append)
    assert client.asked == 5
    assert [line.rpartition(": ")[2] for line in said] == ["it has none", "REGISTERING", "UNAVAILABLE is scaling"]


def test_a_proxy_that_never_gets_there_ends_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rds, "PATIENCE_SECONDS", -1)
    client: Any = Rds(UNAVAILABLE)
    with pytest.raises(
        InfraError, match="file-loader-prod doesn't reach its database yet: UNAVAILABLE is scaling"
    ):
        rds.wait_for_proxy(client, "file-loader-prod", lambda _: None)


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        ((None,), 1),
        (("gone",), 1),
        (("deleting",), 1),
        (("creating", "backing-up", None), 3),
        (("modifying", "gone"), 2),
    ],
)
def test_protection_is_lifted_when_the_database_can_be_changed(states: tuple[Any, ...], asked: int) -> None:
    client: Any = Rds(*states)
    rds.unprotect(client, "file-loader-prod", lambda _: None)
    assert client.asked == asked
