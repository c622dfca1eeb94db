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
from typing import Self

from emulator.errors import EmulatorError
from emulator.net import answers, listen
from emulator.processes import Child, Pause

START_SECONDS = 60.0
PORT_RECORD = "ministack.port"
SERVICES = "s3,sqs,lambda,iam,sts,events,logs"
APPLICATION = "ministack.app:app"
USER_AGENT = "file-loader-emulator"
"""Stands in the User-Agent of the emulator's own requests."""

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


def with_credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with MiniStack's credentials, and without a way to anybody's real ones."""
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return {**kept, **CREDENTIALS}


def is_ministack(url: str) -> bool:
    """Whether a MiniStack answers there."""
    return answers(url, "/_ministack/health") == 200


class MiniStack:
    """A MiniStack whose objects and state lie in `directory`; a context manager.

    Objects are on disk as soon as a PUT is answered. Queues and the rest are written at an orderly stop only.
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
        `application` is MiniStack's or another around it, as hypercorn names them, and `environment` is for that.
        Raises EmulatorError if the port is in use."""
        self._services = services
        self._application = application
        self._environment = environment
        self._directory = directory.absolute()
        self._temporary = self._directory / "tmp"
        self._listener = self._listen_as_before() if port == 0 else listen(port, "--aws-port")
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.child = Child("ministack", self._directory, SIGTERM)

    def _listen_as_before(self) -> socket:
        """Any port will do, but MiniStack knows its queues by their URLs: on another port it wouldn't find the
        messages that it wrote down."""
        record = self._directory / PORT_RECORD
        try:
            return listen(int(record.read_text()), "--aws-port")
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
        """Start it on what an earlier start has left."""
        shutil.rmtree(self._temporary, ignore_errors=True)  # a killed MiniStack leaves its functions' code there
        self._temporary.mkdir(parents=True)
        (self._directory / PORT_RECORD).write_text(str(self.port))
        # Hypercorn with MiniStack's application, as MiniStack starts it to run detached (ministack/app.py, main):
        # `python -m ministack` binds a port itself, which another program may have taken by then.
        self.child.start(
            [
                *(sys.executable, "-m", "hypercorn", self._application),
                *("--bind", f"fd://{self._listener.fileno()}"),
                *("--workers", "0", "--keep-alive", "75"),
            ],
            environment={**with_credentials(os.environ), **self._environment, **self._settings()},
            pass_fds=[self._listener.fileno()],
        )
        self._listener.close()

    def wait_until_ready(self, pause: Pause) -> None:
        """Return when it answers. Raises EmulatorError if it ends instead."""
        self.child.wait_until(self._answers, pause, START_SECONDS)

    def stop(self) -> None:
        """Stop it and the functions it runs. Harmless when it doesn't run."""
        self._listener.close()
        self.child.stop()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _answers(self) -> bool:
        return is_ministack(self.url)

    def _settings(self) -> dict[str, str]:
        return {
            "GATEWAY_PORT": str(self.port),
            "SERVICES": self._services,
            # These two would listen on ports of their own, on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._directory / "s3"),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._directory / "state"),
            # Without a limit a burst starts dozens of processes, and the machine thrashes.
            "LAMBDA_ACCOUNT_CONCURRENCY": "8",
            "TMPDIR": str(self._temporary),
            # With a Docker at hand it would look there for containers to remove.
            "DOCKER_HOST": f"unix://{self._temporary / 'no-docker'}",
        }

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
