"""Reads from the app object what the app asks of AWS besides its routes."""

from collections.abc import Sequence
from typing import Any

from chalice.app import (
    Chalice,
    CloudWatchEventConfig,
    S3EventConfig,
    ScheduledEventConfig,
    ScheduleExpression,
    SQSEventConfig,
)

from emulator.app_spec import AppSpec, Function, S3Trigger, SqsTrigger
from emulator.errors import EmulatorError


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
