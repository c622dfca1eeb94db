"""Requirements on infra/templates beyond what cfn-lint checks in `make check`."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder
from chalice.deploy.models import LambdaFunction

from chalicelib.adapters.emf_metrics import NAMESPACE
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.metrics import Metric, Unit
from chalicelib.core.scanning.guardduty import TAG, to_verdict
from chalicelib.core.scanning.verdicts import Verdict
from chalicelib.settings import MAX_UPLOAD_SECONDS
from chalicelib.settings.parsers import MALWARE_SCANS
from emulator.postgres import APP_ROLE
from infra.app_functions import function_names
from infra.chalice_project import render
from infra.dashboard import FUNCTION_METRICS, expand_metrics, read_function_metrics, read_widgets
from infra.stages import Stage

PROJECT = Path(__file__).parents[2]
ORDER = ("secrets", "storage", "network", "database", "malware", "monitoring")
"""The order in which the stacks are created."""
UPGRADE_GUIDE = PROJECT / "docs" / "how-to" / "upgrade.md"


def template(name: str) -> dict[str, Any]:
    from cfnlint.decode.cfn_yaml import load  # type: ignore[import-untyped]  # ships no types; takes half a second

    document: dict[str, Any] = load(str(PROJECT / "infra" / "templates" / f"{name}.yaml"))
    return document


def resources(name: str, resource_type: str) -> dict[str, dict[str, Any]]:
    """Return the properties of each resource of that type, by its logical name."""
    return {
        logical: resource["Properties"]
        for logical, resource in template(name)["Resources"].items()
        if resource["Type"] == resource_type
    }


def test_presigned_urls_give_only_objects_that_guardduty_has_found_clean() -> None:
    """And nobody else than GuardDuty can say that one is, or with an upload."""
    [policy] = resources("storage", "AWS::S3::BucketPolicy").values()
    conditional = [statement["Fn::If"] for statement in policy["PolicyDocument"]["Statement"]]
    downloads, tags = (then for condition, then, _ in conditional if condition == "IsScannedByGuardDuty")
    assert downloads["Condition"] == {
        "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        "StringNotEquals": {f"s3:ExistingObjectTag/{TAG}": "NO_THREATS_FOUND"},
    }
    assert (downloads["Action"], to_verdict("NO_THREATS_FOUND")) == ("s3:GetObject", Verdict.CLEAN)
    assert tags["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["ScannerRole", "Arn"]}}}
    for statement in (downloads, tags):
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Resource"] == {"Fn::Sub": f"${{Bucket.Arn}}/{UPLOADS_PREFIX}*"}
    [plan] = resources("malware", "AWS::GuardDuty::MalwareProtectionPlan").values()
    assert plan["ProtectedResource"]["S3Bucket"]["ObjectPrefixes"] == [UPLOADS_PREFIX]
    assert plan["Actions"] == {"Tagging": {"Status": "ENABLED"}}


def test_guardduty_scans_a_stage_with_its_parameter(tmp_path: Path) -> None:
    stages = tmp_path / "stages.toml"
    text = (PROJECT / "infra" / "stages.toml").read_text()
    stages.write_text(text.replace('# MalwareScan = "guardduty"', 'MalwareScan = "guardduty"'))
    assert Stage.load("prod", stages).stacks == (*Stage.load("prod").stacks, "malware")


def test_functions_scan_as_the_bucket_s_stack_does() -> None:
    assert template("storage")["Outputs"]["MalwareScan"] == {"Value": {"Ref": "MalwareScan"}}
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    assert config["stages"]["prod"]["environment_variables"]["MALWARE_SCAN"] == "${MalwareScan}"
    assert template("storage")["Parameters"]["MalwareScan"]["AllowedValues"] == list(MALWARE_SCANS)


def values(tree: Any, name: str) -> Iterator[Any]:
    """Yield the values of that key at any depth."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name:
                yield value
            yield from values(value, name)
    elif isinstance(tree, list):
        for value in tree:
            yield from values(value, name)


def test_required_parameters_are_outputs_of_earlier_stacks() -> None:
    available = {"Stage", "BucketName"}
    for name in ORDER:
        document = template(name)
        required = {name for name, parameter in document["Parameters"].items() if "Default" not in parameter}
        assert required <= available, name
        available |= set(document["Outputs"])


