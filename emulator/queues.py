"""Creates buckets, and the queues that their events pass through.

Each step can be repeated.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from emulator.app_spec import AppSpec, Function

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CORSConfigurationTypeDef, CORSRuleTypeDef, QueueConfigurationTypeDef
    from mypy_boto3_sqs import SQSClient

RETRY_SECONDS = 60
"""The queue's visibility timeout: how long after a failure the next attempt comes. SQS requires at least the
function's timeout, or a message would be received again while it is being processed.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
MAX_RECEIVES = 3
"""docs/decisions/0001-emulator-runs-real-servers.md says why these two."""


class Queues:
    """The buckets and queues of one endpoint."""

    def __init__(self, s3: "S3Client", sqs: "SQSClient") -> None:
        self._s3 = s3
        self._sqs = sqs

    def put_bucket(self, bucket: str, cors_origins: Sequence[str] = ()) -> None:
        """Create a bucket if it doesn't exist, and let web pages use it as on AWS (infra/templates/storage.yaml):
        those of `cors_origins` upload by a presigned URL, and those of any origin download."""
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
            region = self._s3.meta.region_name
            location: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self._s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else location))
        configuration: CORSConfigurationTypeDef = {"CORSRules": cors_rules(cors_origins)}
        self._s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=configuration)

    def put_function_queue(self, name: str, bucket: str, dead_letter_queue: str) -> str:
        """Create the queue in front of a function and its dead-letter queue. Return the first one's ARN."""
        dead_letter_arn = self.put_queue(dead_letter_queue)
        redrive_policy = {"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": MAX_RECEIVES}
        return self.put_queue(
            name,
            {
                "VisibilityTimeout": str(RETRY_SECONDS),
                "RedrivePolicy": json.dumps(redrive_policy),
                "Policy": _allow_bucket(bucket),
            },
        )

    def put_inbound_queue(self, name: str, bucket: str) -> str:
        """Create the queue that S3 notifies when a relay passes events on to a function. Return its ARN."""
        return self.put_queue(inbound_queue_name(name), {"Policy": _allow_bucket(bucket)})

    def put_queue(self, name: str, attributes: dict[Any, str] | None = None) -> str:
        """Create a queue, or set the attributes of an existing one, and return its ARN."""
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        if attributes:
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        return self._arn(url)

    def notify(self, app_spec: AppSpec, *, use_relay: bool) -> None:
        """Let each bucket notify the functions' queues, or with `use_relay` their inbound queues."""
        notifications: dict[str, list[QueueConfigurationTypeDef]] = {}
        for function in s3_triggered_functions(app_spec):
            assert function.s3_trigger is not None
            name = app_spec.deployed_name(function)
            queue = inbound_queue_name(name) if use_relay else name
            url = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            notification = _notification(self._arn(url), function)
            notifications.setdefault(function.s3_trigger.bucket, []).append(notification)
        for bucket, configurations in notifications.items():
            self._s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"QueueConfigurations": configurations}
            )

    def _arn(self, url: str) -> str:
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def s3_triggered_functions(app_spec: AppSpec) -> Iterable[Function]:
    """Return the functions that S3 events call."""
    return (function for function in app_spec.functions if function.s3_trigger)


def inbound_queue_name(name: str) -> str:
    """Return the name of the queue that S3 notifies when a relay passes events on to the function's own."""
    return f"{name}-inbound"


def cors_rules(origins: Sequence[str]) -> "list[CORSRuleTypeDef]":
    """Return the rules of a bucket to which pages of these origins upload."""
    uploads = _cors_rule(origins, ["PUT", "POST", "DELETE"], ["ETag", "Location"])
    reads = _cors_rule(["*"], ["GET", "HEAD"], ["ETag"])
    return [uploads, reads] if origins else [reads]


def _cors_rule(origins: Sequence[str], methods: list[str], exposed: list[str]) -> "CORSRuleTypeDef":
    return {
        "AllowedOrigins": list(origins),
        "AllowedMethods": methods,
        "AllowedHeaders": ["*"],
        "ExposeHeaders": exposed,
        "MaxAgeSeconds": 3600,
    }


def _allow_bucket(bucket: str) -> str:
    """Return a queue's policy that allows the bucket's notifications."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _notification(queue_arn: str, function: Function) -> "QueueConfigurationTypeDef":
    assert function.s3_trigger is not None
    rules: Any = [
        {"Name": name, "Value": value}
        for name, value in (("prefix", function.s3_trigger.prefix), ("suffix", function.s3_trigger.suffix))
        if value
    ]
    events: Any = function.s3_trigger.events
    filter_rules: Any = {"Key": {"FilterRules": rules}}
    return {"Id": function.name, "QueueArn": queue_arn, "Events": events, "Filter": filter_rules}
