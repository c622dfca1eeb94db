"""A function is called as soon as its queue has a message, also right after another."""

from types import SimpleNamespace

import pytest

from emulator.queue_polling import IDLE_SECONDS, QueuePolling


class Lambda:
    """Records what is done with MiniStack's module."""

    def __init__(self, *found: bool | Exception) -> None:
        self.calls: list[object] = []
        self._found = list(found)
        self._esm_wake = SimpleNamespace(clear=lambda: self.calls.append("clear"), wait=self.calls.append)

    def _poll_sqs(self) -> bool:
        self.calls.append("poll")
        found = self._found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def test_polls_again_at_once_while_there_are_messages() -> None:
    module = Lambda(True, False)
    polling = QueuePolling(module)
    polling.poll()
    polling.poll()
    assert module.calls == ["clear", "poll", "clear", "poll", IDLE_SECONDS]


def test_sleeps_only_until_it_is_woken_however_often_it_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("slept"))
    module = Lambda(False, False, False)
    polling = QueuePolling(module)
    for _ in range(3):
        polling.poll()
    assert module.calls == ["clear", "poll", IDLE_SECONDS] * 3


def test_goes_on_after_an_error() -> None:
    module = Lambda(KeyError("queue"), True)
    polling = QueuePolling(module)
    polling.poll()
    polling.poll()
    assert module.calls == ["clear", "poll", IDLE_SECONDS, "clear", "poll"]