def test_bucket_is_private_encrypted_and_unversioned() -> None:
    [bucket] = resources("storage", "AWS::S3::Bucket").values()
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert list(values(bucket, "ObjectOwnership")) == ["BucketOwnerEnforced"]
    assert list(values(bucket, "SSEAlgorithm")) == ["AES256"]
    assert "VersioningConfiguration" not in bucket
    [rule] = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled"
    days = rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
    assert timedelta(days=days) > timedelta(seconds=MAX_UPLOAD_SECONDS), "the sweep aborts an upload first"


def test_upgrade_guide_has_the_buckets_settings() -> None:
    """For a bucket that the template doesn't make. CloudFormation has other names for some of them."""
    [bucket] = resources("storage", "AWS::S3::Bucket").values()
    cors, lifecycle = map(json.loads, re.findall(r"```json\n(.+?)```", UPGRADE_GUIDE.read_text(), re.DOTALL))
    for on_aws, rule in zip(bucket["CorsConfiguration"]["CorsRules"], cors["CORSRules"], strict=True):
        on_aws = on_aws.get("Fn::If", [None, on_aws])[1]  # the rule of uploads depends on a parameter
        assert [rule["AllowedMethods"], rule["AllowedHeaders"], rule["ExposeHeaders"], rule["MaxAgeSeconds"]] == [
            on_aws["AllowedMethods"],
            on_aws["AllowedHeaders"],
            on_aws["ExposedHeaders"],
            on_aws["MaxAge"],
        ]
    [on_aws], [rule] = bucket["LifecycleConfiguration"]["Rules"], lifecycle["Rules"]
    assert {**on_aws, "ID": on_aws["Id"], "Filter": {"Prefix": ""}} == {**rule, "Id": on_aws["Id"]}


def test_no_object_in_the_bucket_expires() -> None:
    """Neither files nor thumbnails: rows refer to them for as long as they exist."""
    [bucket] = resources("storage", "AWS::S3::Bucket").values()
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [name for rule in rules for name in rule if "Expiration" in name] == []


def test_bucket_template_has_no_notification_configuration() -> None:
    assert not list(values(template("storage"), "NotificationConfiguration"))


