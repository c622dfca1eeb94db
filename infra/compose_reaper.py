"""In docker compose: removes the functions' containers when everything is taken down.

LocalStack starts a container for each function and removes them when it ends, but for those that are just being
started: these would stay, and hold the network. This process outlives LocalStack, waits to be stopped itself, and
removes whatever is left.
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


def remove(prefix: str) -> None:
    """Remove all containers whose names begin so, until no more come up."""
    filters = quote(json.dumps({"name": [f"^/?{prefix}"]}))
    docker = Docker()
    while True:
        for container in docker.call("GET", f"/containers/json?all=true&filters={filters}"):
            docker.call("DELETE", f"/containers/{container['Id']}?force=true&v=true")
        time.sleep(SETTLING_SECONDS)
        if not docker.call("GET", f"/containers/json?all=true&filters={filters}"):
            return


if __name__ == "__main__":
    stops = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    signal.sigwait(stops)
    remove(f"{os.environ['COMPOSE_PROJECT_NAME']}-localstack-1-lambda-")
