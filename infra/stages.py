"""What can be deployed, and of which parts it consists."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from infra.errors import InfraError

APP = "file-loader"
FUNCTIONS = (
    "api_handler",
    "process_upload",
    "handle_dead_letters",
    "sweep",
    "migrate",
    "mark_files_for_reprocessing",
)
"""As Chalice's configuration calls them; api_handler is what serves the routes."""
STAGES = Path(__file__).with_name("stages.toml")


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """How Lambda calls a function that nobody waits for. Chalice can't set these."""

    retries: int
    """After a failure, 0 to 2. Throttles don't count."""
    event_age: int
    """Seconds, 60 to 21600, after which an event that couldn't be delivered is given up."""
    dead_letters: bool
    """Whether an event that was given up goes into the dead-letter queue."""
    ephemeral_storage: int = 512
    """MiB of /tmp, 512 to 10240."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage as `stages.toml` describes it; its functions are in `.chalice/config.json`."""

    name: str
    stacks: tuple[str, ...]
    """Templates in `infra/templates`, in the order in which each can use what the ones before have made."""
    monitoring: tuple[str, ...] = ()
    """Templates that are about the functions, and come after them."""
    bucket: str
    """May hold ${AccountId} and ${Region}: buckets share one namespace with all the world's."""
    architecture: Literal["x86_64", "arm64", "host"]
    """`x86_64`, `arm64`, or `host` for the processor of the machine that deploys."""
    log_days: int | None = None
    """For how long CloudWatch keeps the functions' logs; for ever if not said. It takes certain numbers only.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the templates are to take instead of their defaults; each takes those that it knows."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What would otherwise be an output of a stack: `.chalice/*.json` refer to it as ${…}, and a template that
    declares such a parameter takes it."""
    invocations: Mapping[str, Invocation] = field(default_factory=dict)
    """By the functions' names in app.py."""

    @classmethod
    def load(cls, name: str, path: Path = STAGES) -> Self:
        """Return the stage of this name. Raises InfraError."""
        described: dict[str, Any] = tomllib.loads(path.read_text())
        invocations = described.pop("invocations", {})
        if name not in described:
            raise InfraError(f"there is no stage {name!r} in {path.name}; there are: {', '.join(described)}")
        stage = described[name]
        try:
            return cls(
                name=name,
                stacks=tuple(stage.pop("stacks")),
                monitoring=tuple(stage.pop("monitoring", ())),
                invocations={function: Invocation(**how) for function, how in invocations.items()},
                **stage,
            )
        except TypeError as fault:  # it names the key that is missing, or that there is none such
            raise InfraError(f"{path.name}: {fault}") from fault

    def function(self, name: str) -> str:
        """Return the name of a function in AWS, as Chalice makes it."""
        return f"{APP}-{self.name}" if name == "api_handler" else f"{APP}-{self.name}-{name}"

    def stack(self, template: str) -> str:
        """Return the name of the stack that is made of this template."""
        return f"{APP}-{self.name}-{template}"
