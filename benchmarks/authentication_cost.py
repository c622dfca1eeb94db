"""Compare the processor time of a request with an API token with that of one without authentication.

    .venv/bin/python -m benchmarks.authentication_cost [--runs 20]

A cold start is a process that imports the app and responds to its first request; a warm request is one after it.
Runs with and without a token alternate, on an empty PostgreSQL of their own. Compare ratios only: the times depend
on the machine.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import median

import uuid_utils.compat as uuids

from benchmarks.route_cost import THIS, measure
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tokens import PostgresTokens
from chalicelib.core.accounts.api_tokens import digest_of, generate_token
from chalicelib.core.accounts.model import NewToken, Scope
from chalicelib.migrations import runner
from emulator.postgres import EmbeddedPostgres


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
                times[name].append(measure(THIS, server.app_url, **kinds[name]))
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


if __name__ == "__main__":
    sys.exit(main())
