"""The templates on MiniStack's CloudFormation: created, read back, updated without and with a change, deleted.

MiniStack sets a bucket's CORS, public access block and policy, but not its lifecycle, encryption and ownership. It
has no RDS Proxy, so the database's stack isn't tested here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator.ministack import SERVICES, MiniStack

TEMPLATES = Path(__file__).parents[2] / "infra" / "templates"
STAGE = "test"


@pytest.fixture(scope="module")
def cloudformation_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MiniStack with the services that the templates use, more than the emulator needs."""
    directory = tmp_path_factory.mktemp("cloudformation")
    with MiniStack(directory, port=0, services=f"{SERVICES},cloudformation,ec2,sns,cloudwatch") as server:
        yield server.url


@dataclass
class Stacks:
    """Creates stacks, and deletes all of them at the end."""

    url: str

    def __post_init__(self) -> None:
        self._cloudformation: Any = self.client("cloudformation")
        self._created: list[str] = []

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url)  # type: ignore[call-overload]  # any service

    def create(self, name: str, **parameters: str) -> dict[str, str]:
        """Create the stack of this template and return its outputs."""
        self._cloudformation.create_stack(StackName=name, **self._request(name, parameters), DisableRollback=True)
        self._created.append(name)
        self._cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        return self._outputs(name)

    def update(self, name: str, **parameters: str) -> dict[str, str]:
        self._cloudformation.update_stack(StackName=name, **self._request(name, parameters))
        self._cloudformation.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        return self._outputs(name)

    def delete_all(self) -> None:
        while self._created:
            name = self._created.pop()
            self._cloudformation.delete_stack(StackName=name)
            self._cloudformation.get_waiter("stack_delete_complete").wait(
                StackName=name, WaiterConfig={"Delay": 1}
            )

    def _outputs(self, name: str) -> dict[str, str]:
        [stack] = self._cloudformation.describe_stacks(StackName=name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def _request(self, name: str, parameters: dict[str, str]) -> dict[str, Any]:
        return {
            "TemplateBody": (TEMPLATES / f"{name}.yaml").read_text(),
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in {"Stage": STAGE, **parameters}.items()
            ],
        }


@pytest.fixture
def stacks(cloudformation_url: str) -> Iterator[Stacks]:
    stacks = Stacks(cloudformation_url)
    yield stacks
    stacks.delete_all()


@pytest.fixture
def bucket() -> str:
    return f"bucket-{uuid4().hex}"


READS = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3600,
}
"""The bucket's rule for pages of any origin."""


def test_bucket_allows_presigned_downloads_and_no_public_access(stacks: Stacks, bucket: str) -> None:
    assert stacks.create("storage", BucketName=bucket)["BucketName"] == bucket
    s3 = stacks.client("s3")
    [rule] = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule == READS
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    [denied] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert denied["Effect"] == "Deny"
    assert denied["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    assert str(denied["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"


def test_bucket_without_required_tls_has_no_policy(stacks: Stacks, bucket: str) -> None:
    stacks.create("storage", BucketName=bucket, RequireTls="false")
    s3 = stacks.client("s3")
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="uploads/1/a", Body=b"a")
    assert s3.get_object(Bucket=bucket, Key="uploads/1/a")["Body"].read() == b"a"
    s3.delete_object(Bucket=bucket, Key="uploads/1/a")


def test_dead_letter_queue_keeps_messages_for_14_days(stacks: Stacks, bucket: str) -> None:
    outputs = stacks.create("storage", BucketName=bucket)
    assert outputs["DeadLettersName"] == "file-loader-test-dead-letters"
    attributes = stacks.client("sqs").get_queue_attributes(
        QueueUrl=outputs["DeadLettersUrl"], AttributeNames=["All"]
    )["Attributes"]
    assert attributes["QueueArn"] == outputs["DeadLettersArn"]
    assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 60 * 60)
    assert attributes["VisibilityTimeout"] == "180"
    assert attributes["SqsManagedSseEnabled"] == "true"


