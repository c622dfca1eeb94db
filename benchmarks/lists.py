"""Lists of files over HTTP at a million rows, each next to the plain list in the same seconds.

The caller is the files' owner, with an API token, as on AWS.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlencode

from benchmarks.api_tokens import issue_token
from benchmarks.function_servers import Servers, running_servers
from benchmarks.postgres_cursor import open_cursor
from benchmarks.server_processes import running
from benchmarks.table import Row, spread
from chalicelib.core.files.file_list import Order, Position
from chalicelib.http.pagination import encode_cursor

REQUESTS = 15
SECONDS = 6.0
"""No case is measured for longer, if it has been measured three times."""

STATEMENT_TIMEOUT = 9.0
"""Seconds after which the service gives up (503 `database_unavailable`). Such a request counts with its time."""

PLAIN = {"limit": "100"}

CASES: list[tuple[str, dict[str, str], str]] = [
    *((f"order={order}", {"order": order.value}, "≤ 1.5") for order in Order),
    ("status=failed", {"status": "failed"}, "≤ 1.5"),
    ("type= that no file has", {"type": "image/tiff"}, "≤ 1.5"),
    *((f"type=image/png, order={order}", {"type": "image/png", "order": order.value}, "≤ 1.5") for order in Order),
    ("type=image/*, order=name", {"type": "image/*", "order": "name"}, "≤ 1.5"),
    ("metadata.order=1234", {"metadata.order": "1234"}, "≤ 1.5"),
    ("q= without matches", {"q": "no such name"}, "≤ 2"),
    ("q= with one match", {"q": " 123457."}, "≤ 2"),
    ("q= with some hundred matches", {"q": "abc1"}, "≤ 2"),
    *(
        (f"q=photo, 125,000 matches, order={order}", {"q": "photo", "order": order.value}, "≤ 5")
        for order in Order
    ),
    ("q=ph, 125,000 matches", {"q": "ph"}, "≤ 5"),
    (
        "q=photo, type=text/plain, order=size, no match",
        {"q": "photo", "type": "text/plain", "order": "size"},
        "≤ 5",
    ),
]
"""What the row says, the query, and the ratio to the plain list that must be reached."""

PAGES = (60, 10_000)

SORT_KEYS = {"uploaded_at": "coalesce(uploaded_at, created_at)", "name": "name", "size": "coalesce(size, -1)"}


@dataclass(frozen=True)
class Caller:
    """A client of the service."""

    connection: HTTPConnection
    token: str

    def list_files(self, query: dict[str, str]) -> float:
        """Request a page and return how many seconds it took."""
        begin = time.perf_counter()
        headers = {"Authorization": f"Bearer {self.token}"}
        self.connection.request("GET", f"/api/files/?{urlencode(query)}", headers=headers)
        response = self.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - begin
        assert response.status == 200 or seconds > STATEMENT_TIMEOUT, body
        return seconds


def measure() -> list[Row]:
    """Return a row for each case."""
    with running_servers() as servers, serving(servers) as port:
        caller = Caller(HTTPConnection("127.0.0.1", port, timeout=120), issue_token(servers.owner_url))
        cases = [*CASES, *_deep_pages(servers)]
        for _ in range(10):
            caller.list_files(PLAIN)
        return [_measure_case(caller, *case) for case in cases]


@contextmanager
def serving(servers: Servers) -> Iterator[int]:
    """Serve the routes at a free port of 127.0.0.1, as `python -m emulator` does."""
    environment = {**os.environ, **servers.environment(), "LOG_LEVEL": "INFO", "AUTH": "required"}
    del environment["AWS_LAMBDA_FUNCTION_NAME"]
    command = [sys.executable, "-m", "emulator.serve", "--port", "0"]
    with running(command, environment, r"^ready .*:(\d+)$") as (_, port):
        yield int(port)


def _deep_pages(servers: Servers) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield a case for each order and deep page, with the cursor that the page before would have."""
    with open_cursor(servers.owner_url) as cursor:
        for order in (Order.NEWEST, Order.NAME, Order.SIZE_DESCENDING):
            key, direction = SORT_KEYS[order.key], "DESC" if order.descending else "ASC"
            for page in PAGES:
                cursor.execute(
                    f"SELECT {key}, id FROM files WHERE owner = 'everyone' "  # noqa: S608  # constants
                    f"ORDER BY {key} {direction}, id {direction} LIMIT 1 OFFSET %s",
                    [(page - 1) * 100 - 1],
                )
                last, file_id = cursor.fetchone()
                last = last.isoformat() if order.key == "uploaded_at" else last
                position = encode_cursor(Position(order, last, file_id))
                query = {"order": order.value, "cursor": position}
                yield f"page {page:,}, order={order}", query, "≤ 1.5"


def _measure_case(caller: Caller, name: str, query: dict[str, str], target: str) -> Row:
    own: list[float] = []
    plain: list[float] = []
    caller.list_files(PLAIN | query)
    end = time.monotonic() + SECONDS
    while len(own) < REQUESTS and (time.monotonic() < end or len(own) < 3):
        own.append(1000 * caller.list_files(PLAIN | query))
        plain.append(1000 * caller.list_files(PLAIN))
    return Row(f"list, {name}, ms over HTTP", median(own), median(plain), "plain list", target, spread(own))
