"""What goes wrong with a deployment, and how it goes on."""

import os
from typing import Any

import pytest

from infra import deployment as deployment_module
from infra.errors import InfraError
from infra.migration import Migration
from infra.stacks import Stacks
from infra.teardown import destroy
from tests.integration.deployment.conftest import NEWEST, Target


@pytest.mark.slow(40)
def test_a_wrong_setting_is_mended_by_the_next_run(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate` is what fails of it, and must get the right settings and permissions before it is called again."""
    right = os.environ["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", f"{right}&dbname=nowhere" if "?" in right else f"{right}?dbname=nowhere")
    with pytest.raises(InfraError, match=r"(?s)migrate failed.*nowhere"):
        target.deployment.deploy()
    policy = policy_of_migrate(target)
    role = "file-loader-localstack-migrate"
    target.client("iam").put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=NOTHING)
    monkeypatch.setenv("DATABASE_URL", right)
    policies = []

    def noting(migration: Migration) -> str:
        policies.append(policy_of_migrate(target))
        return run(migration)

    run = Migration.run
    monkeypatch.setattr(Migration, "run", noting)
    target.said.clear()
    target.deployment.deploy()
    assert f"  the database is at version {NEWEST}" in target.said
    assert policies == [policy, policy]  # before Chalice has put it, too
    destroy(target.deployment, "localstack", delete_files=True)


NOTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'


def policy_of_migrate(target: Target) -> Any:
    role = "file-loader-localstack-migrate"
    return target.client("iam").get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]


def test_what_cannot_be_packed_costs_nothing(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise InfraError("pip has no dependencies for this Python")

    monkeypatch.setattr(deployment_module, "build_package", refuse)
    with pytest.raises(InfraError, match="pip has no dependencies"):
        target.deployment.deploy()
    assert target.client("cloudformation").describe_stacks()["Stacks"] == []


def test_an_environment_variable_is_no_parameter(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RequireTls", "nonsense")
    monkeypatch.setenv("AllowedOrigins", "https://not-asked.example")
    target.deployment.put_stack("storage", target.deployment.values())
    [rule] = target.client("s3").get_bucket_cors(Bucket="file-loader")["CORSRules"]
    assert rule["AllowedOrigins"] == ["*"]
    target.deployment.stacks.delete("file-loader-localstack-storage")


class HalfDeleted:
    """A CloudFormation whose stack couldn't be deleted, which no emulator brings about."""

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"StackStatus": "DELETE_FAILED"}]}

    def describe_stack_events(self, **_: Any) -> Any:
        reason = "The following resource(s) failed to delete: [Vpc]."
        event = {"LogicalResourceId": "net", "ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": reason}
        return {"StackEvents": [event]}

    def validate_template(self, **_: Any) -> Any:
        return {"Parameters": []}


def test_a_stack_that_could_not_be_deleted_is_no_riddle(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = Stacks(target.deployment.session, target.said.append)
    monkeypatch.setattr(stacks, "_client", HalfDeleted())
    with pytest.raises(InfraError, match=r"(?s)DELETE_FAILED.*make destroy.*\[Vpc\]"):
        stacks.put("net", "network", {})
