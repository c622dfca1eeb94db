"""The limit of requests a minute, with and without tokens, over several processes."""

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from chalicelib import container
from chalicelib.core.accounts.model import Scope
from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer
from tests.integration.access.conftest import Bearer, IssueToken
from tests.integration.conftest import Service
from tests.integration.costs import count_costs

ROOT = Path(__file__).parents[3]
RATE_LIMIT = re.compile(r'"requests";r=(\d+);t=(\d+)')
ORIGIN = "https://app.example"

Limit = Callable[..., None]


@pytest.fixture
def limit(service: Service, monkeypatch: pytest.MonkeyPatch) -> Limit:  # noqa: ARG001  # sets other variables
    def limit(**environ: str) -> None:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        container.reset()

    return limit


def test_every_response_says_how_many_requests_are_left(service: Service, limit: Limit) -> None:
    limit(REQUESTS_PER_MINUTE="3", CORS_ORIGINS=ORIGIN)
    found = []
    for path in ("/api/files/", "/api/files/7", "/api/usage", "/api/files/"):
        response = service.http.get(path, headers={"Origin": ORIGIN})
        assert response.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
        match = RATE_LIMIT.fullmatch(response.headers["RateLimit"])
        assert match is not None
        assert 19 <= int(match[2]) <= 20
        exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"RateLimit", "RateLimit-Policy"} <= set(exposed)
        found.append((response.status_code, match[1]))
        more_in = match[2]
        assert ("Retry-After" in response.headers) == (response.status_code == 429)
    assert found == [(200, "2"), (400, "1"), (200, "0"), (429, "0")]
    error = json.loads(response.body)
    assert (error["error"], response.headers["Retry-After"]) == ("too_many_requests", more_in)
    assert "Retry-After" in exposed


def test_public_routes_and_preflights_are_not_counted(service: Service, limit: Limit) -> None:
    limit(REQUESTS_PER_MINUTE="1", CORS_ORIGINS=ORIGIN)
    for _ in range(3):
        assert service.http.get("/api/openapi.json").status_code == 200
        preflight = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        assert service.http.request("OPTIONS", "/api/files", headers=preflight).status_code == 204
    assert service.http.get("/api/files/").status_code == 200


def test_without_a_limit_no_statement_is_added(service: Service) -> None:
    service.http.get("/api/files/")
    with count_costs() as costs:
        response = service.http.get("/api/files/")
        assert costs.take() == (1, 0)
    assert "RateLimit" not in response.headers


def test_without_a_token_a_limit_costs_one_statement(service: Service, limit: Limit) -> None:
    limit(REQUESTS_PER_MINUTE="2")
    service.http.get("/api/files/")
    with count_costs() as costs:
        service.http.get("/api/files/")
        assert costs.take() == (2, 0)
        assert service.http.get("/api/files/").status_code == 429
        assert costs.take() == (1, 0)


def test_with_a_token_a_limit_costs_no_statement_more(
    protected: Service, issue_token: IssueToken, limit: Limit
) -> None:
    limit(REQUESTS_PER_MINUTE="3")
    alice, bob = issue_token("alice"), issue_token("bob")
    protected.http.get("/api/files/", headers=alice.headers)
    with count_costs() as costs:
        response = protected.http.get("/api/files/", headers=alice.headers)
        assert (response.headers["RateLimit"][:13], costs.take()) == ('"requests";r=', (2, 0))
        protected.http.get("/api/files/", headers=alice.headers)
        costs.take()
        assert protected.http.get("/api/files/", headers=alice.headers).status_code == 429
        assert costs.take() == (1, 0)
    assert protected.http.get("/api/files/", headers=bob.headers).status_code == 200


def test_with_an_upload_token_a_limit_costs_no_statement_more(
    protected: Service, issue_token: IssueToken, limit: Limit
) -> None:
    """It is counted for the upload token's owner, whoever created it."""
    limits = '{"root": {"requests_per_minute": null}}'
    limit(REQUESTS_PER_MINUTE="2", OWNER_LIMITS=limits, UPLOAD_TOKEN_SECRET="s" * 32)
    headers = {**issue_token("root", Scope.ADMIN).headers, "X-Owner": "alice"}
    created = protected.http.post("/api/upload-tokens", headers=headers)
    path = f"{json.loads(created.body)['path']}/s3/params?filename=a.txt"
    found = []
    with count_costs() as costs:
        for _ in range(3):
            response = protected.http.get(path)
            found.append((response.status_code, response.headers["RateLimit"][:14], costs.take()))
    full, refused = '"requests";r=1', '"requests";r=0'
    assert found == [(200, full, (2, 0)), (200, refused, (2, 0)), (429, refused, (1, 0))]
    alice = issue_token("alice")
    assert protected.http.get("/api/files/", headers=alice.headers).status_code == 429


def test_only_owners_with_a_limit_are_counted(protected: Service, issue_token: IssueToken, limit: Limit) -> None:
    limit(OWNER_LIMITS='{"alice": {"requests_per_minute": 1}}')
    alice, bob = issue_token("alice"), issue_token("bob")
    assert [protected.http.get("/api/files/", headers=alice.headers).status_code for _ in range(2)] == [200, 429]
    for _ in range(2):
        response = protected.http.get("/api/files/", headers=bob.headers)
        assert (response.status_code, "RateLimit" in response.headers) == (200, False)


def test_who_acts_for_another_owner_is_counted_himself(
    protected: Service, issue_token: IssueToken, limit: Limit
) -> None:
    limit(REQUESTS_PER_MINUTE="1")
    root, alice = issue_token("root", Scope.ADMIN), issue_token("alice")
    acting = {**root.headers, "X-Owner": "alice"}
    assert [protected.http.get("/api/files/", headers=acting).status_code for _ in range(2)] == [200, 429]
    assert protected.http.get("/api/files/", headers=alice.headers).status_code == 200


@contextmanager
def serve() -> Iterator[str]:
    """Serve the app in a process of its own, as one of several containers, and return its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator.serve", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_CONNECTIONS": "8"},
        stdout=subprocess.PIPE,
        text=True,
    )
    end_with_this_process(RunningServer.describe(process.pid, signal.SIGTERM))
    with process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[1]
        process.kill()


@pytest.mark.slow(5)
def test_the_limit_is_exact_under_200_requests_at_once_to_two_processes(
    protected: Service,  # noqa: ARG001  # its database and bucket
    issue_token: IssueToken,
    limit: Limit,
) -> None:
    limit(REQUESTS_PER_MINUTE="50")
    tokens: list[Bearer] = [issue_token("alice") for _ in range(2)]
    with ExitStack() as stack, ThreadPoolExecutor(32) as pool:
        urls = [stack.enter_context(serve()) for _ in range(2)]

        def get(number: int) -> requests.Response:
            headers = tokens[number // 2 % 2].headers
            return requests.get(f"{urls[number % 2]}/api/files/?limit=1", headers=headers, timeout=30)

        start = time.monotonic()
        responses = list(pool.map(get, range(200)))
        elapsed = time.monotonic() - start
    statuses = Counter(response.status_code for response in responses)
    assert set(statuses) == {200, 429}, statuses
    assert 50 <= statuses[200] <= 50 + math.ceil(50 * elapsed / 60)
    assert all(int(response.headers["Retry-After"]) >= 1 for response in responses if response.status_code == 429)
    assert all(RATE_LIMIT.fullmatch(response.headers["RateLimit"]) for response in responses)
