"""What the supervisor calls for fault injection, and its default that injects nothing.

The package `chaos` implements it. Only the command line imports that package.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from emulator.app_spec import AppSpec
from emulator.ministack import MiniStack
from emulator.postgres import EmbeddedPostgres
from emulator.processes import Pause


class Chaos(Protocol):
    """Fault injection during one run of the emulator."""

    @property
    def uses_relay(self) -> bool:
        """Whether a relay passes events on, instead of S3 notifying the functions' queues."""

    def create_ministack(self, directory: Path, port: int) -> MiniStack:
        """Return a MiniStack that isn't started yet."""

    def check_unprovisioned(self, url: str) -> None:
        """Raise EmulatorError if a fault needs this endpoint's events, to which the emulator has no access."""

    def connect_relay(self, url: str, environment: Mapping[str, str], app_spec: AppSpec) -> None:
        """Begin to relay the events of the app that was just provisioned at this endpoint. Can be called again.

        `environment` has the credentials and the region.
        """

    def begin(self, ministack: MiniStack | None, postgres: EmbeddedPostgres | None) -> None:
        """Begin to inject faults, also into these two where the emulator has started them."""

    def tick(self, pause: Pause) -> None:
        """Inject the faults that are due. Raises EmulatorError if a service doesn't come back."""

    def check(self) -> None:
        """Raise EmulatorError if the relay has failed."""

    def stop(self) -> None:
        """End the faults and pass on events that were held back. The services must still be running."""


class NoChaos:
    """Injects no faults: the emulator without the option."""

    uses_relay = False

    def create_ministack(self, directory: Path, port: int) -> MiniStack:
        return MiniStack(directory, port)

    def check_unprovisioned(self, url: str) -> None: ...
    def connect_relay(self, url: str, environment: Mapping[str, str], app_spec: AppSpec) -> None: ...
    def begin(self, ministack: MiniStack | None, postgres: EmbeddedPostgres | None) -> None: ...
    def tick(self, pause: Pause) -> None: ...
    def check(self) -> None: ...
    def stop(self) -> None: ...
