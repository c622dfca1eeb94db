"""Compare what a request costs in this checkout and in another one: processor time, and the ratio of both.

    git worktree add /tmp/before main~50
    .venv/bin/python -m benchmarks.route_cost /tmp/before [--runs 20]

A cold start is a process that imports the app and responds to its first request; a warm request is one after it.
Runs of the two checkouts alternate, with this checkout's libraries and an empty PostgreSQL of its own. Compare
ratios only: the times depend on the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from chalicelib.migrations import runner
from emulator.postgres import EmbeddedPostgres

THIS = Path(__file__).parents[1]

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
    parser.add_argument("other", type=Path, help="folder of the other checkout")
    parser.add_argument("--runs", type=int, default=20, help="of each checkout (20)")
    options = parser.parse_args()
    times: dict[Path, list[list[float]]] = {options.other: [], THIS: []}
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as server:
        runner.upgrade(server.url.replace("postgresql://", "postgresql+psycopg2://"))
        for checkout in times:
            measure(checkout, server.app_url)  # compiles its modules
        for run in range(options.runs):
            for checkout in sorted(times, reverse=run % 2 == 1):
                times[checkout].append(measure(checkout, server.app_url))
    print(f"{'':16} {'other':>9} {'this':>9} {'ratio':>6}")
    for index, name in enumerate(["cold start", "list files", "get a file"]):
        other, this = (median(run[index] * 1000 for run in times[checkout]) for checkout in (options.other, THIS))
        print(f"{name:16} {other:6.2f} ms {this:6.2f} ms {this / other:6.3f}")
    return 0


def measure(checkout: Path, database_url: str, **variables: str) -> list[float]:
    """Return the processor seconds of a cold start, and of a warm request of each kind, with these environment
    variables; those of REQUEST_HEADERS are sent."""
    environment = {**os.environ, "DATABASE_URL": database_url, "LOG_LEVEL": "CRITICAL", **variables}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    [result] = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    times: list[float] = json.loads(result.removeprefix("RESULT "))
    return times


if __name__ == "__main__":
    sys.exit(main())
