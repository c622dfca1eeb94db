"""What the app asks of AWS besides its routes, read from the app object."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from chalice.app import (
    Chalice,
    CloudWatchEventConfig,
    S3EventConfig,
    ScheduledEventConfig,
    ScheduleExpression,
    SQSEventConfig,
)

from emulator.errors import EmulatorError


@dataclass(frozen=True)
class S3Trigger:
    """Events of a bucket's objects that call a function."""

    bucket: str
    events: list[str]
    prefix: str
    suffix: str


@dataclass(frozen=True)
class SqsTrigger:
    """A queue whose messages call a function."""

    queue: str
    batch_size: int
    concurrency: int | None
    """The most batches at once; None leaves it to AWS."""


@dataclass(frozen=True)
class Function:
    """A Lambda function other than the one that serves the routes."""

    name: str
    attribute: str
    """Its name in the module `app`."""
    s3_trigger: S3Trigger | None = None
    sqs_trigger: SqsTrigger | None = None
    schedule: str | None = None
    """EventBridge's expression, such as `rate(1 minute)`."""
    event_pattern: dict[str, Any] | None = None
    """EventBridge's pattern of the events that call it."""


@dataclass(frozen=True)
class AppSpec:
    """An app's name, its functions, and who else calls it."""

    app: str
    functions: list[Function]
    cors_origins: list[str] = field(default_factory=list)
    """Origins of web pages, which may upload to the app's buckets."""

    @property
    def prefix(self) -> str:
        """The prefix of its functions' names in AWS, as Chalice names them in the stage `dev`."""
        return f"{self.app}-dev-"

    def deployed_name(self, function: Function) -> str:
        """Return the name of a function in AWS."""
        return self.prefix + function.name

    def to_dict(self) -> dict[str, Any]:
        """Return it in JSON's types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Return the AppSpec whose `to_dict` returned the document."""
        functions = [_function_from_dict(**function) for function in document["functions"]]
        return cls(document["app"], functions, document["cors_origins"])


def _function_from_dict(
    s3_trigger: dict[str, Any] | None, sqs_trigger: dict[str, Any] | None, **fields: Any
) -> Function:
    return Function(
        **fields,
        s3_trigger=S3Trigger(**s3_trigger) if s3_trigger else None,
        sqs_trigger=SqsTrigger(**sqs_trigger) if sqs_trigger else None,
    )


def read_app_spec(app: Chalice, cors_origins: Sequence[str] = ()) -> AppSpec:
    """Return what the app asks for. Raises EmulatorError if the emulator can't provide it."""
    functions = [Function(function.name, _attribute(function)) for function in app.pure_lambda_functions]
    functions += [_event_function(source) for source in app.event_sources]
    return AppSpec(app.app_name, functions, list(cors_origins))


def _event_function(source: Any) -> Function:
    if isinstance(source, S3EventConfig):
        s3_trigger = S3Trigger(source.bucket, list(source.events), source.prefix or "", source.suffix or "")
        return Function(source.name, _attribute(source), s3_trigger=s3_trigger)
    if isinstance(source, SQSEventConfig) and source.queue:
        sqs_trigger = SqsTrigger(source.queue, source.batch_size, source.maximum_concurrency)
        return Function(source.name, _attribute(source), sqs_trigger=sqs_trigger)
    if isinstance(source, ScheduledEventConfig):
        expression = source.schedule_expression
        text = expression.to_string() if isinstance(expression, ScheduleExpression) else expression
        return Function(source.name, _attribute(source), schedule=text)
    if isinstance(source, CloudWatchEventConfig):
        return Function(source.name, _attribute(source), event_pattern=source.event_pattern)
    raise EmulatorError(
        f"{source.name} has an event source that the emulator doesn't support "
        f"({type(source).__name__.removesuffix('Config')}): it provides S3 events, queues by name, schedules and "
        "EventBridge's events (emulator/provisioner.py)"
    )


def _attribute(function: Any) -> str:
    module, _, attribute = str(function.handler_string).rpartition(".")
    if module != "app":
        raise EmulatorError(f"{function.name} must be defined in app.py: Chalice can't deploy it from {module}")
    return attribute
