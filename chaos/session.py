"""All faults of one run of the emulator: they begin when it is ready, and end at SIGUSR1 or with it."""

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from chaos import fault_log, s3_fault_config
from chaos.fault_injector import Breaking
from chaos.fault_log import Record
from chaos.relay import Relay
from chaos.spec import Spec
from emulator.app_spec import Description
from emulator.errors import EmulatorError
from emulator.ministack import MiniStack
from emulator.postgres import EmbeddedPostgres
from emulator.processes import Pause
from emulator.provisioner import Aws

APPLICATION = "chaos.ministack_app:app"
ENDED = "chaos has ended"
EVENTS = ("duplicate", "reorder", "delay", "drop")
PARTS = {
    "postgres": "DATABASE_URL",
    "kill": "AWS_ENDPOINT_URL",
    "s3": "AWS_ENDPOINT_URL",
    "s3_outage": "AWS_ENDPOINT_URL",
}
"""Faults of parts that the emulator must have started itself, and the variable that names somebody else's."""


class Calm:
    """No faults: what the emulator does without the option."""

    relays = False
    """Whether events are passed on by `relay` instead of going to the functions' queues."""

    def ministack(self, directory: Path, port: int) -> MiniStack:
        """Return a MiniStack that isn't started yet."""
        return MiniStack(directory, port)

    def check_unwired(self, url: str) -> None:
        """Raise EmulatorError if it can't be had that this endpoint's events and functions are left alone."""

    def relay(self, aws: Aws, description: Description) -> None:
        """Begin to pass on the events of the app that was just wired. Can be called again."""

    def begin(self, ministack: MiniStack | None, postgres: EmbeddedPostgres | None) -> None:
        """Let the faults happen; to these two where the emulator has started them."""

    def tick(self, pause: Pause) -> None:
        """Do what is due. Raises EmulatorError if something doesn't come back."""

    def check(self) -> None:
        """Raise EmulatorError if events aren't passed on any more."""

    def stop(self) -> None:
        """End the faults and pass on what was held back, while the parts still run."""


class Chaos(Calm):
    """The faults that the option asks for, and their record."""

    relays = True

    def __init__(
        self, spec: Spec, environment: Mapping[str, str], directory: Path, say: Callable[[str], None]
    ) -> None:
        """`directory` is the locked data directory; what it holds of an earlier run's faults is forgotten.

        Raises EmulatorError if the environment names other parts than the emulator's where a fault needs these.
        """
        for name, _ in spec.given():
            if environment.get(variable := PARTS.get(name, "")):
                raise EmulatorError(
                    f"--chaos breaks only what the emulator has started: with {variable} set there is no "
                    f"`{name}`; unset it, or name the other faults only"
                )
        self._spec = spec
        self._directory = directory
        self._say = say
        self._path = directory / fault_log.FILE
        self._path.write_bytes(b"")
        self._record = Record(self._path)
        (directory / s3_fault_config.FILE).unlink(missing_ok=True)
        self._relay = Relay(spec, self._record)
        self._is_guest = bool(environment.get("AWS_ENDPOINT_URL"))
        self._wired: tuple[Aws, Description] | None = None
        self._breaking: Breaking | None = None
        self._has_begun = False
        self._is_to_end = False
        self._is_ending = False
        signal.signal(signal.SIGUSR1, self._remember)

    def ministack(self, directory: Path, port: int) -> MiniStack:
        environment = {s3_fault_config.DIRECTORY: str(self._directory), s3_fault_config.SPEC: str(self._spec)}
        return MiniStack(directory, port, application=APPLICATION, environment=environment)

    def check_unwired(self, url: str) -> None:
        if wanted := [name for name, _ in self._spec.given() if name in EVENTS]:
            raise EmulatorError(
                f"--chaos: {url} is no MiniStack, whose events are out of reach: no `{wanted[0]}` there"
            )

    def relay(self, aws: Aws, description: Description) -> None:
        self._wired = aws, description
        self._relay.connect(aws.patient_sqs(), aws.relayed(description))

    def begin(self, ministack: MiniStack | None, postgres: EmbeddedPostgres | None) -> None:
        self._say(f"  chaos {self._spec}")
        self._say(f"  {self._path} has each fault; kill -USR1 {os.getpid()} ends them, all else goes on")
        self._has_begun = True
        self._breaking = Breaking(self._spec, self._directory, self._record, ministack, postgres)
        self._relay.disturb()

    def tick(self, pause: Pause) -> None:
        if self._breaking is not None and self._is_to_end:
            self._end()
            self._is_ending = True
        elif self._breaking is not None:
            self._breaking.tick(pause)
        elif self._is_ending and self._relay.has_caught_up():
            self._is_ending = False
            self._say(ENDED)

    def check(self) -> None:
        self._relay.check()

    def stop(self) -> None:
        self._end()
        if self._is_guest:
            self._notify_functions()
        self._relay.stop()
        if self._has_begun:
            self._say(f"chaos {self._spec}")
            for line in fault_log.table(self._path):
                self._say(line)

    def _notify_functions(self) -> None:
        """Let S3 do without the relay: a MiniStack that is somebody else's goes on."""
        if self._wired is None:
            return
        aws, description = self._wired
        try:
            aws.notify_functions(description)
        except (BotoCoreError, ClientError) as fault:
            self._say(f"  S3's events go on to a queue that nobody looks at: {fault}")

    def _end(self) -> None:
        if self._breaking is not None:
            self._breaking.end()
            self._breaking = None
        self._relay.calm()

    def _remember(self, number: int, frame: object) -> None:  # noqa: ARG002  # what signal.signal calls
        self._is_to_end = True
