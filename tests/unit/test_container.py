"""The composition root."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import app
from chalicelib import container
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.history import PostgresHistory
from chalicelib.adapters.postgres.long_polls import PostgresLongPolls
from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue
from chalicelib.adapters.postgres.tombstones import PostgresTombstones
from chalicelib.adapters.s3 import S3Storage
from chalicelib.adapters.s3.signed_requests import SignedRequests
from chalicelib.cached_function import CachedFunction

THREADS = 32


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
    caches = [value for value in vars(container).values() if isinstance(value, CachedFunction)]
    container.metrics()
    assert sum(cached.size for cached in caches) > 0
    container.reset()
    assert [cached.size for cached in caches] == [0] * len(caches)


def test_threads_that_call_a_function_at_once_get_the_same_result() -> None:
    built: list[int] = []

    def build(number: int) -> int:
        built.append(number)
        time.sleep(0.05)  # a thread that doesn't wait for this one builds, too
        return number

    cached = CachedFunction(build)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda n: cached(n % 2), range(THREADS)))
    assert results == [0, 1] * (THREADS // 2)
    assert sorted(built) == [0, 1]


def test_everything_is_built_once_by_the_first_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all requests at once, each needs the whole composition root."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    built: Counter[str] = Counter()

    def counted(cls: type) -> None:
        original = cls.__init__  # type: ignore[misc]

        def count(self: object, *arguments: Any, **options: Any) -> None:
            built[cls.__name__] += 1
            original(self, *arguments, **options)

        monkeypatch.setattr(cls, "__init__", count)

    classes = [Database, PostgresFiles, PostgresHistory, PostgresLongPolls, PostgresProcessingQueue]
    for cls in [*classes, PostgresTombstones, S3Storage]:
        counted(cls)
    counted(SignedRequests)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: container.warm_up(), range(THREADS)))
    container.warm_up()
    assert set(built.values()) == {1}
    assert len(built) == len(classes) + 3


def test_without_a_database_the_rest_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    container.warm_up_functions()
    assert (container.database.size, container.worker.size, container._storage_at.size) == (0, 0, 1)


def test_functions_share_what_processes_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://unused@/unused?host=/nowhere")
    container.warm_up_functions()
    assert (container.database.size, container.worker.size) == (1, 1)


def test_the_app_offers_servers_the_warm_up_and_the_number_of_long_polls() -> None:
    assert app.warm_up is container.warm_up
    assert app.warm_up_functions is container.warm_up_functions
    assert app.max_long_polls == container.settings().max_long_polls


@pytest.mark.parametrize(
    ("handler", "serves_routes"),
    [
        (None, True),
        ("app.app", True),
        ("app.process_upload", False),
        ("app.sweep", False),
        ("a_wrappers.handler", True),
    ],
)
def test_the_functions_that_serve_no_routes_are_known_by_their_handlers(
    monkeypatch: pytest.MonkeyPatch, handler: str | None, serves_routes: bool
) -> None:
    """What wraps the handler, such as a layer of another company, may wrap any of them."""
    monkeypatch.delenv("_HANDLER", raising=False)
    if handler:
        monkeypatch.setenv("_HANDLER", handler)
    assert container.serves_routes() is serves_routes
