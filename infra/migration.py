"""The function `migrate`: updated before all other functions, and invoked."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from infra import chalice_project
from infra.errors import InfraError
from infra.function_policies import role_name
from infra.policies import MIGRATION
from infra.stages import Stage

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import ArchitectureType

TIMEOUT_SECONDS = 600
"""Its timeout in .chalice/config.json."""


class Migration:
    """The migration of one stage's database."""

    def __init__(self, session: boto3.session.Session, stage: Stage, project: Path) -> None:
        """`project` is the folder that infra.chalice_project has assembled."""
        self._lambda = session.client(
            "lambda", config=Config(read_timeout=TIMEOUT_SECONDS + 10, retries={"total_max_attempts": 1})
        )
        self._iam = session.client("iam")
        self._stage = stage
        self._name = stage.function_name(MIGRATION)
        self._project = project

    def update(self, package: Path, architecture: "ArchitectureType") -> bool:
        """Update the function to the project, before all other functions. Return False if it doesn't exist yet.

        Migrations run before the code that needs them is deployed (docs/how-to/upgrade.md). The function's
        configuration and policy are updated too: either of them may be what made an earlier run fail.
        """
        try:
            self._lambda.get_function_configuration(FunctionName=self._name)
        except self._lambda.exceptions.ResourceNotFoundException:
            return False
        self._wait_until_updated()  # an interrupted run may have left an update in progress
        self._put_policy()
        self._lambda.update_function_configuration(FunctionName=self._name, **self._function_configuration())
        self._wait_until_updated()
        self._lambda.update_function_code(
            FunctionName=self._name,
            ZipFile=package.read_bytes(),
            Architectures=[architecture],  # without it, x86_64
        )
        self._wait_until_updated()
        return True

    def run(self) -> str:
        """Invoke the function and return the database's version. Raises InfraError with the function's error."""
        response = self._lambda.invoke(FunctionName=self._name, Payload=b"{}")
        payload = json.loads(response["Payload"].read())
        if "FunctionError" in response:
            trace = "".join(payload.get("stackTrace") or [])
            raise InfraError(f"migrate failed: {payload.get('errorMessage')}\n{trace}".rstrip())
        return str(payload)

    def _put_policy(self) -> None:
        """Set the role's policy as Chalice does: the role and its policy have the same name."""
        role = role_name(self._stage, MIGRATION)
        policy = chalice_project.policy_path(self._project, self._stage.name, MIGRATION).read_text()
        self._iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=policy)

    def _function_configuration(self) -> Any:
        config = chalice_project.function_config(self._project, self._stage.name, MIGRATION)
        settings = {
            "Runtime": config.lambda_python_version,
            "Environment": {"Variables": config.environment_variables},
            "MemorySize": config.lambda_memory_size,
            "Timeout": config.lambda_timeout,
            "VpcConfig": {
                "SubnetIds": config.subnet_ids or [],
                "SecurityGroupIds": config.security_group_ids or [],
            },
        }
        return {name: value for name, value in settings.items() if value is not None}

    def _wait_until_updated(self) -> None:
        self._lambda.get_waiter("function_updated_v2").wait(FunctionName=self._name)
