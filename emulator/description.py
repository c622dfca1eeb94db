"""What the app asks AWS for besides its routes, read from the app object."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from chalice.app import Chalice, S3EventConfig, ScheduledEventConfig, ScheduleExpression

from emulator.failures import EmulatorError


@dataclass(frozen=True)
class Trigger:
    """Objects whose making, or the like, calls a function."""

    bucket: str
    events: list[str]
    prefix: str
    suffix: str


@dataclass(frozen=True)
class Function:
    """A function that answers no request."""

    name: str
    attribute: str
    """Where it is in the module `app`."""
    trigger: Trigger | None = None
    schedule: str | None = None
    """EventBridge's expression, such as `rate(1 minute)`."""


@dataclass(frozen=True)
class Description:
    """An app's name and its functions."""

    app: str
    functions: list[Function]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON's types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, made: dict[str, Any]) -> Self:
        """Return what `to_dict` was called on."""
        functions = [
            Function(**{**function, "trigger": Trigger(**function["trigger"]) if function["trigger"] else None})
            for function in made["functions"]
        ]
        return cls(made["app"], functions)


def describe(app: Chalice) -> Description:
    """Describe the app. Raises EmulatorError if it asks for what the emulator can't wire."""
    plain = [Function(function.name, _attribute(function)) for function in app.pure_lambda_functions]
    return Description(app.app_name, plain + [_event_function(source) for source in app.event_sources])


def _event_function(source: Any) -> Function:
    if isinstance(source, S3EventConfig):
        trigger = Trigger(source.bucket, list(source.events), source.prefix or "", source.suffix or "")
        return Function(source.name, _attribute(source), trigger=trigger)
    if isinstance(source, ScheduledEventConfig):
        expression = source.schedule_expression
        text = expression.to_string() if isinstance(expression, ScheduleExpression) else expression
        return Function(source.name, _attribute(source), schedule=text)
    raise EmulatorError(
        f"{source.name} is called by {type(source).__name__.removesuffix('Config')}s, "
        "and the emulator wires S3 events and schedules only (emulator/wiring.py)"
    )


def _attribute(function: Any) -> str:
    module, _, attribute = str(function.handler_string).rpartition(".")
    if module != "app":
        raise EmulatorError(f"{function.name} must stand in app.py: from {module} Chalice can't deploy it")
    return attribute
