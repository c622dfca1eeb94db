"""The stages that can be deployed, and the parts of each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from infra.errors import InfraError

APP_NAME = "file-loader"
API_HANDLER = "api_handler"
"""Chalice's name for the function that serves the routes."""
GUARDDUTY_STACK = "malware"
"""The template of a stage whose parameter MalwareScan is `guardduty`."""
STAGES = Path(__file__).with_name("stages.toml")


@dataclass(frozen=True, kw_only=True)
class AsyncInvoke:
    """How Lambda invokes a function asynchronously. Chalice can't set this.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
    """

    retries: int
    """After a failure, 0 to 2. Throttles don't count."""
    max_event_age: int
    """Seconds, 60 to 21600, after which Lambda discards an event that it could not deliver."""
    dead_letters: bool
    """Whether discarded events go to the dead-letter queue."""
    ephemeral_storage: int = 512
    """MiB of /tmp, 512 to 10240."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage as described in `stages.toml`. Its functions are described in `.chalice/config.json`."""

    name: str
    stacks: tuple[str, ...]
    """Templates in `infra/templates`, in order: each can use the outputs of the ones before it. With GuardDuty's
    scans, its template is the last one, without being named."""
    monitoring: tuple[str, ...] = ()
    """Templates that refer to the functions, and are deployed after them."""
    bucket: str
    """May hold ${AccountId} and ${Region}: bucket names are unique across all AWS accounts."""
    architecture: Literal["x86_64", "arm64", "host"]
    """`x86_64`, `arm64`, or `host` for the processor of the machine that deploys."""
    log_days: int | None = None
    """Days for which CloudWatch keeps the functions' logs; without it, forever. Only certain numbers are accepted.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Template parameters that replace the defaults. Each template gets those that it declares."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Values that would otherwise be outputs of a stack: for `${…}` in `.chalice/*.json`, and for the parameters
    of templates that declare them."""
    async_invoke: Mapping[str, AsyncInvoke] = field(default_factory=dict)
    """By the functions' names in app.py."""

    @classmethod
    def load(cls, name: str, path: Path = STAGES) -> Self:
        """Return the stage with this name. Raises InfraError for an unknown name or key, or a missing key."""
        document: dict[str, Any] = tomllib.loads(path.read_text())
        async_invoke = document.pop("async_invoke", {})
        if name not in document:
            raise InfraError(f"{path.name} has no stage {name!r}. Stages: {', '.join(document)}")
        stage = document[name]
        is_scanned = stage.get("parameters", {}).get("MalwareScan") == "guardduty"
        try:
            return cls(
                name=name,
                stacks=(*stage.pop("stacks"), *([GUARDDUTY_STACK] if is_scanned else [])),
                monitoring=tuple(stage.pop("monitoring", ())),
                async_invoke={function: AsyncInvoke(**config) for function, config in async_invoke.items()},
                **stage,
            )
        except TypeError as error:  # it names the missing or unknown key
            raise InfraError(f"{path.name}: {error}") from error

    def function_name(self, name: str) -> str:
        """Return the name of a function in AWS, as Chalice generates it."""
        return f"{APP_NAME}-{self.name}" if name == API_HANDLER else f"{APP_NAME}-{self.name}-{name}"

    def stack_name(self, template: str) -> str:
        """Return the name of the stack that is created from this template."""
        return f"{APP_NAME}-{self.name}-{template}"
