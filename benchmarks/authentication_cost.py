"""Compare the processor time of a request with an API token with that of one without authentication.

    .venv/bin/python -m benchmarks.authentication_cost [--runs 20]

The functions and their servers are those of `make bench`. Runs with and without a token alternate. Compare ratios
only: the times depend on the machine.
"""

import argparse
import sys
from collections import defaultdict
from statistics import median

from benchmarks.api_tokens import issue_token
from benchmarks.environments import REPOSITORY
from benchmarks.function_processes import run_function
from benchmarks.function_servers import running_servers
from benchmarks.sample_requests import HEADERS
from benchmarks.table import Row, format_table
from benchmarks.task_root import service_root
from tests.integration.rest_api_event import request

CALLS = 200
FIRST_FILE = {"file_id": "01930000-0000-7001-8000-000000000001"}


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="of each kind (20)")
    runs = parser.parse_args().runs
    root = service_root(REPOSITORY, "this")
    times = defaultdict[tuple[str, str], list[float]](list)
    with running_servers() as servers:
        token = issue_token(servers.owner_url)
        kinds = {"off": {}, "required": {"Authorization": f"Bearer {token}"}}
        for run in range(runs + 1):
            for auth in sorted(kinds, reverse=run % 2 == 1):
                headers, environment = HEADERS | kinds[auth], servers.environment() | {"AUTH": auth}
                for name, event in _events(headers).items():
                    measured = run_function(root, "app.app", [event], environment, CALLS)
                    if run:  # the first one fills the machine's caches
                        times[f"cold start, {name}", auth].append(measured["cold_processor"])
                        times[f"warm call, {name}", auth].append(median(measured["calls"]))
    whats = dict.fromkeys(what for what, _ in times)
    print(format_table(_row(what, times[what, "required"], times[what, "off"]) for what in whats))
    return 0


def _events(headers: dict[str, str]) -> dict[str, dict[str, object]]:
    query = {"multiValueQueryStringParameters": {"limit": ["5"], "order": ["name"]}}
    return {
        "list of 5": request("GET", "/api/files", headers=headers) | query,
        "file": request("GET", "/api/files/{file_id}", parameters=FIRST_FILE, headers=headers),
    }


def _row(what: str, with_token: list[float], without: list[float]) -> Row:
    return Row(f"{what}, processor, ms", 1000 * median(with_token), 1000 * median(without), "`AUTH=off`")


if __name__ == "__main__":
    sys.exit(main())
