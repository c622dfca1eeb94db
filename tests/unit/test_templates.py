"""What must stay true of infra/templates. cfn-lint, in `make check`, sees to the rest."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load  # type: ignore[import-untyped]  # ships no types
from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder
from chalice.deploy.models import LambdaFunction

from chalicelib.adapters.telemetry import NAMESPACE
from chalicelib.core.metrics import Metric, Unit
from infra.project import filled_in
from infra.stages import FUNCTIONS, Stage

PROJECT = Path(__file__).parents[2]
ORDER = ("storage", "network", "database", "monitoring")
"""In which the stacks are made."""


def template(name: str) -> dict[str, Any]:
    made: dict[str, Any] = load(str(PROJECT / "infra" / "templates" / f"{name}.yaml"))
    return made


def resources(name: str, kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of each resource of that type, by its logical name."""
    return {
        logical: resource["Properties"]
        for logical, resource in template(name)["Resources"].items()
        if resource["Type"] == kind
    }


def values(tree: Any, name: str) -> Iterator[Any]:
    """Yield what stands under that key, at any depth."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name:
                yield value
            yield from values(value, name)
    elif isinstance(tree, list):
        for value in tree:
            yield from values(value, name)


def test_each_stack_gets_what_it_needs_from_an_earlier_one() -> None:
    given = {"Stage", "BucketName"}
    for name in ORDER:
        made = template(name)
        needed = {parameter for parameter, about in made["Parameters"].items() if "Default" not in about}
        assert needed <= given, name
        given |= set(made["Outputs"])


def test_the_bucket_is_private_encrypted_and_forgets_what_was_deleted() -> None:
    [bucket] = resources("storage", "AWS::S3::Bucket").values()
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert list(values(bucket, "ObjectOwnership")) == ["BucketOwnerEnforced"]
    assert list(values(bucket, "SSEAlgorithm")) == ["AES256"]
    assert "VersioningConfiguration" not in bucket
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_nothing_in_the_bucket_expires() -> None:
    """Neither files nor thumbnails, which a row refers to as long as it is there."""
    [bucket] = resources("storage", "AWS::S3::Bucket").values()
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [name for rule in rules for name in rule if "Expiration" in name] == []


def test_the_bucket_leaves_the_notification_to_chalice() -> None:
    assert not list(values(template("storage"), "NotificationConfiguration"))


def test_the_network_has_no_way_out() -> None:
    kinds = {resource["Type"] for resource in template("network")["Resources"].values()}
    assert kinds == {
        "AWS::EC2::VPC",
        "AWS::EC2::Subnet",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::SecurityGroup",
    }
    [endpoint] = resources("network", "AWS::EC2::VPCEndpoint").values()
    assert endpoint["VpcEndpointType"] == "Gateway"  # an interface costs by the hour
    [allowed] = endpoint["PolicyDocument"]["Statement"]
    assert all("${BucketName}" in resource["Fn::Sub"] for resource in allowed["Resource"])


def test_each_part_is_reached_from_the_one_before_it_alone() -> None:
    groups = resources("network", "AWS::EC2::SecurityGroup")
    sources = {
        name: [rule["SourceSecurityGroupId"]["Fn::GetAtt"][0] for rule in group.get("SecurityGroupIngress", [])]
        for name, group in groups.items()
    }
    assert sources == {"FunctionsGroup": [], "ProxyGroup": ["FunctionsGroup"], "DatabaseGroup": ["ProxyGroup"]}


@pytest.mark.parametrize("name", ["FunctionsGroup", "ProxyGroup", "DatabaseGroup"])
def test_every_group_says_what_may_go_out(name: str) -> None:
    """EC2 would allow everything otherwise."""
    rules = resources("network", "AWS::EC2::SecurityGroup")[name]["SecurityGroupEgress"]
    assert rules
    assert all(rule["IpProtocol"] == "tcp" and rule["FromPort"] == rule["ToPort"] for rule in rules)


def test_the_database_is_private_encrypted_and_outlives_its_stack() -> None:
    [database] = resources("database", "AWS::RDS::DBInstance").values()
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    whole = template("database")
    assert whole["Resources"]["Database"]["DeletionPolicy"] == "Snapshot"
    assert whole["Resources"]["Database"]["UpdateReplacePolicy"] == "Snapshot"
    assert whole["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_a_major_version_is_a_parameter_that_may_change() -> None:
    """RDS wants it allowed, and a parameter group of the new family; it takes none from the older one."""
    [database] = resources("database", "AWS::RDS::DBInstance").values()
    [group] = resources("database", "AWS::RDS::DBParameterGroup").values()
    assert database["AllowMajorVersionUpgrade"] is True
    assert database["EngineVersion"] == {"Ref": "EngineVersion"}
    assert group["Family"] == {"Fn::Sub": "postgres${EngineVersion}"}
    assert "DBParameterGroupName" not in group  # a name of its own couldn't be given to the new one as well


def test_nobody_but_rds_knows_a_password() -> None:
    whole = template("database")
    assert list(values(whole, "ManageMasterUserPassword")) == [True]
    assert not list(values(whole, "MasterUserPassword"))
    [proxy] = resources("database", "AWS::RDS::DBProxy").values()
    assert proxy["RequireTLS"] is True
    assert [auth["IAMAuth"] for auth in proxy["Auth"]] == ["REQUIRED"]


def test_the_proxy_may_read_the_password_and_nothing_else() -> None:
    [role] = resources("database", "AWS::IAM::Role").values()
    [policy] = role["Policies"]
    reading, decrypting = policy["PolicyDocument"]["Statement"]
    assert (reading["Effect"], reading["Action"]) == ("Allow", "secretsmanager:GetSecretValue")
    assert reading["Resource"] == {"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}
    assert (decrypting["Effect"], decrypting["Action"]) == ("Allow", "kms:Decrypt")
    via = decrypting["Condition"]["StringEquals"]["kms:ViaService"]
    assert via == {"Fn::Sub": "secretsmanager.${AWS::Region}.amazonaws.com"}
    [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "rds.amazonaws.com"}


def test_the_proxy_sets_what_it_refuses_from_the_app() -> None:
    [group] = resources("database", "AWS::RDS::DBParameterGroup").values()
    assert group["Parameters"]["statement_timeout"] == "10000"
    assert group["Parameters"]["rds.force_ssl"] == "1"


def test_the_alarm_comes_at_four_fifths_of_the_connections() -> None:
    most = template("database")["Parameters"]["MaxConnections"]["Default"]
    assert template("monitoring")["Parameters"]["ConnectionsAlarm"]["Default"] == most * 4 // 5


def test_every_alarm_reaches_somebody_and_says_what_it_means() -> None:
    alarms = resources("monitoring", "AWS::CloudWatch::Alarm")
    assert alarms
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Topic"}], name
        assert len(alarm["AlarmDescription"]) > 50, name
        assert "TreatMissingData" in alarm, name


METRICS = {
    "AWS/Lambda": (
        {"FunctionName"},
        {"AsyncEventAge", "ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"},
    ),
    "AWS/ApiGateway": ({"ApiName", "Stage"}, {"4XXError", "5XXError", "Count", "IntegrationLatency", "Latency"}),
    "AWS/SQS": (
        {"QueueName"},
        {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
    ),
    "AWS/RDS": (
        {"DBInstanceIdentifier", "ProxyName"},
        {"ClientConnections", "CPUCreditBalance", "CPUUtilization", "DatabaseConnections"}
        | {"DatabaseConnectionsCurrentlySessionPinned", "FreeableMemory", "FreeStorageSpace"},
    ),
}
"""What AWS measures, by namespace: dimensions and metrics. CloudWatch takes any name and shows nothing for it.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html"""


def test_the_alarms_watch_metrics_that_there_are() -> None:
    for name, alarm in resources("monitoring", "AWS::CloudWatch::Alarm").items():
        if alarm.get("Namespace", "").startswith("AWS/"):
            dimensions, metrics = METRICS[alarm["Namespace"]]
            assert alarm["MetricName"] in metrics, name
            assert {dimension["Name"] for dimension in alarm["Dimensions"]} <= dimensions, name


def test_the_dashboard_shows_metrics_that_there_are() -> None:
    [dashboard] = resources("monitoring", "AWS::CloudWatch::Dashboard").values()
    shown = list(_shown(json.loads(dashboard["DashboardBody"]["Fn::Sub"])))
    assert len(shown) > 20
    for namespace, metric, *dimensions in shown:
        if namespace.startswith("AWS/"):
            known, metrics = METRICS[namespace]
            assert metric in metrics
            assert set(dimensions[::2]) <= known


def _shown(dashboard: Any) -> Iterator[list[str]]:
    """Yield the metrics with what "." and "..." repeat of the one above."""
    for widget in dashboard["widgets"]:
        above: list[str] = []
        for metric in widget["properties"].get("metrics", []):
            said = [part for part in metric if isinstance(part, str)]
            if said[:1] == ["..."]:
                said = above[: len(above) - len(said) + 1] + said[1:]
            above = [above[place] if part == "." else part for place, part in enumerate(said)]
            if above:
                yield above


def test_the_storage_alarm_comes_after_rds_should_have_let_it_grow() -> None:
    """Which it does when a tenth is left."""
    least = template("database")["Parameters"]["AllocatedStorage"]["Default"] * 10**9
    alarms = resources("monitoring", "AWS::CloudWatch::Alarm").values()
    [alarm] = [alarm for alarm in alarms if alarm.get("MetricName") == "FreeStorageSpace"]
    assert alarm["Threshold"] < least / 10


def test_the_alarms_and_the_dashboard_name_the_functions_as_chalice_does() -> None:
    config = CLIFactory(str(PROJECT)).create_config_obj("prod")
    parts = ApplicationGraphBuilder().build(config, "prod").dependencies()
    functions = {part.function_name for part in _all(parts) if isinstance(part, LambdaFunction)}
    assert functions == {Stage.load("prod").function(name) for name in FUNCTIONS}
    [dashboard] = resources("monitoring", "AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]["Fn::Sub"].replace("${Stage}", "prod")
    assert all(f'"{function}"' in body for function in functions)
    watched = {
        dimension["Value"]["Fn::Sub"].replace("${Stage}", "prod")
        for alarm in resources("monitoring", "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    assert watched <= functions


def dashboard() -> list[dict[str, Any]]:
    """Return the widgets' properties, for the stage `prod`."""
    [made] = resources("monitoring", "AWS::CloudWatch::Dashboard").values()
    body = made["DashboardBody"]["Fn::Sub"].replace("${Stage}", "prod")
    return [widget["properties"] for widget in json.loads(body)["widgets"]]


