"""Remove the containers of functions that LocalStack leaves behind in docker compose.

LocalStack starts a container for each function and removes them when it stops, except for those that are just
being started: these would remain, and keep the network in use. This process outlives LocalStack, waits until it is
stopped itself, and removes the remaining containers. LocalStack starts after it, so containers that exist at its
start are left from a run that was killed; they are removed too. It needs only the standard library: compose runs
this file alone.
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
LATE_CONTAINER_SECONDS = 1
"""A container that LocalStack requested before it stopped may appear after it."""


class Docker(HTTPConnection):
    """A connection to Docker's engine through its socket."""

    def __init__(self) -> None:
        super().__init__("localhost")

    def connect(self) -> None:
        """Connect to the Unix socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(SOCKET)

    def call(self, method: str, path: str) -> Any:
        """Send a request and return the response's JSON, None if it is empty."""
        self.request(method, path)
        body = self.getresponse().read()
        return json.loads(body) if body else None


def remove_containers(prefix: str) -> bool:
    """Remove all containers whose names start with the prefix, and return whether there were any."""
    docker = Docker()
    filters = quote(json.dumps({"name": [f"^/?{prefix}"]}))
    containers = docker.call("GET", f"/containers/json?all=true&filters={filters}")
    for container in containers:
        docker.call("DELETE", f"/containers/{container['Id']}?force=true&v=true")
    return bool(containers)


if __name__ == "__main__":
    stop_signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)
    functions = f"{os.environ['COMPOSE_PROJECT_NAME']}-localstack-1-lambda-"
    remove_containers(functions)
    signal.sigwait(stop_signals)
    remove_containers(functions)
    time.sleep(LATE_CONTAINER_SECONDS)
    while remove_containers(functions):
        time.sleep(LATE_CONTAINER_SECONDS)
