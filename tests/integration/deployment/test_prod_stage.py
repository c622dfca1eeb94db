"""The stage `prod` on MiniStack, without its database's stack: what the configuration says arrives on AWS.

MiniStack knows no RDS Proxy, and a PostgreSQL of the test's own has no certificate that `verify-full` would take.
So the database is given as one where nobody listens, and the last step, `migrate`, fails of it. The functions are
for this machine's processor.
"""

from dataclasses import replace
from typing import Any

import pytest

from infra.errors import InfraError
from infra.stages import Stage
from infra.teardown import destroy
from tests.integration.conftest import NATIVE
from tests.integration.deployment.conftest import Target, deployment

BUCKET = "file-loader-prod-000000000000-us-east-1"
DATABASE = {
    "UserName": "file_loader",
    "ProxyEndpoint": "127.0.0.1",
    "Port": "1",
    "DatabaseName": "file_loader",
    "ConnectArn": "arn:aws:rds-db:us-east-1:000000000000:dbuser:prx-1/file_loader",
    "InstanceIdentifier": "file-loader-prod",
    "MaxConnections": "80",
}
"""What the stack `database` would put out."""


@pytest.mark.slow(20)
def test_the_stage_arrives_as_it_is_configured(target: Target) -> None:
    prod = Stage.load("prod")
    stage = replace(
        prod,
        stacks=("storage", "network"),
        values=DATABASE,
        parameters={"RequireTls": "false"},
        architecture="host",
        invocations={**prod.invocations, "sweep": replace(prod.invocations["sweep"], ephemeral_storage=1024)},
    )
    deployed = deployment(stage, target.said)
    with pytest.raises(InfraError, match=r"(?s)migrate failed.*127\.0\.0\.1"):
        deployed.deploy()
    network = deployed.stacks.outputs("file-loader-prod-network")
    client = target.client("lambda")
    functions = {name: client.get_function_configuration(FunctionName=name) for name in target.functions()}
    for made in functions.values():
        assert made["VpcConfig"]["SubnetIds"] == network["SubnetIds"].split(",")
        assert made["VpcConfig"]["SecurityGroupIds"] == [network["FunctionsGroupId"]]
        assert made["Architectures"] == [NATIVE]
        assert made["Environment"]["Variables"]["DATABASE_IAM"] == "1"
        assert made["Environment"]["Variables"]["BUCKET"] == BUCKET
        assert "@127.0.0.1:1/file_loader?sslmode=verify-full" in made["Environment"]["Variables"]["DATABASE_URL"]
    sizes = {name: (made["MemorySize"], made["Timeout"]) for name, made in functions.items()}
    assert sizes["file-loader-prod"] == (1024, 29)
    assert sizes["file-loader-prod-process_upload"] == (1024, 120)
    assert sizes["file-loader-prod-sweep"] == (1024, 120)
    assert sizes["file-loader-prod-migrate"] == (512, 600)
    assert sizes["file-loader-prod-mark_files_for_reprocessing"] == (512, 300)
    reserved = {
        name: client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
        for name in functions
    }
    assert reserved["file-loader-prod"] == 40
    assert reserved["file-loader-prod-process_upload"] == 20
    assert {
        reserved[f"file-loader-prod-{name}"] for name in ("sweep", "migrate", "mark_files_for_reprocessing")
    } == {1}
    assert functions["file-loader-prod"]["EphemeralStorage"] == {"Size": 512}
    sweep = client.get_function_configuration(FunctionName="file-loader-prod-sweep")
    assert sweep["EphemeralStorage"] == {"Size": 1024}
    _the_logs_of_each_function_are_kept_for_a_month(target, set(functions))
    _each_role_writes_its_own_log(target, set(functions))
    alarms = target.client("cloudwatch").describe_alarms(AlarmNamePrefix="file-loader-prod-")["MetricAlarms"]
    [connections] = [alarm for alarm in alarms if alarm["MetricName"] == "DatabaseConnections"]
    assert connections["Threshold"] == 64
    destroy(deployed, "prod", delete_files=True)
    assert target.functions() == set()


def _the_logs_of_each_function_are_kept_for_a_month(target: Target, functions: set[str]) -> None:
    groups = target.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/file-loader-prod")[
        "logGroups"
    ]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert kept == {f"/aws/lambda/{function}": 30 for function in functions}


def _each_role_writes_its_own_log(target: Target, functions: set[str]) -> None:
    iam = target.client("iam")
    for function in functions:
        role = "file-loader-prod-api_handler" if function == "file-loader-prod" else function
        document: Any = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
        [logs] = [made for made in document["Statement"] if made["Sid"] == "WriteLogs"]
        group = f"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/{function}"
        assert logs["Resource"] == [group, f"{group}:*"]
