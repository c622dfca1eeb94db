"""The supervisor's side of the process that provisions the app: what it loads would take 40 MiB here."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from select import select

from emulator.app_spec import AppSpec
from emulator.errors import EmulatorError


class ProvisionerProcess:
    """A process that provisions one app at one endpoint, once. It gets ready in the meantime."""

    def __init__(self, url: str, environment: Mapping[str, str], *, use_relay: bool = False) -> None:
        """Start it with the credentials and the region of `environment`."""
        options = ["--use-relay"] if use_relay else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "emulator.provisioner", url, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**environment, "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
        )

    def run(
        self,
        app_spec: AppSpec,
        tree: Path,
        environment: Mapping[str, str],
        wait: Callable[[], object],
        *,
        invoke: str | None = None,
    ) -> None:
        """Create what the app asks for (emulator/provisioner.py), then invoke a function if the app has it.

        `wait` is called until that is done, and may raise. Raises EmulatorError.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {
            "app_spec": app_spec.to_dict(),
            "tree": str(tree),
            "environment": dict(environment),
            "invoke": invoke,
        }
        try:
            with suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(json.dumps(request))  # it may have ended, and written why
            while not select([self._process.stdout], [], [], 0)[0]:
                wait()
            error = self._process.stdout.read()
        finally:
            code = self.stop()
        if error or code:
            raise EmulatorError(error or "the app can't be provisioned; the reason is above")

    def stop(self) -> int:
        """End it if it still runs, and return its exit code."""
        assert self._process.stdout is not None
        if not self._process.stdout.closed and not select([self._process.stdout], [], [], 0)[0]:
            self._process.kill()
        self._process.stdout.close()
        return self._process.wait()
