"""Creates functions in Lambda, and the queues' mappings and EventBridge's rules that call them.

Each step can be repeated.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.app_spec import AppSpec, Function
from emulator.errors import EmulatorError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient

FUNCTION_SECONDS = 60
"""Functions' timeout. Shorter than most apps set on AWS: the lease of a killed function expires after it."""

ROLE = "arn:aws:iam::000000000000:role/emulator"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
SHIM = "lambda_shim"


class Functions:
    """The functions of one endpoint, by their names in AWS."""

    def __init__(self, lambda_client: "LambdaClient", events: "EventBridgeClient") -> None:
        self._lambda = lambda_client
        self._events = events

    def invoke(self, name: str) -> str:
        """Invoke a function and return its result as JSON. Raises EmulatorError if it fails."""
        response = self._lambda.invoke(FunctionName=name, Payload=b"{}")
        payload = response["Payload"].read().decode()
        if "FunctionError" in response:
            error = json.loads(payload)
            stack_trace = "".join(error.get("stackTrace") or [])
            raise EmulatorError(f"{name} failed: {error.get('errorMessage')}\n{stack_trace}".rstrip())
        return payload

    def put(self, name: str, function: Function, environment: Mapping[str, str]) -> None:
        """Create or update a function that calls the working tree's code."""
        settings: Any = {
            "FunctionName": name,
            "Role": ROLE,
            "Runtime": RUNTIME,
            "Handler": f"{SHIM}.invoke_for_each_message" if function.s3_trigger else f"{SHIM}.invoke",
            "Timeout": FUNCTION_SECONDS,
            "MemorySize": 256,
            "Environment": {"Variables": {**environment, "_HANDLER": f"app.{function.attribute}"}},
        }
        try:
            self._lambda.update_function_code(FunctionName=name, ZipFile=_zip_shim())
            self._lambda.update_function_configuration(**settings)
        except self._lambda.exceptions.ResourceNotFoundException:
            self._lambda.create_function(**settings, Code={"ZipFile": _zip_shim()})

    def map_queue(
        self, queue_arn: str, name: str, batch_size: int, concurrency: int | None, *, report_failures: bool = False
    ) -> None:
        """Let this queue, and no other, call the function. Without `report_failures` the whole batch is retried
        if the function fails, as on AWS, where Chalice can't enable these reports."""
        settings: Any = {
            "FunctionName": name,
            "BatchSize": batch_size,
            "ScalingConfig": {"MaximumConcurrency": concurrency} if concurrency else {},
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if report_failures else [],
        }
        uuids = {}
        for mapping in self._lambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            uuids[mapping["EventSourceArn"]] = mapping["UUID"]
        if queue_arn in uuids:
            self._lambda.update_event_source_mapping(UUID=uuids.pop(queue_arn), **settings)
        else:
            self._lambda.create_event_source_mapping(EventSourceArn=queue_arn, **settings)
        for uuid in uuids.values():
            self._lambda.delete_event_source_mapping(UUID=uuid)

    def put_schedule(self, name: str, expression: str) -> None:
        """Let EventBridge call the function by this expression."""
        self._events.put_rule(Name=name, ScheduleExpression=expression, State="ENABLED")
        self._put_target(name)

    def put_event_rule(self, name: str, pattern: Mapping[str, Any]) -> None:
        """Let EventBridge call the function for each event that matches the pattern."""
        self._events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="ENABLED")
        self._put_target(name)

    def _put_target(self, name: str) -> None:
        arn = self._lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
        self._events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": arn}])

    def remove_stale(self, app_spec: AppSpec) -> None:
        """Remove what only an earlier AppSpec asked for. A queue stays: it may hold events."""
        with_rule = {
            app_spec.deployed_name(function)
            for function in app_spec.functions
            if function.schedule or function.event_pattern
        }
        for rule in self._events.list_rules(NamePrefix=app_spec.prefix)["Rules"]:
            if rule["Name"] not in with_rule:
                self._events.remove_targets(Rule=rule["Name"], Ids=["function"])
                self._events.delete_rule(Name=rule["Name"])
        mapped = {
            app_spec.deployed_name(function)
            for function in app_spec.functions
            if function.s3_trigger or function.sqs_trigger
        }
        current = {app_spec.deployed_name(function) for function in app_spec.functions}
        for name in self._list_names(app_spec.prefix):
            if name not in mapped:
                for mapping in self._lambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
                    self._lambda.delete_event_source_mapping(UUID=mapping["UUID"])
            if name not in current:
                self._lambda.delete_function(FunctionName=name)

    def _list_names(self, prefix: str) -> Iterator[str]:
        for page in self._lambda.get_paginator("list_functions").paginate():
            names = (function["FunctionName"] for function in page["Functions"])
            yield from (name for name in names if name.startswith(prefix))


def _zip_shim() -> bytes:
    """Return the code of every function as a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(Path(__file__).with_name(f"{SHIM}.py"), f"{SHIM}.py")
    return buffer.getvalue()
