"""Functions in Lambda, and what calls them: queues and schedules.

Each step can be repeated.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.app_spec import Description, Function
from emulator.errors import EmulatorError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient

FUNCTION_SECONDS = 60
"""Less than most apps ask for on AWS: what a killed function had in its hands is free again after that."""

ROLE = "arn:aws:iam::000000000000:role/emulator"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


class Functions:
    """The functions of one endpoint, by the names that they are deployed under."""

    def __init__(self, lambda_client: "LambdaClient", events: "EventBridgeClient") -> None:
        self._lambda = lambda_client
        self._events = events

    def invoke(self, name: str) -> str:
        """Call a function and return what it returns, as JSON. Raises EmulatorError if it fails."""
        answer = self._lambda.invoke(FunctionName=name, Payload=b"{}")
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            fault = json.loads(payload)
            trace = "".join(fault.get("stackTrace") or [])
            raise EmulatorError(f"{name} failed: {fault.get('errorMessage')}\n{trace}".rstrip())
        return payload

    def put(self, name: str, function: Function, environment: Mapping[str, str]) -> None:
        """Make a function that calls the working tree's code, or bring it up to date."""
        settings: Any = {
            "FunctionName": name,
            "Role": ROLE,
            "Runtime": RUNTIME,
            "Handler": "lambda_shim.invoke_for_each_message" if function.trigger else "lambda_shim.invoke",
            "Timeout": FUNCTION_SECONDS,
            "MemorySize": 256,
            "Environment": {"Variables": {**environment, "ATTRIBUTE": function.attribute}},
        }
        try:
            self._lambda.update_function_code(FunctionName=name, ZipFile=_zip())
            self._lambda.update_function_configuration(**settings)
        except self._lambda.exceptions.ResourceNotFoundException:
            self._lambda.create_function(**settings, Code={"ZipFile": _zip()})

    def map_queue(
        self, queue: str, name: str, batch: int, concurrency: int | None, *, report_failures: bool = False
    ) -> None:
        """Let the queue, and no other, call the function. One that doesn't report which messages failed gets the
        whole batch again, as on AWS, where Chalice can't set the reports."""
        settings: Any = {
            "FunctionName": name,
            "BatchSize": batch,
            "ScalingConfig": {"MaximumConcurrency": concurrency} if concurrency else {},
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if report_failures else [],
        }
        mapped = {}
        for there in self._lambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            mapped[there["EventSourceArn"]] = there["UUID"]
        if queue in mapped:
            self._lambda.update_event_source_mapping(UUID=mapped.pop(queue), **settings)
        else:
            self._lambda.create_event_source_mapping(EventSourceArn=queue, **settings)
        for uuid in mapped.values():
            self._lambda.delete_event_source_mapping(UUID=uuid)

    def put_schedule(self, name: str, expression: str) -> None:
        """Let EventBridge call the function by this expression."""
        self._events.put_rule(Name=name, ScheduleExpression=expression, State="ENABLED")
        function = self._lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
        self._events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": function}])

    def remove_strays(self, description: Description) -> None:
        """Remove what an earlier description asked for. A queue stays: it may hold events."""
        scheduled = {description.deployed(function) for function in description.functions if function.schedule}
        for rule in self._events.list_rules(NamePrefix=description.prefix)["Rules"]:
            if rule["Name"] not in scheduled:
                self._events.remove_targets(Rule=rule["Name"], Ids=["function"])
                self._events.delete_rule(Name=rule["Name"])
        mapped = {
            description.deployed(function)
            for function in description.functions
            if function.trigger or function.messages
        }
        functions = {description.deployed(function) for function in description.functions}
        for name in self._names(description.prefix):
            if name not in mapped:
                for mapping in self._lambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
                    self._lambda.delete_event_source_mapping(UUID=mapping["UUID"])
            if name not in functions:
                self._lambda.delete_function(FunctionName=name)

    def _names(self, prefix: str) -> Iterator[str]:
        for page in self._lambda.get_paginator("list_functions").paginate():
            yield from (
                made["FunctionName"] for made in page["Functions"] if made["FunctionName"].startswith(prefix)
            )


def _zip() -> bytes:
    """Return the code of every function as a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(Path(__file__).with_name("lambda_shim.py"), "lambda_shim.py")
    return packed.getvalue()
