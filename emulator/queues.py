"""Buckets, and the queues that their events go through.

Each step can be repeated.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from emulator.app_spec import Description, Function

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import QueueConfigurationTypeDef
    from mypy_boto3_sqs import SQSClient

RETRY_SECONDS = 60
"""The queue's visibility timeout: how long after a failure the next attempt comes. SQS wants no less than the
function's timeout, or a message would come again while it is being worked on.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
RECEIVES = 3
"""The decision record has the figures behind these."""


class Queues:
    """The buckets and queues of one endpoint."""

    def __init__(self, s3: "S3Client", sqs: "SQSClient") -> None:
        self._s3 = s3
        self._sqs = sqs

    def put_bucket(self, bucket: str) -> None:
        """Make a bucket that any web page may use."""
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError as fault:
            if fault.response["Error"]["Code"] != "404":
                raise
            region = self._s3.meta.region_name
            elsewhere: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self._s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else elsewhere))
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

    def put_function_queue(self, name: str, bucket: str, dead_letter_queue: str) -> str:
        """Make the queue in front of a function and that for its dead letters, and return the first one's ARN."""
        dead_letters = self.put_queue(dead_letter_queue)
        return self.put_queue(
            name,
            {
                "VisibilityTimeout": str(RETRY_SECONDS),
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": RECEIVES}),
                "Policy": _from_bucket(bucket),
            },
        )

    def put_arrivals(self, name: str, bucket: str) -> str:
        """Make the queue that stands before a function's own when events are relayed, and return its ARN."""
        return self.put_queue(arrivals(name), {"Policy": _from_bucket(bucket)})

    def put_queue(self, name: str, attributes: dict[Any, str] | None = None) -> str:
        """Make a queue, or give one that is there these attributes, and return its ARN."""
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        if attributes:
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        return self._arn(url)

    def notify(self, description: Description, *, relayed: bool) -> None:
        """Let each bucket notify the functions' queues, or those that stand before these."""
        notifications: dict[str, list[QueueConfigurationTypeDef]] = {}
        for function in triggered(description):
            assert function.trigger is not None
            name = description.deployed(function)
            url = self._sqs.get_queue_url(QueueName=arrivals(name) if relayed else name)["QueueUrl"]
            notification = _notification(self._arn(url), function)
            notifications.setdefault(function.trigger.bucket, []).append(notification)
        for bucket, configurations in notifications.items():
            self._s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration={"QueueConfigurations": configurations}
            )

    def _arn(self, url: str) -> str:
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def triggered(description: Description) -> Iterable[Function]:
    """Yield the functions that objects call."""
    return (function for function in description.functions if function.trigger)


def arrivals(name: str) -> str:
    """Return the name of the queue before that of a function."""
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