def test_the_dashboard_shows_every_measure_by_its_dimensions() -> None:
    metrics = [metric for properties in dashboard() for metric in _written_out(properties["metrics"])]
    searches = {expression for properties in dashboard() for expression in values(properties, "expression")}
    assert {tuple(metric) for metric in metrics if metric[0] == NAMESPACE} == {
        (NAMESPACE, measure, "stage", "prod") for measure in Metric if not measure.dimension
    }
    assert searches == {_search(measure) for measure in Metric if measure.dimension}


def _written_out(metrics: list[list[Any]]) -> Iterator[list[str]]:
    """Yield each metric with its full name, for "." and "..." what stands above them."""
    above: list[str] = []
    for metric in metrics:
        names = [part for part in metric if isinstance(part, str)]
        if names[:1] == ["..."]:
            names = above[: len(above) - len(names) + 1] + names[1:]
        if names:
            above = [above[place] if name == "." else name for place, name in enumerate(names)]
            yield above


def _search(measure: Metric) -> str:
    """A name that isn't letters and digits alone stands in quotes.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"""
    schema = f'{{"{NAMESPACE}",stage,{measure.dimension}}}'
    return f"""SEARCH('{schema} MetricName="{measure}" stage="prod"', 'Sum', 60)"""


def test_the_alarm_on_waiting_files_looks_at_the_sweeps_measure() -> None:
    [alarm] = [
        alarm
        for alarm in resources("monitoring", "AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == NAMESPACE
    ]
    assert alarm["MetricName"] == Metric.QUEUE_AGE
    assert Metric.QUEUE_AGE.unit is Unit.SECONDS
    assert alarm["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Stage"}}]
    assert [{"label": "alarm", "value": alarm["Threshold"]}] in values(dashboard(), "horizontal")


def test_no_more_alarms_than_cost_nothing() -> None:
    assert len(resources("monitoring", "AWS::CloudWatch::Alarm")) == 10


@pytest.mark.parametrize("stage", ["prod", "localstack"])
def test_a_stages_metrics_are_its_own(stage: str) -> None:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    given = config["stages"][stage]["environment_variables"]["STAGE"]
    assert filled_in(given, {"Stage": stage}) == stage


def test_the_page_on_operations_knows_every_alarm_and_measure() -> None:
    alarms = (PROJECT / "docs" / "how-to" / "operate.md").read_text()
    metrics = (PROJECT / "docs" / "reference" / "metrics.md").read_text()
    for alarm in resources("monitoring", "AWS::CloudWatch::Alarm").values():
        name = alarm["AlarmName"]["Fn::Sub"].removeprefix("file-loader-${Stage}-")
        assert f"\n| {name} |" in alarms
    for measure in Metric:
        assert f"\n| `{measure}` | {measure.unit} | {measure.dimension or '–'} |" in metrics


def _all(parts: list[Any]) -> Iterator[Any]:
    for part in parts:
        yield part
        yield from _all(part.dependencies())
