"""Waits until a file is processed."""

import time

from file_loader_client.connections import SERVICE_RETRIES
from file_loader_client.errors import WaitTimeoutError
from file_loader_client.models import File
from file_loader_client.service import Service

MAX_WAIT = 20
"""Seconds that the service waits at most with its response."""


def wait_until_terminal(service: Service, path: str, timeout: float | None) -> File:
    """Return the file at the path when its status is terminal. Raises WaitTimeoutError."""
    end = None if timeout is None else time.monotonic() + timeout
    file = service.call("GET", path, File)
    while not file.is_terminal:
        left = MAX_WAIT if end is None else end - time.monotonic()
        if timeout is not None and left <= 0:
            raise WaitTimeoutError(file, timeout)
        seconds = max(1, min(MAX_WAIT, int(left)))
        response = service.request("GET", path, query={"wait": seconds, "since": file.version}, wait=seconds)
        file = service.decode(response, File)
        pause = SERVICE_RETRIES.get_retry_after(response)  # as many wait already as the service lets
        if pause is not None and not file.is_terminal:
            time.sleep(min(pause, max(left, 0)))
    return file
