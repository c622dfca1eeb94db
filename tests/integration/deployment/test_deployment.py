"""Deploying to MiniStack: a first run, a failure, continuing, repeating and destroying."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from chalicelib.http.lambda_events import scan_results_of
from infra import stacks as stacks_module
from infra.app_functions import function_names
from infra.errors import InfraError
from infra.stacks import Stacks
from infra.stages import API_HANDLER, Stage
from infra.teardown import destroy
from tests.integration.conftest import created_event
from tests.integration.deployment.conftest import NEWEST, Target
from tests.integration.rest_api_event import request

BUCKET = "file-loader"
KEY = "uploads/of/another tool.txt"
FUNCTIONS = {Stage.load("localstack").function_name(name) for name in function_names()}


@pytest.mark.slow(15)
def test_deploy_fail_continue_and_destroy(target: Target) -> None:
    target.relay.fail_next = "PUT /restapis/"  # while Chalice deploys, after it has created all functions
    with pytest.raises(InfraError, match="run the same command again"):
        target.deployment.deploy()
    assert target.functions() == FUNCTIONS
    target.reported.clear()
    target.deployment.deploy()
    assert target.reported[1:4] == [
        "stack file-loader-localstack-storage",
        "functions and routes",
        f"  the database is at version {NEWEST}",  # before Chalice updates the functions that may need it
    ]
    assert target.functions() == FUNCTIONS
    assert len(target.apis()) == 1
    _check_triggers(target)
    _check_settings_that_chalice_lacks(target)
    _check_that_api_gateway_may_call_the_routes(target)
    _check_that_an_object_is_processed(target)
    _check_that_a_dead_letter_is_handled(target)
    _check_destroy_and_its_confirmations(target)


@pytest.mark.slow(6)
def test_destroy_after_a_failed_run_leaves_nothing(target: Target) -> None:
    target.relay.fail_next = "PUT /restapis/"
    with pytest.raises(InfraError, match="run the same command again"):
        target.deployment.deploy()
    assert target.functions() == FUNCTIONS
    destroy(target.deployment, "localstack", delete_files=False)
    _check_that_nothing_is_left(target)


def _check_triggers(target: Target) -> None:
    notification = target.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    [trigger] = notification["LambdaFunctionConfigurations"]
    assert trigger["LambdaFunctionArn"].endswith(":file-loader-localstack-process_upload")
    assert [rule["Value"] for rule in trigger["Filter"]["Key"]["FilterRules"]] == ["uploads/"]
    rules = target.client("events").list_rules()["Rules"]
    assert {
        rule["Name"].removeprefix("file-loader-localstack-"): rule.get("ScheduleExpression")
        or json.loads(rule["EventPattern"])
        for rule in rules
    } == {
        "handle_scan_result-event": scan_results_of(BUCKET),
        "sweep-event": "rate(1 minute)",
        "fetch_signing_keys-event": "rate(5 minutes)",
    }
    [mapping] = _event_source_mappings(target)
    assert mapping["EventSourceArn"].endswith(":file-loader-localstack-dead-letters")
    assert mapping["FunctionArn"].endswith(":file-loader-localstack-handle_dead_letters")
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (10, {"MaximumConcurrency": 2})
    methods = {path: list(described) for path, described in target.relay.imported[-1]["paths"].items()}
    assert methods["/api/upload"] == ["post", "options"]
    assert methods["/api/files"] == ["get", "head", "options"]
    assert "multipart/form-data" in target.relay.imported[-1]["x-amazon-apigateway-binary-media-types"]


def _event_source_mappings(target: Target) -> list[dict[str, Any]]:
    mappings: list[dict[str, Any]] = target.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return mappings


def _check_settings_that_chalice_lacks(target: Target) -> None:
    client = target.client("lambda")
    config = client.get_function_event_invoke_config(FunctionName="file-loader-localstack-process_upload")
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (2, 21600)
    assert config["DestinationConfig"]["OnFailure"]["Destination"].endswith(":file-loader-localstack-dead-letters")
    config = client.get_function_event_invoke_config(FunctionName="file-loader-localstack-sweep")
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 60)
    assert "Destination" not in config["DestinationConfig"].get("OnFailure", {})
    api = target.client("apigateway")
    [api_id] = target.apis()
    unknown = api.get_gateway_response(restApiId=api_id, responseType="MISSING_AUTHENTICATION_TOKEN")
    assert unknown["statusCode"] == "404"
    assert unknown["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
    body = unknown["responseTemplates"]["application/json"].replace("$context.requestId", "1")
    assert json.loads(body)["error"] == "not_found"
    assert api.get_stage(restApiId=api_id, stageName="v1")["methodSettings"]["*/*"]["throttlingRateLimit"] == 1000


def _check_that_api_gateway_may_call_the_routes(target: Target) -> None:
    """With one permission for all methods of all paths, and the settings of web pages' origins."""
    client, name = target.client("lambda"), Stage.load("localstack").function_name(API_HANDLER)
    [statement] = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    [api_id] = target.apis()
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"].endswith(f":{api_id}/*")
    for method, status in (("OPTIONS", 204), ("HEAD", 200)):
        event = request(method, "/api/files", headers={"Origin": "https://b.example"})
        response = json.load(client.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])
        assert (response["statusCode"], response["body"]) == (status, "")
        assert response["headers"]["Access-Control-Allow-Origin"] == "https://b.example"


def _check_that_an_object_is_processed(target: Target) -> None:
    """By the deployed function, when S3 triggers it."""
    target.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"hello\n")
    _wait_until_true(target, "SELECT status = 'processed' FROM files")


def _check_that_a_dead_letter_is_handled(target: Target) -> None:
    """By the deployed function, when the queue triggers it."""
    _run(target, "UPDATE files SET status = 'expired', version = 1000")
    sqs = target.client("sqs")
    queue = sqs.get_queue_url(QueueName="file-loader-localstack-dead-letters")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(created_event(KEY)))
    _wait_until_true(target, "SELECT status <> 'expired' AND version > 1000 FROM files")
    waiting = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    end = time.monotonic() + 30
    while set(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=waiting)["Attributes"].values()) != {"0"}:
        assert time.monotonic() < end, "the message stays"
        time.sleep(0.1)


def _wait_until_true(target: Target, query: str) -> None:
    end = time.monotonic() + 30
    while _run(target, query) != [True]:
        assert time.monotonic() < end, query
        time.sleep(0.1)


def _run(target: Target, statement: str) -> list[Any]:
    engine = create_engine(target.database_url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def _check_destroy_and_its_confirmations(target: Target) -> None:
    with pytest.raises(InfraError, match="CONFIRM=localstack"):
        destroy(target.deployment, "prod", delete_files=True)
    with pytest.raises(InfraError, match="DELETE_FILES=yes"):
        destroy(target.deployment, "localstack", delete_files=False)
    assert target.functions() == FUNCTIONS
    for _ in range(2):
        destroy(target.deployment, "localstack", delete_files=True)
    _check_that_nothing_is_left(target)


def _check_that_nothing_is_left(target: Target) -> None:
    assert target.functions() == set()
    assert target.apis() == []
    assert target.client("iam").list_roles()["Roles"] == []
    assert target.client("events").list_rules()["Rules"] == []
    assert _event_source_mappings(target) == []
    assert target.client("s3").list_buckets()["Buckets"] == []
    assert target.client("sqs").list_queues().get("QueueUrls", []) == []


TEMPLATE = """
Parameters:
  Role: {Type: String}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: created-first}
  Policy:
    Type: AWS::IAM::Policy
    DependsOn: Queue
    Properties:
      PolicyName: nothing
      Roles: [!Ref Role]
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "*", Resource: "*"}]}
Outputs:
  Queue: {Value: !Ref Queue}
"""


def test_failed_stack_reports_the_reason(target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack fails because its policy is for a role that doesn't exist yet.

    AWS continues such a stack with an update. MiniStack refuses that, so the stack is deleted first here.
    """
    monkeypatch.setattr(stacks_module, "TEMPLATES", tmp_path)
    (tmp_path / "failing.yaml").write_text(TEMPLATE)
    stacks = Stacks(target.deployment.session, target.reported.append, poll_seconds=0.1)
    with pytest.raises(InfraError, match="Policy: "):
        stacks.put("partial", "failing", {"Role": "not-there-yet", "NotOfThisTemplate": "x"})
    assert [url.split("/")[-1] for url in target.client("sqs").list_queues()["QueueUrls"]] == ["created-first"]
    stacks.delete("partial")
    target.client("iam").create_role(RoleName="not-there-yet", AssumeRolePolicyDocument="{}")
    outputs = stacks.put("partial", "failing", {"Role": "not-there-yet"})
    assert outputs["Queue"].endswith("/created-first")
    stacks.delete("partial")
    stacks.delete("partial")
    assert stacks.outputs("partial") == {}
