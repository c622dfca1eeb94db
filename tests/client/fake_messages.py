"""Requests and responses of the fake service."""

import json
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass
class Request:
    """What the server received."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What the server responds with."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def reply(status: int, body: Json) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def error(status: int, code: str) -> Reply:
    return reply(status, {"error": code, "message": f"this is {code}", "requestId": "r-1"})
