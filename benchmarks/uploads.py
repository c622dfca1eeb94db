"""Uploads over HTTP, until they are processed, and the memory after them: this service next to others."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median

from benchmarks.environments import REPOSITORY
from benchmarks.postgres_cursor import open_cursor
from benchmarks.table import Row, spread
from benchmarks.upload_services import (
    UploadService,
    count_processed,
    has_redis,
    running_django,
    running_floor,
    running_service,
    upload_one,
)

UPLOADS = 300
"""Of each round of closing connections, and of keep-alive ones."""
ROUNDS = 3
SINGLE_UPLOADS = 300
PAUSED_UPLOADS = 15
PAUSE = 0.3
BURST = 2000
SETTLING_SECONDS = 5
TIMEOUT = 600

DJANGO = "the Django service"

GIVEN_MEMORY = 302.0
"""MiB of the original Django service, a figure that was given with the target: it was measured on another day. The
small one here has fewer packages."""


@dataclass
class Measured:
    """What a service has shown: requests a second, milliseconds, files a second, MiB."""

    closing: list[float] = field(default_factory=list)
    keep_alive: list[float] = field(default_factory=list)
    single: list[float] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)
    burst: float = 0.0
    fresh_memory: float = 0.0
    memory: float = 0.0


Services = Sequence[tuple[UploadService, Measured]]


def measure() -> list[Row]:
    """Return the rows of uploads, latencies, the burst and memory."""
    own, django, floor = Measured(), Measured(), Measured()
    with ExitStack() as stack:
        service = stack.enter_context(running_service())
        services = [(service, own)]
        if has_redis():
            services.append((stack.enter_context(running_django()), django))
        else:
            print("There is no redis-server, so there are no figures of the Django service.")
        for each, measured in services:
            measured.fresh_memory = each.memory()
            _load(each, 50)
            _wait_until_processed(each, 50)
        with running_floor(service) as by_hand:
            _measure_rates([*services, (by_hand, floor)])
        _measure_times(services)
        _measure_bursts(services)
    return _rows(own, django if len(services) > 1 else None, floor)


def _measure_rates(services: Services) -> None:
    """Upload from closing and from keep-alive connections, to one service after the other, some rounds."""
    for _ in range(ROUNDS):
        for service, measured in services:
            for rates, options in ((measured.closing, ["--closing"]), (measured.keep_alive, [])):
                before = count_processed(service)
                rates.append(_load(service, UPLOADS, *options))
                _wait_until_processed(service, before + UPLOADS)


def _measure_times(services: Services) -> None:
    for _ in range(ROUNDS):
        for service, measured in services:
            measured.single += _times_to_processed(service, SINGLE_UPLOADS, 0)
            measured.paused += _times_to_processed(service, PAUSED_UPLOADS, PAUSE)


def _measure_bursts(services: Services) -> None:
    for service, measured in services:
        before, begin = count_processed(service), time.monotonic()
        _load(service, BURST)
        _wait_until_processed(service, before + BURST)
        measured.burst = BURST / (time.monotonic() - begin)
        time.sleep(SETTLING_SECONDS)
        measured.memory = service.memory()


def _load(service: UploadService, requests: int, *options: str) -> float:
    """Upload so many files from eight connections; return the uploads per second."""
    command = [sys.executable, "-m", "benchmarks.load", str(service.port), str(requests), *options]
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    return float(json.loads(done.stdout)["rate"])


def _wait_until_processed(service: UploadService, count: int) -> None:
    end = time.monotonic() + TIMEOUT
    while (processed := count_processed(service)) < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{service.name}: {processed} files of {count} are processed after {TIMEOUT} s")
        time.sleep(0.1)


def _times_to_processed(service: UploadService, uploads: int, pause: float) -> list[float]:
    """Upload one file after the other; return the milliseconds from each request until it is processed.

    The row says so, which is asked each millisecond: what clients of either service see comes later.
    """
    times = []
    http = HTTPConnection("127.0.0.1", service.port, timeout=60)
    with open_cursor(service.database_url) as cursor:
        for number in range(uploads):
            begin, is_processed = time.perf_counter(), False
            file_id = upload_one(service, f"single-{number}.txt", http)["id"]
            while not is_processed:
                time.sleep(0.001)
                cursor.execute(service.is_processed, [file_id])
                [is_processed] = cursor.fetchone()
            times.append(1000 * (time.perf_counter() - begin))
            time.sleep(pause)
    return times


def _rows(own: Measured, django: Measured | None, floor: Measured) -> list[Row]:
    """Return the rows. Without the Django service they have nothing to compare with."""
    rows = []

    def add(what: str, value: Callable[[Measured], float], target: str, values: Sequence[float] = ()) -> None:
        other = None if django is None else value(django)
        rows.append(Row(what, value(own), other, DJANGO, target, spread(values) if values else ""))

    for what, name in (("closing", "closing"), ("keep-alive", "keep_alive")):
        label = f"upload 10 KiB, 8 connections, {what}, requests/s"
        add(label, _median(name), "≥ 2", getattr(own, name))
        rows.append(Row(label, _median(name)(own), _median(name)(floor), "the floor's route"))
    for percent in (50, 99):
        for what, name in (("back to back", "single"), (f"with pauses of {PAUSE} s", "paused")):
            add(f"upload to processed, {what}, ms p{percent}", _percentile(name, percent), "≤ 1")
    add(f"{BURST:,} files until processed, files/s", lambda measured: measured.burst, "≥ 1.5")
    label = "memory after the bursts, MiB (PSS)"
    add(label, lambda measured: measured.memory, "≤ 0.8")
    rows.append(Row(label, own.memory, GIVEN_MEMORY, "the original on another day", "≤ 0.8"))
    add("memory of a fresh start, MiB (PSS)", lambda measured: measured.fresh_memory, "")
    return rows


def _median(name: str) -> Callable[[Measured], float]:
    return lambda measured: median(getattr(measured, name))


def _percentile(name: str, percent: int) -> Callable[[Measured], float]:
    def percentile(measured: Measured) -> float:
        values = sorted(getattr(measured, name))
        return float(values[min(len(values) - 1, len(values) * percent // 100)])

    return percentile
