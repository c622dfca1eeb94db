"""In docker compose: removes the functions' containers that LocalStack couldn't.

LocalStack starts a container for each function and removes them when it ends, but for those that are just being
started: these would stay, and hold the network. This process outlives LocalStack, waits to be stopped itself, and
removes whatever is left. LocalStack starts after it, so what is there at its own start is left from a run that was
killed, and goes too. It needs nothing but Python: compose runs this file alone.
https://docs.docker.com/reference/api/engine/
"""

import json
import os
import signal
import socket
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

SOCKET = "/var/run/docker.sock"
SETTLING_SECONDS = 1
"""A container that was asked for before LocalStack ended may show up after it."""


class Docker(HTTPConnection):
    """Docker's engine, at its socket."""

    def __init__(self) -> None:
        super().__init__("localhost")

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)

    def call(self, method: str, path: str) -> Any:
        """Return what the engine answers, None for nothing."""
        self.request(method, path)
        body = self.getresponse().read()
        return json.loads(body) if body else None


def remove(prefix: str) -> bool:
    """Remove all containers whose names begin so, and tell whether there was any."""
    docker = Docker()
    filters = quote(json.dumps({"name": [f"^/?{prefix}"]}))
    found = docker.call("GET", f"/containers/json?all=true&filters={filters}")
    for container in found:
        docker.call("DELETE", f"/containers/{container['Id']}?force=true&v=true")
    return bool(found)


if __name__ == "__main__":
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    functions = f"{os.environ['COMPOSE_PROJECT_NAME']}-localstack-1-lambda-"
    remove(functions)
    signal.sigwait(stops)
    remove(functions)
    time.sleep(SETTLING_SECONDS)
    while remove(functions):
        time.sleep(SETTLING_SECONDS)
