"""Deployments that fail, and how the next run continues."""

import os
from typing import Any

import pytest

from infra import deployment as deployment_module
from infra.errors import InfraError
from infra.migration import Migration
from infra.stacks import Stacks
from infra.teardown import destroy
from tests.integration.deployment.conftest import NEWEST, Target


@pytest.mark.slow(15)
def test_wrong_setting_is_fixed_by_the_next_run(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """`migrate` fails, and must get the right settings and permissions before it is invoked again."""
    correct = os.environ["MIGRATION_DATABASE_URL"]
    monkeypatch.setenv(
        "MIGRATION_DATABASE_URL", f"{correct}&dbname=nowhere" if "?" in correct else f"{correct}?dbname=nowhere"
    )
    with pytest.raises(InfraError, match=r"(?s)migrate failed.*nowhere"):
        target.deployment.deploy()
    policy = policy_of_migrate(target)
    role = "file-loader-localstack-migrate"
    target.client("iam").put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=DENY_ALL)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", correct)
    policies = []

    def run_and_record_policy(migration: Migration) -> str:
        policies.append(policy_of_migrate(target))
        return run(migration)

    run = Migration.run
    monkeypatch.setattr(Migration, "run", run_and_record_policy)
    target.reported.clear()
    target.deployment.deploy()
    assert f"  the database is at version {NEWEST}" in target.reported
    assert policies == [policy, policy]  # also before Chalice sets it
    destroy(target.deployment, "localstack", delete_files=True)


DENY_ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}'


def policy_of_migrate(target: Target) -> Any:
    role = "file-loader-localstack-migrate"
    return target.client("iam").get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]


def test_failed_package_build_creates_no_stack(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise InfraError("pip has no dependencies for this Python")

    monkeypatch.setattr(deployment_module, "build_package", refuse)
    with pytest.raises(InfraError, match="pip has no dependencies"):
        target.deployment.deploy()
    assert target.client("cloudformation").describe_stacks()["Stacks"] == []


def test_environment_variables_are_no_template_parameters(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RequireTls", "nonsense")
    monkeypatch.setenv("AllowedOrigins", "https://ignored.example")
    target.deployment.put_stack("storage", target.deployment.base_values())
    for rule in target.client("s3").get_bucket_cors(Bucket="file-loader")["CORSRules"]:
        assert rule["AllowedOrigins"] == ["*"]
    target.deployment.stacks.delete("file-loader-localstack-storage")


class DeleteFailedCloudFormation:
    """A fake CloudFormation whose stack failed to delete; no emulator has this state."""

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"StackStatus": "DELETE_FAILED"}]}

    def describe_stack_events(self, **_: Any) -> Any:
        reason = "The following resource(s) failed to delete: [Vpc]."
        event = {"LogicalResourceId": "net", "ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": reason}
        return {"StackEvents": [event]}

    def validate_template(self, **_: Any) -> Any:
        return {"Parameters": []}


def test_stack_in_delete_failed_says_what_to_do(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = Stacks(target.deployment.session, target.reported.append)
    monkeypatch.setattr(stacks, "_client", DeleteFailedCloudFormation())
    with pytest.raises(InfraError, match=r"(?s)DELETE_FAILED.*make destroy.*\[Vpc\]"):
        stacks.put("net", "network", {})
