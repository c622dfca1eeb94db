"""Upgrading from a version whose functions and settings have other names."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from infra import function_environments
from infra.app_functions import function_names
from infra.chalice_deploy import ChaliceDeployer
from infra.stages import APP_NAME, Stage
from infra.teardown import destroy
from tests.integration.deployment.conftest import Target

STAGE = Stage.load("localstack")
QUEUE = "file-loader-localstack-dead-letters"
EARLIER_POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
EARLIER_NAMES = {"handle_dead_letters": "take_dead_letters", "mark_files_for_reprocessing": "mark_outdated"}
EARLIER_FUNCTIONS = [EARLIER_NAMES.get(name, name) for name in function_names()]


@pytest.mark.slow(12)
def test_upgrade_from_other_names_of_functions_and_settings(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.deployment.put_stack("storage", target.deployment.base_values())
    for name in EARLIER_FUNCTIONS:
        create_function(target, name, {"DEAD_LETTERS": QUEUE, "OWNER": "alice", "BUCKET": "earlier"})
    put_deployed_state(target)
    map_queue(target, "take_dead_letters")
    leave_mapping_without_function(target)
    before_chalice: dict[str, dict[str, str]] = {}
    policies: list[str] = []

    def record_and_deploy(deployer: ChaliceDeployer) -> str:
        before_chalice.update({name: environment(target, name) for name in EARLIER_FUNCTIONS})
        policies.extend(policy_names(target, "sweep"))
        return deploy(deployer)

    deploy = ChaliceDeployer.deploy
    with monkeypatch.context() as patch:
        patch.setattr(ChaliceDeployer, "deploy", record_and_deploy)
        target.deployment.deploy()

    updated = [name for name in function_names() if name in EARLIER_FUNCTIONS and name != "migrate"]
    assert f"  new settings for {', '.join(updated)}" in target.reported
    for name in ("api_handler", "process_upload", "sweep"):
        assert before_chalice[name] == {
            **environment(target, name),
            "DEAD_LETTERS": QUEUE,  # for the earlier code
            "OWNER": "alice",
            "DEFAULT_OWNER": "alice",  # for the new code, which refuses OWNER alone
        }
        assert environment(target, name)["DEAD_LETTER_QUEUE"] == QUEUE
        assert {"DEAD_LETTERS", "OWNER", "DEFAULT_OWNER"} & set(environment(target, name)) == set()
    assert sorted(policies) == ["earlier", "file-loader-localstack-sweep-next"]  # for either login of the database
    assert sorted(policy_names(target, "sweep")) == ["earlier", "file-loader-localstack-sweep"]
    assert before_chalice["take_dead_letters"] == {"DEAD_LETTERS": QUEUE, "OWNER": "alice", "BUCKET": "earlier"}
    assert target.functions() == {STAGE.function_name(name) for name in function_names()}
    assert list(mapped_functions(target)) == ["file-loader-localstack-handle_dead_letters"]
    project = target.deployment.project
    assert function_environments.add_new_variables(target.deployment.session, STAGE, project) == []
    _check_destroy_deletes_functions_of_earlier_versions(target)


def _check_destroy_deletes_functions_of_earlier_versions(target: Target) -> None:
    """Even if they are not in Chalice's deployed state. Roles of other owners stay."""
    create_function(target, "take_dead_letters", {})
    map_queue(target, "take_dead_letters")
    leave_mapping_without_function(target)
    other = "file-loader-localstack-storage-Role-X"  # as CloudFormation names the roles of a stack
    iam = target.client("iam")
    iam.create_role(RoleName=other, AssumeRolePolicyDocument="{}")
    destroy(target.deployment, "localstack", delete_files=True)
    assert target.functions() == set()
    assert list(mapped_functions(target)) == []
    names = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    assert {name for name in names if name.startswith(f"{APP_NAME}-")} == {other}
    iam.delete_role(RoleName=other)


def leave_mapping_without_function(target: Target) -> None:
    """Lambda keeps a mapping when its function is deleted."""
    create_function(target, "receive_dead_letters", {})
    map_queue(target, "receive_dead_letters")
    target.client("lambda").delete_function(FunctionName=STAGE.function_name("receive_dead_letters"))
    role = f"{APP_NAME}-{STAGE.name}-receive_dead_letters"
    target.client("iam").delete_role_policy(RoleName=role, PolicyName="earlier")
    target.client("iam").delete_role(RoleName=role)
    assert STAGE.function_name("receive_dead_letters") in mapped_functions(target)


def create_function(target: Target, name: str, variables: dict[str, str]) -> None:
    """Create a function as an earlier version's Chalice did, with the role that has its name."""
    role = target.client("iam").create_role(
        RoleName=f"{APP_NAME}-{STAGE.name}-{name}", AssumeRolePolicyDocument="{}"
    )
    target.client("iam").put_role_policy(
        RoleName=role["Role"]["RoleName"], PolicyName="earlier", PolicyDocument=EARLIER_POLICY
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def app(event, context):\n    return None\n")
    target.client("lambda").create_function(
        FunctionName=STAGE.function_name(name),
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="app.app",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": variables},
    )


def policy_names(target: Target, name: str) -> list[str]:
    """Return the names of the policies in the role of a function."""
    role = f"{APP_NAME}-{STAGE.name}-{name}"
    names: list[str] = target.client("iam").list_role_policies(RoleName=role)["PolicyNames"]
    return names


def map_queue(target: Target, name: str) -> None:
    queue = f"arn:aws:sqs:us-east-1:000000000000:{QUEUE}"
    target.client("lambda").create_event_source_mapping(
        EventSourceArn=queue, FunctionName=STAGE.function_name(name)
    )


def put_deployed_state(target: Target) -> None:
    """Put Chalice's deployed state of the earlier version to where a deployment reads it."""
    functions, iam = target.client("lambda"), target.client("iam")
    resources = []
    for name in EARLIER_FUNCTIONS:
        arn = functions.get_function_configuration(FunctionName=STAGE.function_name(name))["FunctionArn"]
        role = iam.get_role(RoleName=f"{APP_NAME}-{STAGE.name}-{name}")["Role"]
        entry = {"role_name": role["RoleName"], "role_arn": role["Arn"]}
        resources.append({"name": f"{name}_role", "resource_type": "iam_role", **entry})
        resources.append({"name": name, "resource_type": "lambda_function", "lambda_arn": arn})
    state = {"schema_version": "2.0", "backend": "api", "resources": resources}
    target.client("s3").put_object(
        Bucket="file-loader", Key="deployments/localstack.json", Body=json.dumps(state).encode()
    )


def environment(target: Target, name: str) -> dict[str, str]:
    configuration = target.client("lambda").get_function_configuration(FunctionName=STAGE.function_name(name))
    variables: dict[str, str] = configuration["Environment"]["Variables"]
    return variables


def mapped_functions(target: Target) -> Iterator[str]:
    """Yield the name of each function that a queue calls."""
    mappings: list[dict[str, Any]] = target.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    for mapping in mappings:
        yield mapping["FunctionArn"].rpartition(":")[2]
