"""Makes in AWS what an app's description asks for, and removes what it no longer does.

Each step can be repeated: state survives a restart, and everything is wired anew at every start.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.description import Description, Function
from emulator.failures import EmulatorError
from emulator.ministack import USER_AGENT

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import QueueConfigurationTypeDef
    from mypy_boto3_sqs import SQSClient

FUNCTION_SECONDS = 30
RETRY_SECONDS = 30
"""The queue's visibility timeout: how long after a failure the next attempt comes. SQS wants no less than the
function's timeout, or a message would come again while it is being worked on.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
RECEIVES = 3
BATCH = 10
CONCURRENCY = 2
"""The decision record has the figures behind these."""
ROLE = "arn:aws:iam::000000000000:role/emulator"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


class Aws:
    """An endpoint to wire an app at, with the environment's credentials and region."""

    def __init__(self, url: str, environment: Mapping[str, str], *, relayed: bool = False) -> None:
        """`relayed`: events go to queues of their own, from which somebody must pass them on (`relayed`)."""
        session = boto3.session.Session(
            aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            region_name=environment.get("AWS_DEFAULT_REGION"),
        )
        config = Config(
            read_timeout=FUNCTION_SECONDS + 5,
            retries={"total_max_attempts": 1},  # what a retry may mend is mended by the next start
            s3={"addressing_style": "path"},
            user_agent_extra=USER_AGENT,
        )
        self._url = url
        self._session = session
        self._relayed = relayed
        self._region = session.region_name
        self._s3 = session.client("s3", endpoint_url=url, config=config)
        self._sqs = session.client("sqs", endpoint_url=url, config=config)
        self._lambda = session.client("lambda", endpoint_url=url, config=config)
        self._events = session.client("events", endpoint_url=url, config=config)

    def wire(self, description: Description, tree: Path, environment: Mapping[str, str]) -> None:
        """Make buckets, queues, functions and schedules as described, and remove an earlier description's.

        `tree` holds app.py, and `environment` is what the functions get.
        """
        notifications: dict[str, list[QueueConfigurationTypeDef]] = {}
        for function in description.functions:
            name = _deployed(description, function)
            self._put_function(name, function, {**environment, "WORKING_TREE": str(tree)})
            if function.trigger:
                self._put_bucket(function.trigger.bucket)
                queue = self._put_queue(name, function.trigger.bucket, f"{description.app}-dead-letters")
                self._map_queue(queue, name, BATCH, CONCURRENCY, report_failures=True)
                if self._relayed:
                    queue = self._put_arrivals(name, function.trigger.bucket)
                notifications.setdefault(function.trigger.bucket, []).append(_notification(queue, function))
            if function.messages:
                queue = self._queue(function.messages.queue, {})
                self._map_queue(queue, name, function.messages.batch_size, function.messages.concurrency)
            if function.schedule:
                self._put_schedule(name, function.schedule)
        for bucket, configurations in notifications.items():
            self._s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"QueueConfigurations": configurations}
            )
        self._remove_strays(description)

    def patient_sqs(self) -> "SQSClient":
        """Return a client that tries again what fails."""
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, user_agent_extra=USER_AGENT)
        return self._session.client("sqs", endpoint_url=self._url, config=config)

    def relayed(self, description: Description) -> dict[str, str]:
        """Return the queues that S3 notifies and, for each, the one that calls the function, by name."""
        triggered = [_deployed(description, function) for function in description.functions if function.trigger]
        return {_arrivals(name): name for name in triggered if self._relayed}

    def invoke(self, description: Description, function: Function) -> str:
        """Call a function and return what it returns, as JSON. Raises EmulatorError if it fails."""
        answer = self._lambda.invoke(FunctionName=_deployed(description, function), Payload=b"{}")
        payload = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            fault = json.loads(payload)
            trace = "".join(fault.get("stackTrace") or [])
            raise EmulatorError(f"{function.name} failed: {fault.get('errorMessage')}\n{trace}".rstrip())
        return payload

    def _put_bucket(self, bucket: str) -> None:
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError as fault:
            if fault.response["Error"]["Code"] != "404":
                raise
            elsewhere: Any = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
            self._s3.create_bucket(Bucket=bucket, **({} if self._region == "us-east-1" else elsewhere))
        self._s3.put_bucket_cors(
            Bucket=bucket,
            CORSConfiguration={
                "CORSRules": [
                    {
                        "AllowedMethods": ["PUT", "POST", "GET", "HEAD"],
                        "AllowedOrigins": ["*"],
                        "AllowedHeaders": ["*"],
                        "ExposeHeaders": ["ETag", "Location"],
                    }
                ]
            },
        )

    def _put_queue(self, name: str, bucket: str, dead_letter_queue: str) -> str:
        """Make the queue in front of a function and that for its dead letters, and return the first one's ARN."""
        dead_letters = self._queue(dead_letter_queue, {})
        return self._queue(
            name,
            {
                "VisibilityTimeout": str(RETRY_SECONDS),
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": RECEIVES}),
                "Policy": _from_bucket(bucket),
            },
        )

    def _put_arrivals(self, name: str, bucket: str) -> str:
        """Make the queue that stands before a function's own when events are relayed, and return its ARN."""
        return self._queue(_arrivals(name), {"Policy": _from_bucket(bucket)})

    def _queue(self, name: str, attributes: dict[Any, str]) -> str:
        """Make a queue, or give one that is there these attributes, and return its ARN."""
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        if attributes:
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def _put_function(self, name: str, function: Function, environment: Mapping[str, str]) -> None:
        settings: Any = {
            "FunctionName": name,
            "Role": ROLE,
            "Runtime": RUNTIME,
            "Handler": "in_lambda.invoke_for_each_message" if function.trigger else "in_lambda.invoke",
            "Timeout": FUNCTION_SECONDS,
            "MemorySize": 256,
            "Environment": {"Variables": {**environment, "ATTRIBUTE": function.attribute}},
        }
        try:
            self._lambda.update_function_code(FunctionName=name, ZipFile=_zip())
            self._lambda.update_function_configuration(**settings)
        except self._lambda.exceptions.ResourceNotFoundException:
            self._lambda.create_function(**settings, Code={"ZipFile": _zip()})

    def _map_queue(
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

    def _put_schedule(self, name: str, expression: str) -> None:
        self._events.put_rule(Name=name, ScheduleExpression=expression, State="ENABLED")
        function = self._lambda.get_function_configuration(FunctionName=name)["FunctionArn"]
        self._events.put_targets(Rule=name, Targets=[{"Id": "function", "Arn": function}])

    def _remove_strays(self, description: Description) -> None:
        """Remove what an earlier description asked for. A queue stays: it may hold events."""
        prefix = _prefix(description)
        scheduled = {_deployed(description, function) for function in description.functions if function.schedule}
        for rule in self._events.list_rules(NamePrefix=prefix)["Rules"]:
            if rule["Name"] not in scheduled:
                self._events.remove_targets(Rule=rule["Name"], Ids=["function"])
                self._events.delete_rule(Name=rule["Name"])
        mapped = {
            _deployed(description, function)
            for function in description.functions
            if function.trigger or function.messages
        }
        functions = {_deployed(description, function) for function in description.functions}
        for name in self._functions(prefix):
            if name not in mapped:
                for mapping in self._lambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
                    self._lambda.delete_event_source_mapping(UUID=mapping["UUID"])
            if name not in functions:
                self._lambda.delete_function(FunctionName=name)

    def _functions(self, prefix: str) -> Iterator[str]:
        for page in self._lambda.get_paginator("list_functions").paginate():
            yield from (
                made["FunctionName"] for made in page["Functions"] if made["FunctionName"].startswith(prefix)
            )


def _prefix(description: Description) -> str:
    """As Chalice names functions, in the stage `dev`."""
    return f"{description.app}-dev-"


def _deployed(description: Description, function: Function) -> str:
    return _prefix(description) + function.name


def _arrivals(name: str) -> str:
    return f"{name}-arrivals"


def _from_bucket(bucket: str) -> str:
    """Return a queue's policy that lets the bucket's notifications in."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _notification(queue: str, function: Function) -> "QueueConfigurationTypeDef":
    assert function.trigger is not None
    rules: Any = [
        {"Name": kind, "Value": value}
        for kind, value in (("prefix", function.trigger.prefix), ("suffix", function.trigger.suffix))
        if value
    ]
    events: Any = function.trigger.events
    return {"Id": function.name, "QueueArn": queue, "Events": events, "Filter": {"Key": {"FilterRules": rules}}}


def _zip() -> bytes:
    """Return the code of every function as a zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(Path(__file__).with_name("in_lambda.py"), "in_lambda.py")
    return packed.getvalue()
