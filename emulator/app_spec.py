"""What the app asks AWS for besides its routes, read from the app object."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from chalice.app import Chalice, S3EventConfig, ScheduledEventConfig, ScheduleExpression, SQSEventConfig

from emulator.errors import EmulatorError


@dataclass(frozen=True)
class Trigger:
    """Objects whose making, or the like, calls a function."""

    bucket: str
    events: list[str]
    prefix: str
    suffix: str


@dataclass(frozen=True)
class Messages:
    """A queue whose messages call a function."""

    queue: str
    batch_size: int
    concurrency: int | None
    """How many batches at once; as many as AWS likes where the app doesn't say."""


@dataclass(frozen=True)
class Function:
    """A function that answers no request."""

    name: str
    attribute: str
    """Where it is in the module `app`."""
    trigger: Trigger | None = None
    messages: Messages | None = None
    schedule: str | None = None
    """EventBridge's expression, such as `rate(1 minute)`."""


@dataclass(frozen=True)
class Description:
    """An app's name and its functions."""

    app: str
    functions: list[Function]

    @property
    def prefix(self) -> str:
        """How the names of its functions begin in AWS: as Chalice names them, in the stage `dev`."""
        return f"{self.app}-dev-"

    def deployed(self, function: Function) -> str:
        """Return the name of a function in AWS."""
        return self.prefix + function.name

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON's types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, made: dict[str, Any]) -> Self:
        """Return what `to_dict` was called on."""
        return cls(made["app"], [_function(**function) for function in made["functions"]])


def _function(trigger: dict[str, Any] | None, messages: dict[str, Any] | None, **plain: Any) -> Function:
    return Function(
        **plain,
        trigger=Trigger(**trigger) if trigger else None,
        messages=Messages(**messages) if messages else None,
    )


def describe(app: Chalice) -> Description:
    """Describe the app. Raises EmulatorError if it asks for what the emulator can't wire."""
    plain = [Function(function.name, _attribute(function)) for function in app.pure_lambda_functions]
    return Description(app.app_name, plain + [_event_function(source) for source in app.event_sources])


def _event_function(source: Any) -> Function:
    if isinstance(source, S3EventConfig):
        trigger = Trigger(source.bucket, list(source.events), source.prefix or "", source.suffix or "")
        return Function(source.name, _attribute(source), trigger=trigger)
    if isinstance(source, SQSEventConfig) and source.queue:
        messages = Messages(source.queue, source.batch_size, source.maximum_concurrency)
        return Function(source.name, _attribute(source), messages=messages)
    if isinstance(source, ScheduledEventConfig):
        expression = source.schedule_expression
        text = expression.to_string() if isinstance(expression, ScheduleExpression) else expression
        return Function(source.name, _attribute(source), schedule=text)
    raise EmulatorError(
        f"{source.name} is called by {type(source).__name__.removesuffix('Config')}s, "
        "and the emulator wires S3 events, queues by their names and schedules only (emulator/provisioner.py)"
    )


def _attribute(function: Any) -> str:
    module, _, attribute = str(function.handler_string).rpartition(".")
    if module != "app":
        raise EmulatorError(f"{function.name} must stand in app.py: from {module} Chalice can't deploy it")
    return attribute
