"""Uploads over HTTP, until they are processed, and the memory after them: this service next to others."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median

import psycopg2

from benchmarks.environments import REPOSITORY
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

UPLOADS = 100
"""Of each round of closing connections, and of keep-alive ones."""
ROUNDS = 1
SINGLE_UPLOADS = 100
PAUSED_UPLOADS = 30
PAUSE = 0.3
BURST = 300
SETTLING_SECONDS = 5
TIMEOUT = 600

GIVEN = {
    "closing": 55.7,
    "keep_alive": 74.9,
    "p50": 29.0,
    "p99": 44.0,
    "paused_p50": 27.5,
    "paused_p99": 36.0,
    "burst": 57.0,
    "memory": 302.0,
}
"""Of the Django service itself, as measured once on another day: only for a machine without a Redis."""


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


def measure() -> list[Row]:
    """Return the rows of uploads, latencies, the burst and memory."""
    own, django, floor = Measured(), Measured(), Measured()
    with running_service() as service:
        _measure_all(service, own)
        with running_floor(service) as by_hand:
            _measure_rates(by_hand, floor)
    if has_redis():
        with running_django() as service:
            _measure_all(service, django)
    else:
        print("There is no redis-server, so the Django service's figures are those of another day and machine.")
        django = Measured(
            closing=[GIVEN["closing"]],
            keep_alive=[GIVEN["keep_alive"]],
            burst=GIVEN["burst"],
            memory=GIVEN["memory"],
        )
    return _rows(own, django, floor)


def _measure_all(service: UploadService, measured: Measured) -> None:
    measured.fresh_memory = service.memory()
    _load(service, 50)
    _wait_until_processed(service, 50)
    _measure_rates(service, measured)
    measured.single = _times_to_processed(service, SINGLE_UPLOADS, 0)
    measured.paused = _times_to_processed(service, PAUSED_UPLOADS, PAUSE)
    before, begin = count_processed(service), time.monotonic()
    _load(service, BURST)
    _wait_until_processed(service, before + BURST)
    measured.burst = BURST / (time.monotonic() - begin)
    time.sleep(SETTLING_SECONDS)
    measured.memory = service.memory()


def _measure_rates(service: UploadService, measured: Measured) -> None:
    for _ in range(ROUNDS):
        for rates, options in ((measured.closing, ["--closing"]), (measured.keep_alive, [])):
            before = count_processed(service)
            rates.append(_load(service, UPLOADS, *options))
            _wait_until_processed(service, before + UPLOADS)


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
    """Upload one file after the other; return the milliseconds from each response until it is processed.

    The row says so, which is asked each millisecond: what clients of either service see comes later.
    """
    times = []
    connection = psycopg2.connect(service.database_url)
    connection.autocommit = True
    http = HTTPConnection("127.0.0.1", service.port, timeout=60)
    with connection.cursor() as cursor:
        for number in range(uploads):
            file_id = upload_one(service, f"single-{number}.txt", http)["id"]
            begin, is_processed = time.perf_counter(), False
            while not is_processed:
                time.sleep(0.001)
                cursor.execute(service.is_processed, [file_id])
                [is_processed] = cursor.fetchone()
            times.append(1000 * (time.perf_counter() - begin))
            time.sleep(pause)
    connection.close()
    return times


def _rows(own: Measured, django: Measured, floor: Measured) -> list[Row]:
    name = "the Django service"
    rows = []
    for what, ours, theirs, by_hand in (
        ("closing", own.closing, django.closing, floor.closing),
        ("keep-alive", own.keep_alive, django.keep_alive, floor.keep_alive),
    ):
        label = f"upload 10 KiB, 8 connections, {what}, requests/s"
        rows.append(Row(label, median(ours), median(theirs), name, "≥ 2", spread(ours)))
        rows.append(Row(label, median(ours), median(by_hand), "the floor's route", "", spread(ours)))
    for what, ours, theirs in (
        ("back to back", own.single, django.single),
        (f"pauses of {PAUSE} s", own.paused, django.paused),
    ):
        for percent in (50, 99):
            other = _percentile(theirs, percent) if theirs else None
            label = f"upload to processed, {what}, ms p{percent}"
            rows.append(Row(label, _percentile(ours, percent), other, name, "≤ 1"))
    rows.append(Row(f"{BURST:,} files until processed, files/s", own.burst, django.burst, name, "≥ 1.5"))
    rows.append(Row("memory after the bursts, MiB (PSS)", own.memory, django.memory, name, "≤ 0.8"))
    rows.append(Row("memory of a fresh start, MiB (PSS)", own.fresh_memory, django.fresh_memory, name))
    return rows


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
