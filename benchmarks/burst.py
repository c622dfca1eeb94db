"""How fast files come in and are processed, and whether any is lost.

    .venv/bin/python -m benchmarks.burst http://127.0.0.1:8000 --files 2000 --at-once 8

It uploads real files of mixed kinds, waits until each has ended, and prints counts, rates and latencies. Exit code
1 if a file didn't end `processed`. Times depend on the machine; compare runs on the same one only.
"""

import argparse
import io
import random
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import local
from uuid import uuid4

from PIL import Image

from emulator.environment import clean_process_environment
from tests.acceptance.client import Client

TIMEOUT = 600
"""Seconds after which an unprocessed file counts as lost."""


def image(kind: str, seed: int) -> bytes:
    side = 16 + seed % 400
    target = io.BytesIO()
    Image.frombytes("L", (side, side), random.Random(seed).randbytes(side * side)).save(target, kind)
    return target.getvalue()


def archive(seed: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("a.txt", str(seed) * 1000)
    return target.getvalue()


KINDS: dict[str, Callable[[int], bytes]] = {
    "png": lambda n: image("PNG", n),
    "jpg": lambda n: image("JPEG", n),
    "webp": lambda n: image("WEBP", n),
    "txt": lambda n: f"line {n} – Grüße\n".encode() * (1 + n % 3000),
    "csv": lambda n: b"id,name\n" + b"".join(f"{row},{n}\n".encode() for row in range(n % 2000)),
    "zip": archive,
    "bin": lambda n: random.Random(n).randbytes(1 + n * 37 % 300_000),
    "empty": lambda _: b"",
}


def main() -> int:
    options = _options()
    clean_process_environment()  # no proxy for a service on this machine
    client, mark, per_thread = Client(options.url), uuid4().hex, local()

    def upload(number: int) -> float:
        own = per_thread.__dict__.setdefault("client", Client(options.url))
        kind = list(KINDS)[number % len(KINDS)]
        content = KINDS[kind](number)
        begin = time.monotonic()
        own.upload_form(f"{mark} {number}.{kind}", content)
        return time.monotonic() - begin

    begin = time.monotonic()
    with ThreadPoolExecutor(options.at_once) as pool:
        latencies = list(pool.map(upload, range(options.files)))
    uploaded = time.monotonic() - begin
    first = max(latencies[: options.at_once])
    latencies.sort()
    statuses = _wait(client, mark, options.files, begin + TIMEOUT)
    ended = time.monotonic() - begin
    rate = options.files / uploaded
    print(f"uploaded  {options.files} in {uploaded:.1f} s, {options.at_once} at once: {rate:.0f}/s")
    print(f"an upload p50 {_ms(median(latencies))}, p99 {_ms(latencies[int(len(latencies) * 0.99)])}")
    print(f"the first {options.at_once}: slowest {_ms(first)}, {first / median(latencies):.1f} times the p50")
    print(f"all ended {ended - uploaded:.1f} s later, {options.files / ended:.0f}/s in all: {dict(statuses)}")
    times = [_time_to_processed(client) for _ in range(50)]
    print(f"single upload: p50 {_ms(median(times))} from response to processed")
    return 0 if statuses == {"processed": options.files} else 1


def _wait(client: Client, mark: str, files: int, end: float) -> Counter[str]:
    while time.monotonic() < end:
        found = client.files(q=mark, page_size=1000)
        statuses = Counter(file.status for file in found)
        if sum(file.is_terminal for file in found) >= files:
            return statuses
        time.sleep(0.2)
    return statuses


def _time_to_processed(client: Client) -> float:
    """Upload one file and return the seconds from the response to its terminal status."""
    file = client.upload_form("single.txt", b"hello\n")
    begin = time.monotonic()
    while not client.file(file.id).is_terminal:
        pass
    return time.monotonic() - begin


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
