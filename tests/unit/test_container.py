"""The composition root."""

from collections.abc import Iterator

import pytest

from chalicelib import container


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    container.reset()
    yield
    container.reset()


def test_settings_are_read_once_until_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "blue")
    assert container.settings().stage == "blue"
    monkeypatch.setenv("STAGE", "green")
    assert container.settings().stage == "blue"
    container.reset()
    assert container.settings().stage == "green"


def test_reset_clears_every_cache_of_the_container() -> None:
    caches = [value for value in vars(container).values() if hasattr(value, "cache_clear")]
    container.metrics()
    assert sum(cached.cache_info().currsize for cached in caches) > 0
    container.reset()
    assert [cached.cache_info().currsize for cached in caches] == [0] * len(caches)
