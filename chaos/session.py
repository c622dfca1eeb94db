"""All faults of one run of the emulator: they begin when it is ready, and end at SIGUSR1 or when it stops."""

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chaos import fault_log, faulty_s3
from chaos.fault_injector import FaultInjector
from chaos.fault_log import FaultLog
from chaos.faulty_s3 import S3FaultConfig
from chaos.relay import Relay
from chaos.spec import Spec
from emulator.app_spec import AppSpec
from emulator.errors import EmulatorError
from emulator.ministack import MiniStack
from emulator.postgres import EmbeddedPostgres
from emulator.processes import Pause
from emulator.provisioner import Provisioner

ENDED_MESSAGE = "chaos has ended"
EVENT_FAULTS = ("duplicate", "reorder", "delay", "drop")
EXTERNAL_SERVICE_VARIABLES = {
    "postgres": "DATABASE_URL",
    "kill": "AWS_ENDPOINT_URL",
    "s3": "AWS_ENDPOINT_URL",
    "s3_outage": "AWS_ENDPOINT_URL",
}
"""By fault, the variable that names an external service. These faults are injected only into services that the
emulator has started itself."""


class ChaosSession:
    """Injects the faults of a Spec, and logs each of them. Implements emulator.chaos_protocol.Chaos."""

    uses_relay = True

    def __init__(
        self, spec: Spec, environment: Mapping[str, str], directory: Path, print_line: Callable[[str], None]
    ) -> None:
        """`directory` is the locked data directory; an earlier run's fault log in it is emptied.

        Raises EmulatorError if the environment names an external service that a fault would have to break.
        """
        for name, _ in spec.active_items():
            if environment.get(variable := EXTERNAL_SERVICE_VARIABLES.get(name, "")):
                raise EmulatorError(
                    f"--chaos can't inject `{name}` while {variable} is set: it breaks only services that the "
                    f"emulator has started. Unset {variable}, or name only other faults"
                )
        self._spec = spec
        self._directory = directory
        self._print_line = print_line
        self._log_path = directory / fault_log.FILE_NAME
        self._log_path.write_bytes(b"")
        self._fault_log = FaultLog(self._log_path)
        (directory / S3FaultConfig.FILE_NAME).unlink(missing_ok=True)
        self._relay = Relay(spec, self._fault_log)
        self._has_external_aws = bool(environment.get("AWS_ENDPOINT_URL"))
        self._provisioned: tuple[Provisioner, AppSpec] | None = None
        self._injector: FaultInjector | None = None
        self._has_begun = False
        self._end_requested = False
        self._is_draining = False
        signal.signal(signal.SIGUSR1, self._request_end)

    def create_ministack(self, directory: Path, port: int) -> MiniStack:
        environment = {
            faulty_s3.DIRECTORY_VARIABLE: str(self._directory),
            faulty_s3.SPEC_VARIABLE: str(self._spec),
        }
        return MiniStack(directory, port, application=faulty_s3.APPLICATION, environment=environment)

    def check_unprovisioned(self, url: str) -> None:
        if event_faults := [name for name, _ in self._spec.active_items() if name in EVENT_FAULTS]:
            raise EmulatorError(
                f"--chaos can't inject `{event_faults[0]}`: {url} isn't a MiniStack, so its events can't be "
                "relayed"
            )

    def connect_relay(self, url: str, environment: Mapping[str, str], app_spec: AppSpec) -> None:
        provisioner = Provisioner(url, environment, use_relay=self.uses_relay)
        self._provisioned = provisioner, app_spec
        try:
            self._relay.connect(provisioner.retrying_sqs(), provisioner.relay_routes(app_spec))
        except (BotoCoreError, ClientError) as error:
            raise EmulatorError(f"the relay can't be connected at {url}: {error}") from error

    def begin(self, ministack: MiniStack | None, postgres: EmbeddedPostgres | None) -> None:
        self._print_line(f"  chaos {self._spec}")
        self._print_line(f"  faults are logged to {self._log_path}; kill -USR1 {os.getpid()} ends only the faults")
        self._has_begun = True
        self._injector = FaultInjector(self._spec, self._directory, self._fault_log, ministack, postgres)
        self._relay.start_faults()

    def tick(self, pause: Pause) -> None:
        if self._injector is not None and self._end_requested:
            self._stop_faults()
            self._is_draining = True
        elif self._injector is not None:
            self._injector.tick(pause)
        elif self._is_draining and self._relay.has_caught_up():
            self._is_draining = False
            self._print_line(ENDED_MESSAGE)

    def check(self) -> None:
        self._relay.check()

    def stop(self) -> None:
        self._stop_faults()
        if self._has_external_aws:
            self._notify_functions()
        self._relay.stop()
        if self._has_begun:
            self._print_line(f"chaos {self._spec}")
            for line in fault_log.format_counts(self._log_path):
                self._print_line(line)

    def _notify_functions(self) -> None:
        """Let S3 notify the functions' own queues again: an external MiniStack goes on without the relay."""
        if self._provisioned is None:
            return
        provisioner, app_spec = self._provisioned
        try:
            provisioner.notify_functions(app_spec)
        except (BotoCoreError, ClientError) as error:
            self._print_line(
                f"  S3 still sends its events to the relay's queue, from which nothing reads: {error}"
            )

    def _stop_faults(self) -> None:
        if self._injector is not None:
            self._injector.stop()
            self._injector = None
        self._relay.stop_faults()

    def _request_end(self, number: int, frame: object) -> None:  # noqa: ARG002  # the signature of signal.signal
        self._end_requested = True
