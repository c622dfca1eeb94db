"""Deploying a stage to an account, in steps that can be repeated."""

import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import boto3

from infra import async_invoke, chalice_project, cors, function_environments, function_policies, gateway, logs, rds
from infra.chalice_deploy import ChaliceDeployer, chalice_package_path
from infra.chalice_project import PROJECT_ROOT
from infra.migration import Migration
from infra.packaging.build import build_package
from infra.secrets import read_secrets
from infra.stacks import Print, Stacks
from infra.stages import API_HANDLER, APP_NAME, Stage

if TYPE_CHECKING:
    from mypy_boto3_lambda.literals import ArchitectureType

BUILD_DIR = PROJECT_ROOT / "build"

API_STAGE = "v1"
"""`api_gateway_stage` of every stage in .chalice/config.json."""


class Deployment:
    """One stage in one account and region."""

    def __init__(
        self, session: boto3.session.Session, stage: Stage, report: Print, poll_seconds: float = 5
    ) -> None:
        self.stage = stage
        self.stacks = Stacks(session, report, poll_seconds)
        self.project = BUILD_DIR / "deploy" / stage.name
        self.session = session
        self.report = report

    def deploy(self) -> str:
        """Bring everything to the state of the working tree, and return the service's URL. Raises InfraError."""
        architecture = _resolve_architecture(self.stage.architecture)
        self.report(f"package for {architecture}")  # first: if it can't be built, no database is created
        package = build_package(PROJECT_ROOT, architecture, BUILD_DIR / "deploy" / f"{self.stage.name}.zip")
        values = self.base_values()
        origins = cors.read_origins(PROJECT_ROOT, self.stage.name, values)
        url = self.url(self.chalice_deployer(values["BucketName"]).put_rest_api())
        uploaders = origins + cors.read_page_origins(PROJECT_ROOT, self.stage.name, values, url)
        values |= self._put_stacks(self.stage.stacks, cors.bucket_parameter(self.stage, uploaders) | values)
        values |= read_secrets(self.session, values)
        if "database" in self.stage.stacks:
            rds.wait_for_proxy(self.session.client("rds"), f"{APP_NAME}-{self.stage.name}", self.report)
        self.report("functions and routes")
        self.assemble_project(values)
        self._preseed_package(package, architecture)
        migration = Migration(self.session, self.stage, self.project)
        if migration.update(package, architecture):
            self.report(f"  the database is at version {migration.run()}")
        function_policies.add_new_policies(self.session, self.stage, self.project)
        if changed := function_environments.add_new_variables(self.session, self.stage, self.project):
            self.report(f"  new settings for {', '.join(changed)}")
        api_id = self.chalice_deployer(values["BucketName"]).deploy()
        function_policies.remove_added_policies(self.session, self.stage)
        self.report("settings that Chalice lacks")
        async_invoke.configure(self.session, self.stage, values["DeadLettersArn"])
        logs.configure(self.session, self.stage)
        gateway.configure(self.session, api_id, API_STAGE, self.api_burst(), origins)
        self._put_stacks(self.stage.monitoring, values | _alarm_parameters(values))
        self.report(f"migrate: the database is at version {migration.run()}")
        return self.url(api_id)

    def assemble_project(self, values: Mapping[str, str]) -> None:
        """Create the folder that Chalice deploys. Placeholders in `.chalice` may also be environment variables."""
        chalice_project.assemble(self.stage.name, {**os.environ, **values}, self.project)

    def chalice_deployer(self, bucket: str) -> ChaliceDeployer:
        """Return the deployer of the stage's functions. Assemble the project before you use it."""
        return ChaliceDeployer(self.session, self.stage, bucket, self.project)

    def base_values(self) -> dict[str, str]:
        """Return the values known before any stack exists, for `.chalice/*.json` and as the stacks' parameters."""
        account = self.session.client("sts").get_caller_identity()["Account"]
        values = {
            **self.stage.values,
            "AccountId": account,
            "Region": self.session.region_name,
            "Stage": self.stage.name,
            "Architecture": _resolve_architecture(self.stage.architecture),
        }
        return {**values, "BucketName": chalice_project.render(self.stage.bucket, values)}

    def put_stack(self, template: str, values: Mapping[str, str]) -> dict[str, str]:
        """Create or update a stack with these values as its parameters, and return its outputs."""
        name = self.stage.stack_name(template)
        self.report(f"stack {name}")
        return self.stacks.put(name, template, {**self.stage.parameters, **values})

    def url(self, api_id: str) -> str:
        """Return the base URL of an API's routes."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:  # LocalStack's URL of an API
            return f"{endpoint}/_aws/execute-api/{api_id}/{API_STAGE}"
        return f"https://{api_id}.execute-api.{self.session.region_name}.amazonaws.com/{API_STAGE}"

    def _put_stacks(self, templates: tuple[str, ...], values: Mapping[str, str]) -> dict[str, str]:
        """Put the stacks in order, each with the outputs of earlier ones as parameters, and return all outputs."""
        outputs: dict[str, str] = {}
        for template in templates:
            outputs |= self.put_stack(template, {**values, **outputs})
        return outputs

    def _preseed_package(self, package: Path, architecture: str) -> None:
        """Copy the package to where Chalice looks for one, so that it uploads this and doesn't build its own."""
        destination = chalice_package_path(self.project, architecture)
        destination.parent.mkdir()
        shutil.copy(package, destination)

    def api_burst(self) -> int | None:
        """Return how many requests API Gateway lets through at once: as many as api_handler can run."""
        config = chalice_project.function_config(self.project, self.stage.name, API_HANDLER)
        return None if config.reserved_concurrency is None else int(config.reserved_concurrency)


def _alarm_parameters(values: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of monitoring.yaml that must be calculated: CloudFormation can't multiply."""
    if "MaxConnections" not in values:
        return {}
    return {"ConnectionsAlarm": str(int(values["MaxConnections"]) * 4 // 5)}


def _resolve_architecture(architecture: Literal["x86_64", "arm64", "host"]) -> "ArchitectureType":
    if architecture != "host":
        return architecture
    return "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x86_64"
