"""From an account with nothing in it to a service that runs, in steps that can each be repeated."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import boto3

from infra import gateway, invocations, project
from infra.functions import Functions, chalice_package
from infra.packaging.build import build_package
from infra.project import SOURCE
from infra.stacks import Say, Stacks
from infra.stages import Stage

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import ArchitectureType

BUILD = SOURCE / "build"


class Deployment:
    """One stage in one account and region."""

    def __init__(self, session: boto3.session.Session, stage: Stage, say: Say, poll_seconds: float = 5) -> None:
        self.stage = stage
        self.stacks = Stacks(session, say, poll_seconds)
        self.project = BUILD / "deploy" / stage.name
        self.session = session
        self._say = say

    def deploy(self) -> str:
        """Bring everything to what the working tree says, and return the service's URL. Raises InfraError."""
        values = self.values()
        values |= self._put_stacks(self.stage.stacks, values)
        self._say("functions and routes")
        project.assemble(self.stage.name, values, self.project)
        architecture = _architecture(self.stage.architecture)
        package = self._package(architecture)
        functions = self.functions(values["BucketName"])
        if functions.update_migrate(package, architecture):
            self._say(f"  the database is at version {functions.migrate()}")
        api_id = functions.deploy()
        self._say("what Chalice can't set")
        invocations.configure(self.session, self.stage, values["DeadLettersArn"])
        gateway.configure(self.session, api_id, API_STAGE)
        self._put_stacks(self.stage.monitoring, values | _alarms(values))
        self._say(f"migrate: the database is at version {functions.migrate()}")
        return self.url(api_id)

    def functions(self, bucket: str) -> Functions:
        """Return the stage's functions; the project must be assembled before they are deployed."""
        return Functions(self.session, self.stage, bucket, self.project)

    def values(self) -> dict[str, str]:
        """Return what `.chalice/*.json` may refer to before a stack is there."""
        account = self.session.client("sts").get_caller_identity()["Account"]
        known = {
            **os.environ,
            **self.stage.values,
            "AccountId": account,
            "Region": self.session.region_name,
            "Stage": self.stage.name,
            "Architecture": _architecture(self.stage.architecture),
        }
        return {**known, "BucketName": project.filled_in(self.stage.bucket, known)}

    def put_stack(self, template: str, values: Mapping[str, str]) -> dict[str, str]:
        """Bring a stack to what its template says, with these values as its parameters; the outputs."""
        name = self.stage.stack(template)
        self._say(f"stack {name}")
        return self.stacks.put(name, template, {**self.stage.parameters, **values})

    def url(self, api_id: str) -> str:
        """Return where the routes of an API are."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:  # LocalStack's address for it
            return f"{endpoint}/_aws/execute-api/{api_id}/{API_STAGE}"
        return f"https://{api_id}.execute-api.{self.session.region_name}.amazonaws.com/{API_STAGE}"

    def _put_stacks(self, templates: tuple[str, ...], values: Mapping[str, str]) -> dict[str, str]:
        """Put stack after stack, each with the outputs of those before as parameters, and return all outputs."""
        outputs: dict[str, str] = {}
        for template in templates:
            outputs |= self.put_stack(template, {**values, **outputs})
        return outputs

    def _package(self, architecture: str) -> Path:
        """Build the package where Chalice looks for one, so that it uploads this and builds none itself."""
        return build_package(self.project, architecture, chalice_package(self.project, architecture))


API_STAGE = "v1"
"""`api_gateway_stage` of every stage in .chalice/config.json."""


def _alarms(values: Mapping[str, str]) -> dict[str, str]:
    """Return what monitoring.yaml can't work out: CloudFormation doesn't multiply."""
    if "MaxConnections" not in values:
        return {}
    return {"ConnectionsAlarm": str(int(values["MaxConnections"]) * 4 // 5)}


def _architecture(wanted: Literal["x86_64", "arm64", "host"]) -> "ArchitectureType":
    if wanted != "host":
        return wanted
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