def test_network_has_no_internet_access() -> None:
    resource_types = {resource["Type"] for resource in template("network")["Resources"].values()}
    assert resource_types == {
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


def test_security_groups_admit_only_the_previous_tier() -> None:
    groups = resources("network", "AWS::EC2::SecurityGroup")
    sources = {
        name: [rule["SourceSecurityGroupId"]["Fn::GetAtt"][0] for rule in group.get("SecurityGroupIngress", [])]
        for name, group in groups.items()
    }
    assert sources == {"FunctionsGroup": [], "ProxyGroup": ["FunctionsGroup"], "DatabaseGroup": ["ProxyGroup"]}


@pytest.mark.parametrize("name", ["FunctionsGroup", "ProxyGroup", "DatabaseGroup"])
def test_security_groups_restrict_egress(name: str) -> None:
    """Without an egress rule EC2 allows everything."""
    rules = resources("network", "AWS::EC2::SecurityGroup")[name]["SecurityGroupEgress"]
    assert rules
    assert all(rule["IpProtocol"] == "tcp" and rule["FromPort"] == rule["ToPort"] for rule in rules)


def test_database_is_private_encrypted_and_kept_as_a_snapshot() -> None:
    [database] = resources("database", "AWS::RDS::DBInstance").values()
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    whole = template("database")
    assert whole["Resources"]["Database"]["DeletionPolicy"] == "Snapshot"
    assert whole["Resources"]["Database"]["UpdateReplacePolicy"] == "Snapshot"
    assert whole["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_database_allows_major_version_upgrades() -> None:
    """RDS needs the permission, and a parameter group of the new version's family."""
    [database] = resources("database", "AWS::RDS::DBInstance").values()
    [group] = resources("database", "AWS::RDS::DBParameterGroup").values()
    assert database["AllowMajorVersionUpgrade"] is True
    assert database["EngineVersion"] == {"Ref": "EngineVersion"}
    assert group["Family"] == {"Fn::Sub": "postgres${EngineVersion}"}
    assert "DBParameterGroupName" not in group  # the old and the new one exist at once


def test_database_password_is_managed_by_rds() -> None:
    whole = template("database")
    assert list(values(whole, "ManageMasterUserPassword")) == [True]
    assert not list(values(whole, "MasterUserPassword"))
    [proxy] = resources("database", "AWS::RDS::DBProxy").values()
    assert proxy["RequireTLS"] is True
    assert [auth["IAMAuth"] for auth in proxy["Auth"]] == ["REQUIRED"]


def test_proxy_logs_in_with_iam_as_the_role_that_the_migration_creates() -> None:
    [role] = resources("database", "AWS::IAM::Role").values()
    [database] = resources("database", "AWS::RDS::DBInstance").values()
    [proxy] = resources("database", "AWS::RDS::DBProxy").values()
    assert (database["EnableIAMDatabaseAuthentication"], proxy["DefaultAuthScheme"]) == (True, "IAM_AUTH")
    [login] = role["Policies"][1]["PolicyDocument"]["Statement"]
    arn, values_of_arn = login["Resource"]["Fn::Sub"]
    assert (login["Action"], arn.rpartition("/")[2]) == ("rds-db:connect", APP_ROLE)
    assert values_of_arn == {"Id": {"Fn::GetAtt": ["Database", "DbiResourceId"]}}
    outputs = template("database")["Outputs"]
    assert (outputs["AppUserName"]["Value"], outputs["OwnerUserName"]["Value"]) == (
        APP_ROLE,
        database["MasterUsername"],
    )
    for name in ("App", "Owner"):
        connect_arn = outputs[f"{name}ConnectArn"]["Value"]["Fn::Sub"][0]
        assert connect_arn.rpartition("/")[2] == outputs[f"{name}UserName"]["Value"]


def test_proxy_role_may_only_read_the_password_and_log_in() -> None:
    [role] = resources("database", "AWS::IAM::Role").values()
    policy, _ = role["Policies"]
    reading, decrypting = policy["PolicyDocument"]["Statement"]
    assert (reading["Effect"], reading["Action"]) == ("Allow", "secretsmanager:GetSecretValue")
    assert reading["Resource"] == {"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}
    assert (decrypting["Effect"], decrypting["Action"]) == ("Allow", "kms:Decrypt")
    via = decrypting["Condition"]["StringEquals"]["kms:ViaService"]
    assert via == {"Fn::Sub": "secretsmanager.${AWS::Region}.amazonaws.com"}
    [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "rds.amazonaws.com"}


def test_parameter_group_sets_the_statement_timeout_tls_and_a_log_without_statements() -> None:
    [group] = resources("database", "AWS::RDS::DBParameterGroup").values()
    assert group["Parameters"]["log_min_error_statement"] == "panic"
    assert group["Parameters"]["log_error_verbosity"] == "terse"
    assert group["Parameters"]["statement_timeout"] == "10000"
    assert group["Parameters"]["work_mem"] == "16384"
    assert group["Parameters"]["jit"] == "0"
    assert group["Parameters"]["rds.force_ssl"] == "1"


def test_connections_alarm_is_at_80_percent_of_max_connections() -> None:
    max_connections = template("database")["Parameters"]["MaxConnections"]["Default"]
    assert template("monitoring")["Parameters"]["ConnectionsAlarm"]["Default"] == max_connections * 4 // 5


def test_alarms_notify_the_topic_and_have_a_description() -> None:
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
"""AWS's metrics by namespace: dimensions and names. CloudWatch accepts unknown names, and shows nothing.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html"""


def test_alarms_use_existing_metrics() -> None:
    for name, alarm in resources("monitoring", "AWS::CloudWatch::Alarm").items():
        if alarm.get("Namespace", "").startswith("AWS/"):
            dimensions, metrics = METRICS[alarm["Namespace"]]
            assert alarm["MetricName"] in metrics, name
            assert {dimension["Name"] for dimension in alarm["Dimensions"]} <= dimensions, name


def test_dashboard_uses_existing_metrics() -> None:
    shown = [metric for widget in read_widgets("prod") for metric in expand_metrics(widget["metrics"])]
    assert len(shown) > 20
    for namespace, metric, *dimensions in shown:
        if namespace.startswith("AWS/"):
            dimension_names, metrics = METRICS[namespace]
            assert metric in metrics
            assert set(dimensions[::2]) <= dimension_names


def test_storage_alarm_is_below_the_autoscaling_threshold() -> None:
    """RDS grows the storage when a tenth is free."""
    allocated = template("database")["Parameters"]["AllocatedStorage"]["Default"] * 10**9
    alarms = resources("monitoring", "AWS::CloudWatch::Alarm").values()
    [alarm] = [alarm for alarm in alarms if alarm.get("MetricName") == "FreeStorageSpace"]
    assert alarm["Threshold"] < allocated / 10


def test_alarms_and_dashboard_use_the_function_names_of_chalice() -> None:
    config = CLIFactory(str(PROJECT)).create_config_obj("prod")
    models = ApplicationGraphBuilder().build(config, "prod").dependencies()
    functions = {model.function_name for model in _with_dependencies(models) if isinstance(model, LambdaFunction)}
    assert functions == {Stage.load("prod").function_name(name) for name in function_names()}
    shown = read_function_metrics("prod")
    assert {(metric, function) for metric in FUNCTION_METRICS for function in functions} <= shown
    assert {function for _, function in shown} == functions
    watched = {
        dimension["Value"]["Fn::Sub"].replace("${Stage}", "prod")
        for alarm in resources("monitoring", "AWS::CloudWatch::Alarm").values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    assert watched <= functions


def test_dashboard_shows_every_metric_by_its_dimension() -> None:
    metrics = [metric for widget in read_widgets("prod") for metric in expand_metrics(widget["metrics"])]
    searches = {expression for widget in read_widgets("prod") for expression in values(widget, "expression")}
    assert {tuple(metric) for metric in metrics if metric[0] == NAMESPACE} == {
        (NAMESPACE, measure, "stage", "prod") for measure in Metric if not measure.dimension
    }
    assert searches == {_search(measure) for measure in Metric if measure.dimension}


def _search(measure: Metric) -> str:
    """Return the search expression of a metric. Names with other characters than letters and digits are quoted.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"""
    schema = f'{{"{NAMESPACE}",stage,{measure.dimension}}}'
    return f"""SEARCH('{schema} MetricName="{measure}" stage="prod"', 'Sum', 60)"""


def test_queue_age_alarm_uses_the_sweeps_metric() -> None:
    [alarm] = [
        alarm
        for alarm in resources("monitoring", "AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == NAMESPACE
    ]
    assert alarm["MetricName"] == Metric.QUEUE_AGE
    assert Metric.QUEUE_AGE.unit is Unit.SECONDS
    assert alarm["Dimensions"] == [{"Name": "stage", "Value": {"Ref": "Stage"}}]
    assert [{"label": "alarm", "value": alarm["Threshold"]}] in values(read_widgets("prod"), "horizontal")


def test_number_of_alarms_is_the_free_tiers() -> None:
    assert len(resources("monitoring", "AWS::CloudWatch::Alarm")) == 10


@pytest.mark.parametrize("stage", ["prod", "localstack"])
def test_metrics_have_the_stages_name(stage: str) -> None:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    value = config["stages"][stage]["environment_variables"]["STAGE"]
    assert render(value, {"Stage": stage}) == stage


def test_docs_list_every_alarm_and_metric() -> None:
    alarms = (PROJECT / "docs" / "how-to" / "operate.md").read_text()
    metrics = (PROJECT / "docs" / "reference" / "metrics.md").read_text()
    for alarm in resources("monitoring", "AWS::CloudWatch::Alarm").values():
        name = alarm["AlarmName"]["Fn::Sub"].removeprefix("file-loader-${Stage}-")
        assert f"\n| {name} |" in alarms
    for measure in Metric:
        assert f"\n| `{measure}` | {measure.unit} | {measure.dimension or '–'} |" in metrics


def _with_dependencies(models: list[Any]) -> Iterator[Any]:
    for model in models:
        yield model
        yield from _with_dependencies(model.dependencies())
