"""Files handed in while everything breaks, and what has become of each when it no longer does."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread, local
from typing import Any

import boto3
import psutil
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy import NullPool, create_engine, make_url

from tests.acceptance.client import FINAL, Client
from tests.acceptance.emulator_process import Emulator, running

AT_ONCE = 8
PATIENCE = 300
"""Seconds until whatever hasn't ended counts as stuck."""

SWEEP = "file-loader-dev-sweep"
SCHEDULED = (Path(__file__).parents[1] / "events" / "scheduled.json").read_bytes()


@dataclass
class Outcome:
    """What was handed in, and what became of it."""

    accepted: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each file that was answered with 201, by id."""
    answers: Counter[str] = field(default_factory=Counter)
    """To uploads: statuses, or that there was none."""
    statuses: Counter[str] = field(default_factory=Counter)
    not_accepted: Counter[str] = field(default_factory=Counter)
    """The statuses of files whose upload was answered otherwise, or not at all."""
    takeovers: int = 0
    """How often a worker died at a file, and another one took it."""
    attempts: Counter[int] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    """Of all timelines."""
    wrong: list[str] = field(default_factory=list)
    """What isn't as it was promised."""


def run(emulator: Emulator, files: int, wanted: Counter[str]) -> Outcome:
    """Hand in so many files, let chaos go on until each of the wanted faults has come so often, end it, wait until
    every accepted file has ended, and look at everything."""
    outcome = Outcome()
    with sweeping(emulator):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            hand_in = HandingIn(emulator.url, outcome)
            list(pool.map(hand_in, range(files)))
        _wait_until(lambda: emulator.faults() >= wanted, f"these faults: {dict(wanted)}")
        emulator.end_chaos()
        client = Client(emulator.url)
        _wait_until(lambda: _all_have_ended(client, outcome), "the end of every accepted file")
        let_announcements_expire(emulator)
        _wait_until(lambda: _nobody_waits(client), "the end of all others")
    _look_at(client, emulator, outcome)
    return outcome


class HandingIn:
    """Uploads one file until it is accepted, as a patient client does."""

    def __init__(self, url: str, outcome: Outcome) -> None:
        self._url, self._outcome = url, outcome
        self._own, self._lock = local(), Lock()

    def __call__(self, number: int) -> None:
        content = Random(number).randbytes(1 + number * 37 % 20_000)
        end = time.monotonic() + PATIENCE
        while (file_id := self._accepted(f"{number}.bin", content)) is None:
            assert time.monotonic() < end, f"file {number} was never accepted"
            time.sleep(0.2)
        with self._lock:
            self._outcome.accepted[file_id] = sha256(content).hexdigest()

    def _accepted(self, name: str, content: bytes) -> str | None:
        client: Client = self._own.__dict__.setdefault("client", Client(self._url))
        try:
            answer = client.request("POST", "/api/upload/", files={"file": (name, content)})
        except requests.RequestException as fault:
            self._note(type(fault).__name__)
            return None
        self._note(str(answer.status_code))
        return str(answer.json()["id"]) if answer.status_code == 201 else None

    def _note(self, said: str) -> None:
        with self._lock:
            self._outcome.answers[said] += 1


def let_announcements_expire(emulator: Emulator) -> None:
    """Let five minutes pass for uploads whose answer wasn't 201: each may have its bytes, or may not."""
    url = make_url(database_of(emulator)).set(drivername="postgresql+psycopg2")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql("UPDATE files SET expires_at = now() WHERE status = 'awaiting_upload'")


def database_of(emulator: Emulator) -> str:
    """Return the URL of its PostgreSQL, which the process that serves the routes has been given."""
    children = running(psutil.Process(emulator.process.pid).children())
    [routes] = [process for process in children if "emulator.routes" in process.cmdline()]
    return routes.environ()["DATABASE_URL"]


