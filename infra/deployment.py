"""From an account with nothing in it to a service that runs, in steps that can each be repeated."""

import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import boto3

from infra import async_invoke, chalice_project, gateway, logs, rds
from infra.chalice_deploy import Functions, chalice_package
from infra.chalice_project import SOURCE
from infra.migration import Migration
from infra.packaging.build import build_package
from infra.stacks import Say, Stacks
from infra.stages import APP, Stage

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
        self.say = say

    def deploy(self) -> str:
        """Bring everything to what the working tree says, and return the service's URL. Raises InfraError."""
        architecture = _architecture(self.stage.architecture)
        self.say(f"package for {architecture}")  # what can't be built must not have cost a database
        package = build_package(SOURCE, architecture, BUILD / "deploy" / f"{self.stage.name}.zip")
        values = self.values()
        values |= self._put_stacks(self.stage.stacks, values)
        if "database" in self.stage.stacks:
            rds.wait_for_proxy(self.session.client("rds"), f"{APP}-{self.stage.name}", self.say)
        self.say("functions and routes")
        self.assemble(values)
        self._lay_out(package, architecture)
        migration = Migration(self.session, self.stage, self.project)
        if migration.update(package, architecture):
            self.say(f"  the database is at version {migration.run()}")
        api_id = self.functions(values["BucketName"]).deploy()
        self.say("what Chalice can't set")
        async_invoke.configure(self.session, self.stage, values["DeadLettersArn"])
        logs.configure(self.session, self.stage)
        gateway.configure(self.session, api_id, API_STAGE)
        self._put_stacks(self.stage.monitoring, values | _alarms(values))
        self.say(f"migrate: the database is at version {migration.run()}")
        return self.url(api_id)

    def assemble(self, values: Mapping[str, str]) -> None:
        """Make the folder that Chalice deploys. What `.chalice` refers to may also be an environment variable."""
        chalice_project.assemble(self.stage.name, {**os.environ, **values}, self.project)

    def functions(self, bucket: str) -> Functions:
        """Return the stage's functions; the project must be assembled before they are deployed."""
        return Functions(self.session, self.stage, bucket, self.project)

    def values(self) -> dict[str, str]:
        """Return what is known before a stack is there: for `.chalice/*.json`, and as the stacks' parameters."""
        account = self.session.client("sts").get_caller_identity()["Account"]
        known = {
            **self.stage.values,
            "AccountId": account,
            "Region": self.session.region_name,
            "Stage": self.stage.name,
            "Architecture": _architecture(self.stage.architecture),
        }
        return {**known, "BucketName": chalice_project.filled_in(self.stage.bucket, known)}

    def put_stack(self, template: str, values: Mapping[str, str]) -> dict[str, str]:
        """Bring a stack to what its template says, with these values as its parameters; the outputs."""
        name = self.stage.stack(template)
        self.say(f"stack {name}")
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

    def _lay_out(self, package: Path, architecture: str) -> None:
        """Lay the package where Chalice looks for one, so that it uploads this and builds none itself."""
        place = chalice_package(self.project, architecture)
        place.parent.mkdir()
        shutil.copy(package, place)


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
