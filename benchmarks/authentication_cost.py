"""Compare the processor time of a request with an API token with that of one without authentication.

    .venv/bin/python -m benchmarks.authentication_cost [--runs 20]

A cold start is a process that imports the app and responds to its first request; a warm request is one after it.
Runs with and without a token alternate, on an empty PostgreSQL of their own. Compare ratios only: the times depend
on the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import uuid_utils.compat as uuids

from benchmarks.environments import REPOSITORY
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tokens import PostgresTokens
from chalicelib.core.accounts.api_tokens import digest_of, generate_token
from chalicelib.core.accounts.model import NewToken, Scope
from chalicelib.migrations import runner
from emulator.postgres import EmbeddedPostgres

CODE = """
import json, os, sys, time
sys.path.insert(0, "")
import app

def respond(path, query, parameters, status):
    context = {"httpMethod": "GET", "resourcePath": path, "path": path, "requestId": "1"}
    event = {"requestContext": context, "multiValueQueryStringParameters": query, "pathParameters": parameters,
             "headers": {"host": "127.0.0.1:8000", **json.loads(os.environ.get("REQUEST_HEADERS", "{}"))},
             "stageVariables": None, "body": None}
    assert app.app(event, None)["statusCode"] == status

def warm(*request):
    times = []
    for _ in range(10):
        begin = time.process_time()
        for _ in range(50):
            respond(*request)
        times.append((time.process_time() - begin) / 50)
    return min(times)

list_files = ("/api/files", {"limit": ["5"], "order": ["name"]}, {}, 200)
get_file = ("/api/files/{file_id}", None, {"file_id": "01930000-0000-7000-8000-000000000000"}, 404)
respond(*list_files)
cold = time.process_time()
print("RESULT", json.dumps([cold, warm(*list_files), warm(*get_file)]))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="of each kind (20)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        url = server.url.replace("postgresql://", "postgresql+psycopg2://")
        runner.upgrade(url)
        headers = {"authorization": f"Bearer {issue_token(url)}"}
        kinds = {
            "off": {"AUTH": "off"},
            "token": {"AUTH": "required", "REQUEST_HEADERS": json.dumps(headers)},
        }
        times: dict[str, list[list[float]]] = {name: [] for name in kinds}
        for run in range(options.runs + 1):
            for name in sorted(kinds, reverse=run % 2 == 1):
                times[name].append(measure(server.app_url, **kinds[name]))
    print(f"{'':16} {'off':>9} {'token':>9} {'ratio':>6}")
    for index, name in enumerate(["cold start", "list files", "get a file"]):
        off, token = (median(run[index] * 1000 for run in times[kind][1:]) for kind in ("off", "token"))
        print(f"{name:16} {off:6.2f} ms {token:6.2f} ms {token / off:6.3f}")
    return 0


def issue_token(url: str) -> str:
    """Add a token to the database and return it."""
    token = generate_token()
    new = NewToken(
        id=uuids.uuid7(),
        digest=digest_of(token),
        name="benchmark",
        owner="everyone",
        scopes=frozenset({Scope.READ}),
    )
    PostgresTokens(Database(url)).add(new, None)
    return token


def measure(database_url: str, **variables: str) -> list[float]:
    """Return the processor seconds of a cold start, and of a warm request of each kind, with these environment
    variables; those of REQUEST_HEADERS are sent."""
    environment = {**os.environ, "DATABASE_URL": database_url, "LOG_LEVEL": "CRITICAL", **variables}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    [result] = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    times: list[float] = json.loads(result.removeprefix("RESULT "))
    return times


if __name__ == "__main__":
    sys.exit(main())
