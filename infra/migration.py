"""The function `migrate`: brought up to date before all others, and called."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from infra import chalice_project
from infra.errors import InfraError
from infra.stages import APP, Stage

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import ArchitectureType

FUNCTION = "migrate"

SECONDS = 600
"""Its timeout in .chalice/config.json."""


class Migration:
    """The migration of one stage's database."""

    def __init__(self, session: boto3.session.Session, stage: Stage, assembled: Path) -> None:
        """`assembled` is the folder that infra.chalice_project has made."""
        self._lambda = session.client(
            "lambda", config=Config(read_timeout=SECONDS + 10, retries={"total_max_attempts": 1})
        )
        self._iam = session.client("iam")
        self._stage = stage
        self._name = stage.function(FUNCTION)
        self._assembled = assembled

    def update(self, package: Path, architecture: "ArchitectureType") -> bool:
        """Bring the function to what the project says, before all others; False where there is none yet.

        Migrations come before the code that needs them (docs/how-to/upgrade.md). Its configuration and its policy
        come along: either of them may be what an earlier run failed of.
        """
        try:
            self._lambda.get_function_configuration(FunctionName=self._name)
        except self._lambda.exceptions.ResourceNotFoundException:
            return False
        self._settle()  # a run that was ended may have left an update under way
        self._put_policy()
        self._lambda.update_function_configuration(FunctionName=self._name, **self._configuration())
        self._settle()
        self._lambda.update_function_code(
            FunctionName=self._name,
            ZipFile=package.read_bytes(),
            Architectures=[architecture],  # x86_64 where it isn't said
        )
        self._settle()
        return True

    def run(self) -> str:
        """Call the function and return the database's version. Raises InfraError with what the function said."""
        answer = self._lambda.invoke(FunctionName=self._name, Payload=b"{}")
        payload = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            trace = "".join(payload.get("stackTrace") or [])
            raise InfraError(f"migrate failed: {payload.get('errorMessage')}\n{trace}".rstrip())
        return str(payload)

    def _put_policy(self) -> None:
        """As Chalice does: the role and its policy have one name."""
        role = f"{APP}-{self._stage.name}-{FUNCTION}"
        policy = chalice_project.policy(self._assembled, self._stage.name, FUNCTION).read_text()
        self._iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=policy)

    def _configuration(self) -> Any:
        said = chalice_project.config(self._assembled, self._stage.name, FUNCTION)
        configuration = {
            "Runtime": said.lambda_python_version,
            "Environment": {"Variables": said.environment_variables},
            "MemorySize": said.lambda_memory_size,
            "Timeout": said.lambda_timeout,
            "VpcConfig": {
                "SubnetIds": said.subnet_ids or [],
                "SecurityGroupIds": said.security_group_ids or [],
            },
        }
        return {name: value for name, value in configuration.items() if value is not None}

    def _settle(self) -> None:
        self._lambda.get_waiter("function_updated_v2").wait(FunctionName=self._name)