@contextmanager
def sweeping(emulator: Emulator) -> Iterator[None]:
    """Call the sweep every second instead of every minute, whether it succeeds or not."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    functions = boto3.client("lambda", endpoint_url=emulator.aws_url, config=config)
    over = Event()

    def sweep() -> None:
        while not over.wait(1):
            with suppress(BotoCoreError, ClientError):
                functions.invoke(FunctionName=SWEEP, Payload=SCHEDULED)

    thread = Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _wait_until(true: Any, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"after {PATIENCE} s still waiting for {what}"
        time.sleep(0.5)


def _all_have_ended(client: Client, outcome: Outcome) -> bool:
    ended = {file["id"] for file in client.files(limit=1000) if file["status"] in FINAL}
    return outcome.accepted.keys() <= ended


def _nobody_waits(client: Client) -> bool:
    return all(file["status"] in FINAL for file in client.files(limit=1000))


def _look_at(client: Client, emulator: Emulator, outcome: Outcome) -> None:
    listed = {file["id"]: file for file in client.files(limit=1000)}
    for file_id, digest in outcome.accepted.items():
        file = listed.get(file_id)
        if file is None:
            outcome.wrong.append(f"{file_id} is lost")
            continue
        outcome.statuses[file["status"]] += 1
        outcome.attempts[file["attempts"]] += 1
        if file["status"] != "processed" or file["checksum"]["value"] != digest:
            outcome.wrong.append(f"{file_id} isn't true: {json.dumps(file)}")
        if sha256(client.download(file).content).hexdigest() != digest:
            outcome.wrong.append(f"{file_id} has other bytes than were sent")
        _look_at_timeline(client, file_id, outcome)
    _look_for_orphans(listed, emulator, outcome)
    _look_at_changes(client, listed, outcome)


def _look_at_timeline(client: Client, file_id: str, outcome: Outcome) -> None:
    entries = client.request("GET", f"/api/files/{file_id}/timeline").json()
    kinds = Counter(entry["what"] for entry in entries)
    outcome.happened += kinds
    outcome.takeovers += sum(
        earlier["what"] == later["what"] == "claimed" for earlier, later in pairwise(_of_work(entries))
    )
    ends = Counter(entry["attempts"] for entry in entries if entry["what"] in {"finished", "retried"})
    if kinds["finished"] != 1 or set(ends.values()) != {1}:
        outcome.wrong.append(f"{file_id} has a result twice, or none: {json.dumps(entries)}")


def _of_work(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["what"] in {"claimed", "retried", "finished", "reopened"}]


def _look_for_orphans(listed: dict[str, Any], emulator: Emulator, outcome: Outcome) -> None:
    """Accepted or not: whoever has an object is processed and tells its size, and whoever has none is expired."""
    s3 = boto3.client("s3", endpoint_url=emulator.aws_url)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="file-loader", Prefix="uploads/")
    sizes = {stored["Key"].split("/")[1]: stored["Size"] for page in pages for stored in page.get("Contents", ())}
    outcome.wrong += [f"the object of {file_id} has no row" for file_id in sizes.keys() - listed.keys()]
    for file_id, file in listed.items():
        if file_id not in outcome.accepted:
            outcome.not_accepted[file["status"]] += 1
        true = ("processed", file["size"]) if file_id in sizes else ("expired", None)
        if (file["status"], sizes.get(file_id)) != true:
            outcome.wrong.append(f"{file_id} is {file['status']}, and its object has {sizes.get(file_id)} bytes")


def _look_at_changes(client: Client, listed: dict[str, Any], outcome: Outcome) -> None:
    versions: dict[str, list[int]] = {}
    answer = client.request("GET", "/api/changes", params={"since": 0, "limit": 1000})
    while True:
        for change in answer.json():
            versions.setdefault(change["id"], []).append(change["version"])
        if "next" not in answer.links:
            break
        answer = client.session.get(answer.links["next"]["url"], timeout=60)
    for file_id, file in listed.items():
        seen = versions.get(file_id, [])
        if seen != sorted(set(seen)) or seen[: file["version"]] != list(range(1, file["version"] + 1)):
            outcome.wrong.append(f"the changes of {file_id} have a gap: {seen}")


def table(faults: Counter[str], outcome: Outcome) -> str:
    """Return the injected faults beside what came of them."""
    rows = [("injected", ""), *(_rows(faults)), ("", ""), ("answers to uploads", ""), *_rows(outcome.answers)]
    rows += [("", ""), (f"accepted: {len(outcome.accepted)}, ended", ""), *_rows(outcome.statuses)]
    rows += [("not accepted, ended", ""), *_rows(outcome.not_accepted)]
    rows += [
        ("", ""),
        ("attempts", ""),
        *_rows(outcome.attempts),
        ("taken over from the dead", str(outcome.takeovers)),
    ]
    rows += [("", ""), ("in their timelines", ""), *_rows(outcome.happened)]
    rows += [("", ""), ("broken promises", str(len(outcome.wrong)))]
    return "\n".join(f"{name:<28} {value:>8}".rstrip() for name, value in rows)


def _rows(counted: "Counter[Any]") -> Iterator[tuple[str, str]]:
    for name, times in sorted(counted.items(), key=lambda row: str(row[0])):
        yield f"  {name}", str(times)