def test_update_keeps_the_bucket_and_chalices_notification(stacks: Stacks, bucket: str) -> None:
    outputs = stacks.create("storage", BucketName=bucket, RequireTls="false")
    s3 = stacks.client("s3")
    s3.put_object(Bucket=bucket, Key="uploads/1/a", Body=b"a")
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": outputs["DeadLettersArn"], "Events": ["s3:ObjectCreated:*"], "Id": "kept"}
            ]
        },
        SkipDestinationValidation=True,
    )
    assert (
        stacks.update(
            "storage", BucketName=bucket, RequireTls="false", AllowedOrigins="https://a.example,https://b.example"
        )
        == outputs
    )
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [
        {
            "AllowedOrigins": ["https://a.example", "https://b.example"],
            "AllowedMethods": ["PUT", "POST", "DELETE"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag", "Location"],
            "MaxAgeSeconds": 3600,
        },
        READS,
    ]
    [kept] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept["Id"] == "kept"
    assert s3.get_object(Bucket=bucket, Key="uploads/1/a")["Body"].read() == b"a"
    s3.delete_object(Bucket=bucket, Key="uploads/1/a")


def test_update_without_a_change_does_nothing(stacks: Stacks, bucket: str) -> None:
    stacks.create("storage", BucketName=bucket)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.update("storage", BucketName=bucket)


def test_delete_leaves_nothing(stacks: Stacks, bucket: str) -> None:
    outputs = stacks.create("storage", BucketName=bucket)
    stacks.delete_all()
    assert bucket not in [each["Name"] for each in stacks.client("s3").list_buckets()["Buckets"]]
    assert outputs["DeadLettersUrl"] not in stacks.client("sqs").list_queues().get("QueueUrls", [])


def test_network_reaches_only_the_bucket(stacks: Stacks, bucket: str) -> None:
    outputs = stacks.create("network", BucketName=bucket)
    ec2 = stacks.client("ec2")
    in_vpc = [{"Name": "vpc-id", "Values": [outputs["VpcId"]]}]
    subnets = ec2.describe_subnets(SubnetIds=outputs["SubnetIds"].split(","))["Subnets"]
    assert [subnet["CidrBlock"] for subnet in subnets] == ["10.42.0.0/20", "10.42.16.0/20"]
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
    tables = ec2.describe_route_tables(Filters=in_vpc)["RouteTables"]
    assert {route["GatewayId"] for table in tables for route in table["Routes"]} == {"local"}
    [endpoint] = ec2.describe_vpc_endpoints(Filters=in_vpc)["VpcEndpoints"]
    assert endpoint["ServiceName"] == "com.amazonaws.us-east-1.s3"
    [routing] = [table for table in tables if table["RouteTableId"] in endpoint["RouteTableIds"]]
    assert [association["SubnetId"] for association in routing["Associations"]] == outputs["SubnetIds"].split(",")
    groups = {group["GroupId"]: group for group in ec2.describe_security_groups(Filters=in_vpc)["SecurityGroups"]}
    sources = {
        output: [
            pair["GroupId"]
            for rule in groups[outputs[output]]["IpPermissions"]
            for pair in rule["UserIdGroupPairs"]
        ]
        for output in ("FunctionsGroupId", "ProxyGroupId", "DatabaseGroupId")
    }
    assert sources == {
        "FunctionsGroupId": [],
        "ProxyGroupId": [outputs["FunctionsGroupId"]],
        "DatabaseGroupId": [outputs["ProxyGroupId"]],
    }


MONITORED = {"DeadLettersName": "file-loader-test-dead-letters", "InstanceIdentifier": "file-loader-test"}


def test_alarms_dashboard_and_subscription_are_created(stacks: Stacks) -> None:
    outputs = stacks.create("monitoring", **MONITORED, Email="operations@example.org")
    cloudwatch = stacks.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix="file-loader-test-")["MetricAlarms"]
    assert len(alarms) == 10
    assert all(alarm["AlarmActions"] == [outputs["TopicArn"]] for alarm in alarms)
    [silent] = [alarm for alarm in alarms if alarm["AlarmName"] == "file-loader-test-sweep-silent"]
    assert silent["Dimensions"] == [{"Name": "FunctionName", "Value": "file-loader-test-sweep"}]
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert (silent["Period"], silent["TreatMissingData"]) == (300, "breaching")
    dashboard = json.loads(cloudwatch.get_dashboard(DashboardName="file-loader-test")["DashboardBody"])
    assert len(dashboard["widgets"]) == 14
    assert "${" not in json.dumps(dashboard)
    [subscription] = stacks.client("sns").list_subscriptions_by_topic(TopicArn=outputs["TopicArn"])[
        "Subscriptions"
    ]
    assert subscription["Endpoint"] == "operations@example.org"


def test_without_an_email_there_is_no_subscription(stacks: Stacks) -> None:
    topic = stacks.create("monitoring", **MONITORED)["TopicArn"]
    assert not stacks.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
