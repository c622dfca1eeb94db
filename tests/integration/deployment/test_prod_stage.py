"""Deploying the stage `prod` to MiniStack, without its database stack: the configuration reaches AWS.

MiniStack has no RDS Proxy, and the test's own PostgreSQL has no certificate that `verify-full` would accept. So
the database URL is one where nothing listens, and the last step, `migrate`, fails. The functions are for this
machine's processor.
"""

from dataclasses import replace
from typing import Any

import pytest

from infra.app_functions import function_names
from infra.chalice_project import PROJECT_ROOT, function_config
from infra.errors import InfraError
from infra.stages import Stage
from infra.teardown import destroy
from tests.integration.conftest import NATIVE
from tests.integration.deployment.conftest import Target, deployment

BUCKET = "file-loader-prod-000000000000-us-east-1"
DATABASE = {
    "OwnerUserName": "file_loader",
    "AppUserName": "file_loader_app",
    "ProxyEndpoint": "127.0.0.1",
    "Port": "1",
    "DatabaseName": "file_loader",
    "OwnerConnectArn": "arn:aws:rds-db:us-east-1:000000000000:dbuser:prx-1/file_loader",
    "AppConnectArn": "arn:aws:rds-db:us-east-1:000000000000:dbuser:prx-1/file_loader_app",
    "InstanceIdentifier": "file-loader-prod",
    "MaxConnections": "80",
}
"""The outputs that the stack `database` would have."""


@pytest.mark.slow(10)
def test_prod_is_deployed_as_configured(target: Target) -> None:
    prod = Stage.load("prod")
    stage = replace(
        prod,
        stacks=("secrets", "storage", "network"),
        values=DATABASE,
        parameters={"RequireTls": "false"},
        architecture="host",
        async_invoke={**prod.async_invoke, "sweep": replace(prod.async_invoke["sweep"], ephemeral_storage=1024)},
    )
    deployed = deployment(stage, target.reported)
    with pytest.raises(InfraError, match=r"(?s)migrate failed.*127\.0\.0\.1"):
        deployed.deploy()
    network = deployed.stacks.outputs("file-loader-prod-network")
    client = target.client("lambda")
    functions = {name: client.get_function_configuration(FunctionName=name) for name in target.functions()}
    for function in functions.values():
        in_network = function["FunctionName"] != "file-loader-prod-fetch_signing_keys"
        vpc: Any = function.get("VpcConfig", {})
        assert vpc.get("SubnetIds", []) == (network["SubnetIds"].split(",") if in_network else [])
        assert vpc.get("SecurityGroupIds", []) == ([network["FunctionsGroupId"]] if in_network else [])
        assert function["Architectures"] == [NATIVE]
        variables = function["Environment"]["Variables"]
        assert variables["DATABASE_IAM"] == "1"
        assert variables["BUCKET"] == BUCKET
        database = "127.0.0.1:1/file_loader?sslmode=verify-full&sslrootcert=/var/task/botocore/cacert.pem"
        assert variables["DATABASE_URL"] == f"postgresql://file_loader_app@{database}"
        is_migrate = function["FunctionName"] == "file-loader-prod-migrate"
        owner_url = f"postgresql://file_loader@{database}" if is_migrate else None
        assert variables.get("MIGRATION_DATABASE_URL") == owner_url
        is_routes = function["FunctionName"] == "file-loader-prod"
        assert variables.get("UPLOAD_TOKEN_SECRET") == (_upload_token_secret(target) if is_routes else None)
    assert deployed.project.stat().st_mode & 0o777 == 0o700
    reserved = {
        name: client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
        for name in functions
    }
    for name in function_names():
        config, function_name = function_config(PROJECT_ROOT, "prod", name), prod.function_name(name)
        deployed_as = (functions[function_name]["MemorySize"], functions[function_name]["Timeout"])
        assert deployed_as == (config.lambda_memory_size, config.lambda_timeout), name
        assert reserved[function_name] == config.reserved_concurrency, name
    assert len(functions) == len(function_names())
    sizes = {name: (function["MemorySize"], function["Timeout"]) for name, function in functions.items()}
    assert sizes["file-loader-prod"] == (1024, 29)
    assert sizes["file-loader-prod-process_upload"] == (1024, 120)
    assert sizes["file-loader-prod-sweep"] == (1024, 165)
    assert sizes["file-loader-prod-migrate"] == (512, 600)
    assert sizes["file-loader-prod-mark_files_for_reprocessing"] == (512, 300)
    assert reserved["file-loader-prod"] == 40
    assert reserved["file-loader-prod-process_upload"] == 20
    assert {
        reserved[f"file-loader-prod-{name}"]
        for name in ("sweep", "migrate", "mark_files_for_reprocessing", "manage")
    } == {1}
    assert functions["file-loader-prod"]["EphemeralStorage"] == {"Size": 512}
    sweep = client.get_function_configuration(FunctionName="file-loader-prod-sweep")
    assert sweep["EphemeralStorage"] == {"Size": 1024}
    api = target.client("apigateway")
    [api_id] = target.apis()
    throttling = api.get_stage(restApiId=api_id, stageName="v1")["methodSettings"]["*/*"]
    assert throttling["throttlingBurstLimit"] == reserved["file-loader-prod"]
    _check_log_retention(target, set(functions))
    _check_permissions(target, set(functions))
    alarms = target.client("cloudwatch").describe_alarms(AlarmNamePrefix="file-loader-prod-")["MetricAlarms"]
    [connections] = [alarm for alarm in alarms if alarm["MetricName"] == "DatabaseConnections"]
    assert connections["Threshold"] == 64
    uploads, reads = target.client("s3").get_bucket_cors(Bucket=BUCKET)["CORSRules"]
    assert reads["AllowedMethods"] == ["GET", "HEAD"]
    [own_page] = uploads["AllowedOrigins"]  # the stage has no CORS_ORIGINS
    assert deployed.url(api_id).startswith(f"{own_page}/")
    destroy(deployed, "prod", delete_files=True)
    assert target.functions() == set()


def _upload_token_secret(target: Target) -> str:
    """Return the secret that CloudFormation has generated, and that whoever deploys can read."""
    client = target.client("secretsmanager")
    secret: str = client.get_secret_value(SecretId="file-loader-prod-upload-tokens")["SecretString"]
    assert len(secret) == 64
    assert secret not in "\n".join(target.reported)
    return secret


def _check_log_retention(target: Target, functions: set[str]) -> None:
    groups = target.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/file-loader-prod")[
        "logGroups"
    ]
    retention = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert retention == {f"/aws/lambda/{function}": 30 for function in functions}


def _check_permissions(target: Target, functions: set[str]) -> None:
    iam = target.client("iam")
    for function in functions:
        role = "file-loader-prod-api_handler" if function == "file-loader-prod" else function
        assert iam.list_role_policies(RoleName=role)["PolicyNames"] == [role]
        document: Any = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
        statements = {statement["Sid"]: statement for statement in document["Statement"]}
        group = f"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/{function}"
        assert statements["WriteLogs"]["Resource"] == [group, f"{group}:*"]
        if function == "file-loader-prod-fetch_signing_keys":  # it is outside the network
            assert set(statements) == {"StoreSigningKeys", "WriteLogs"}
            continue
        user = "file_loader" if function == "file-loader-prod-migrate" else "file_loader_app"
        login = f"arn:aws:rds-db:us-east-1:000000000000:dbuser:prx-1/{user}"
        assert statements["ConnectToDatabase"]["Resource"] == login
        condition = {"lambda:SourceFunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}"}
        assert statements["DenyVpcToCode"]["Condition"] == {"ArnEquals": condition}
