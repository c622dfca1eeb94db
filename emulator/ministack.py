"""S3, SQS, Lambda and EventBridge from MiniStack, on 127.0.0.1."""

import os
import shutil
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from signal import SIGTERM
from socket import socket
from types import MappingProxyType, TracebackType
from typing import IO, Self

from emulator.environment import (
    with_freed_memory_returned,
    without_ministack_settings,
    without_real_credentials,
)
from emulator.errors import EmulatorError
from emulator.log_streams import DESCRIPTOR_VARIABLE
from emulator.net import http_status, listen
from emulator.object_files import remove_interrupted_writes
from emulator.processes import Pause, ServerProcess

START_SECONDS = 60.0
PORT_FILE = "ministack.port"
S3_DIRECTORY = "s3"
SERVICES = "s3,sqs,lambda,iam,sts,events,logs"
APPLICATION = "emulator.ministack_application:create_application"
"""The function that returns it (emulator/ministack_server.py)."""


def is_ministack(url: str) -> bool:
    """Return whether a MiniStack responds at the URL."""
    return http_status(url, "/_ministack/health") == 200


class MiniStack:
    """A MiniStack whose objects and state are in `directory`; a context manager.

    An object is on disk when its PUT returns. Queues and the rest are written only when it is stopped in order.
    """

    def __init__(
        self,
        directory: Path,
        port: int,
        services: str = SERVICES,
        *,
        application: str = APPLICATION,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`port` is a TCP port, 0 any free one. `services` are MiniStack's names, separated by commas.
        `application` is another around MiniStack's, and `environment` is for that.
        Raises EmulatorError if the port is in use."""
        self._services = services
        self._application = application
        self._environment = environment
        self._directory = directory.absolute()
        self._temporary = self._directory / "tmp"
        self._listener = self._listen_on_last_port() if port == 0 else listen(port, "--aws-port")
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = ServerProcess("ministack", self._directory, SIGTERM)
        self._log_descriptor: int | None = None

    def open_function_log(self) -> IO[str]:
        """Return a pipe with what functions log after the start, which must be read to its end: functions wait
        otherwise. A line has the function's name, a tab, and what it has logged."""
        reader, self._log_descriptor = os.pipe()
        # A MiniStack that is killed may have written half a character.
        return os.fdopen(reader, encoding="utf-8", errors="replace", newline="\n")

    def _listen_on_last_port(self) -> socket:
        """Listen on the last start's port if it is free: MiniStack knows its queues by their URLs, and on another
        port it wouldn't find the messages that it stored."""
        port_file = self._directory / PORT_FILE
        try:
            return listen(int(port_file.read_text()), "--aws-port")
        except (OSError, ValueError, EmulatorError):
            return listen(0, "--aws-port")

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_until_ready(time.sleep)
        except BaseException:
            self.stop()
            raise
        return self

    def start(self) -> None:
        """Start it on the state of an earlier start, if there is one."""
        shutil.rmtree(self._temporary, ignore_errors=True)  # a killed MiniStack leaves its functions' code there
        self._temporary.mkdir(parents=True)
        remove_interrupted_writes(self._directory / S3_DIRECTORY)
        (self._directory / PORT_FILE).write_text(str(self.port))
        # `python -m ministack` binds a port itself, which another program may have taken by then.
        self.process.start(
            [
                *(sys.executable, "-m", "emulator.ministack_server"),
                *(self._application, str(self._listener.fileno())),
            ],
            environment={**_inherited_environment(), **self._environment, **self._settings()},
            pass_fds=[self._listener.fileno(), *self._log_descriptors()],
        )
        self._listener.close()
        self._close_log()

    def wait_until_ready(self, pause: Pause) -> None:
        """Return when it responds. Raises EmulatorError if it ends instead."""
        self.process.wait_until(self._is_ready, pause, START_SECONDS)

    def stop(self) -> None:
        """Stop it and the functions that it runs. Does nothing if it isn't running."""
        self._listener.close()
        self._close_log()
        self.process.stop()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _log_descriptors(self) -> list[int]:
        return [] if self._log_descriptor is None else [self._log_descriptor]

    def _close_log(self) -> None:
        for descriptor in self._log_descriptors():
            os.close(descriptor)
        self._log_descriptor = None

    def _is_ready(self) -> bool:
        return is_ministack(self.url)

    def _settings(self) -> dict[str, str]:
        log = {} if self._log_descriptor is None else {DESCRIPTOR_VARIABLE: str(self._log_descriptor)}
        return {
            **log,
            "GATEWAY_PORT": str(self.port),
            "SERVICES": self._services,
            # These two would listen on ports of their own, on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._directory / S3_DIRECTORY),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._directory / "state"),
            # Without a limit a burst starts dozens of processes, and the machine thrashes.
            "LAMBDA_ACCOUNT_CONCURRENCY": "8",
            "TMPDIR": str(self._temporary),
            # If a Docker engine is running, MiniStack would look there for containers to remove.
            "DOCKER_HOST": f"unix://{self._temporary / 'no-docker'}",
        }

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _inherited_environment() -> dict[str, str]:
    return with_freed_memory_returned(without_real_credentials(without_ministack_settings(os.environ)))
