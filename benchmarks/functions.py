"""Cold starts and warm calls of the functions, each in a process of its own, next to the contenders'."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.environments import REPOSITORY, contender_packages
from benchmarks.function_processes import run_function
from benchmarks.function_servers import Servers, running_servers
from benchmarks.postgres_cursor import open_cursor
from benchmarks.sample_requests import LIST, NAME, UPLOAD, created_event
from benchmarks.statements import recorded
from benchmarks.table import Row, spread
from benchmarks.task_root import service_root

CALLS = 40
"""Warm calls of a process. The first quarter isn't counted."""

OPERATIONS = {"list": "list of 100", "upload": "upload of 10 KiB", "process": "processing 10 KiB"}

TARGETS = {("cold", "list", "FastAPI"): "≤ 0.25", ("warm", "list", "FastAPI"): "≤ 0.5"}


@dataclass(frozen=True)
class Program:
    """This service, or a contender."""

    name: str
    root: Path
    routes: str
    """The handler of the routes."""
    process: str
    """The handler of S3's events."""


def programs(before: Path | None) -> list[Program]:
    """Return this service and the contenders; `before` is another checkout of this service."""
    found = [Program("this service", service_root(REPOSITORY, "this"), "app.app", "app.process_upload")]
    if before is not None:
        found.append(Program("before", service_root(before, "before"), "app.app", "app.process_upload"))
    for name, contender in (("FastAPI", "fastapi"), ("the floor", "floor")):
        module = f"{contender}_functions"
        found.append(Program(name, contender_packages(contender), f"{module}.handler", f"{module}.process"))
    return found


def record_statements(service: Program, servers: Servers) -> str:
    """Return the statements of the service, for the floor."""
    environment = servers.environment()
    with recorded(servers.owner_url, servers.postgres_log) as listed:
        run_function(service.root, service.routes, [_event_for(service, LIST)], environment)
    with recorded(servers.owner_url, servers.postgres_log) as uploaded:
        measured = run_function(service.root, service.routes, [_event_for(service, UPLOAD)], environment)
    file_id = json.loads(measured["response"]["body"])["id"]
    with recorded(servers.owner_url, servers.postgres_log) as processed:
        run_function(service.root, service.process, [created_event(file_id)], environment)
    return json.dumps(
        {
            "name": NAME,
            "list": listed[-1:],
            "upload": [statement.replace(file_id, "{id}") for statement in uploaded[-2:]],
            "process": [statement.replace(file_id, "{id}") for statement in processed[-2:]],
        }
    )


def _event_for(program: Program, event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with the route that the program declares: this service's have no trailing slash."""
    if program.routes != "app.app":
        return event
    route = event["resource"].rstrip("/")
    return event | {"resource": route, "requestContext": event["requestContext"] | {"resourcePath": route}}


def measure(runs: int, before: Path | None) -> list[Row]:
    """Return the rows of cold starts and warm calls."""
    found = programs(before)
    results: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with running_servers() as servers:
        environment = servers.environment() | {"STATEMENTS": record_statements(found[0], servers)}
        for run in range(runs + 1):
            for program in found if run % 2 else found[::-1]:
                for operation in OPERATIONS:
                    handler = program.process if operation == "process" else program.routes
                    events = _events(operation, program, servers)
                    measured = run_function(program.root, handler, events, environment, CALLS)
                    if run:  # the first one fills the machine's caches
                        results.setdefault((operation, program.name), []).append(measured)
    return _rows(results)


def _events(operation: str, program: Program, servers: Servers) -> list[Any]:
    if operation == "list":
        return [_event_for(program, LIST)]
    if operation == "upload":
        return [_event_for(program, UPLOAD)]
    with open_cursor(servers.owner_url) as cursor:
        cursor.execute(
            "SELECT id FROM files WHERE object_key LIKE %s AND status = 'uploaded' LIMIT %s",
            [f"uploads/%/{NAME}", CALLS + 1],
        )
        ids = [row[0] for row in cursor]
    assert len(ids) == CALLS + 1
    return [created_event(file_id) for file_id in ids]


def _rows(results: Mapping[tuple[str, str], list[dict[str, Any]]]) -> list[Row]:
    """Return the rows: cold starts by wall clock, warm calls by processor time, both as medians of the runs."""
    rows = []
    others = [name for operation, name in results if operation == "list" and name != "this service"]
    for kind, label in (
        ("cold", "cold start, {}, import to first response, ms"),
        ("cold_processor", "cold start, {}, processor, ms"),
        ("warm", "warm call, {}, processor, ms"),
    ):
        for operation, name in OPERATIONS.items():
            own = [_milliseconds(kind, measured) for measured in results[operation, "this service"]]
            for other in others:
                theirs = [_milliseconds(kind, measured) for measured in results[operation, other]]
                rows.append(
                    Row(
                        label.format(name),
                        median(own),
                        median(theirs),
                        other,
                        TARGETS.get((kind, operation, other), ""),
                        spread(own),
                    )
                )
    return rows


def _milliseconds(kind: str, measured: Mapping[str, Any]) -> float:
    if kind == "warm":
        return 1000 * float(median(measured["calls"][CALLS // 4 :]))
    return 1000 * float(measured[kind])
