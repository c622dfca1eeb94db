"""Deploying the functions and the routes with Chalice.

Chalice writes a file with its deployed state (`.chalice/deployed/STAGE.json`), but only after everything has
succeeded. That file is kept in the bucket, so that the next deployment can run on any machine. What a failed run
has created is found without it: Chalice looks up functions, roles and rules by their names. It would not find the
REST API, which is created here first, and the event source mappings; both are added to the deployed state here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from infra.app_functions import function_names
from infra.errors import InfraError
from infra.stages import API_HANDLER, APP_NAME, Stage

REST_API = "rest_api"
EVENT_SOURCE_MAPPING = "sqs_event"
"""Chalice's names for them in its deployed state."""


def chalice_package_path(project: Path, architecture: str) -> Path:
    """Return where Chalice looks for this project's package before it builds one: the name is a hash of all
    sources."""
    system = OSUtils()
    packager = LambdaDeploymentPackager(system, DependencyBuilder(system), UI(), architecture)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Path(packager.deployment_package_filename(str(project), version))


class ChaliceDeployer:
    """Deploys and deletes the functions and routes of one stage."""

    def __init__(self, session: boto3.session.Session, stage: Stage, bucket: str, project: Path) -> None:
        """`project` is the folder that infra.chalice_project has assembled."""
        self._s3 = session.client("s3", config=Config(s3={"addressing_style": "path"}))
        self._api = session.client("apigateway")
        self._lambda = session.client("lambda")
        self._iam = session.client("iam")
        self._events = session.client("events")
        self._stage = stage
        self._bucket = bucket
        self._project = project
        self._state_path = project / ".chalice" / "deployed" / f"{stage.name}.json"
        self._state_key = f"deployments/{stage.name}.json"

    def deploy(self) -> str:
        """Deploy the project with Chalice, and return the REST API's id."""
        api_id = self.put_rest_api()
        self._restore_deployed_state(api_id)
        self._run_chalice("deploy", "--stage", self._stage.name)
        self._s3.put_object(Bucket=self._bucket, Key=self._state_key, Body=self._state_path.read_bytes())
        return api_id

    def delete(self) -> None:
        """Delete what Chalice has deployed, also in runs that failed. Does nothing if nothing is there."""
        self._restore_deployed_state(self.find_rest_api(), self._find_resources_by_name())
        self._run_chalice("delete", "--stage", self._stage.name)

    def find_rest_api(self) -> str | None:
        """Return the REST API's id, None if there is none."""
        for page in self._api.get_paginator("get_rest_apis").paginate():
            for api in page["items"]:
                if api.get("name") == APP_NAME and api.get("tags", {}).get("stage") == self._stage.name:
                    return api["id"]
        return None

    def put_rest_api(self) -> str:
        """Return the REST API's id. If there is none, create an empty one, which Chalice fills.

        LocalStack takes its id from a tag, AWS generates one.
        """
        if found := self.find_rest_api():
            return found
        api = self._api.create_rest_api(name=APP_NAME, tags={"stage": self._stage.name, "_custom_id_": APP_NAME})
        return api["id"]

    def _find_resources_by_name(self) -> list[dict[str, str]]:
        """Return the stage's existing resources as entries of Chalice's deployed state, dependent ones last.

        Functions are found by their prefix, so those that an earlier version had are among them. Roles are not:
        CloudFormation gives its own the stack's name, which has the same prefix.
        """
        functions = dict(self._find_functions())
        resources = []
        for name in dict.fromkeys([*function_names(), *functions]):
            role = f"{APP_NAME}-{self._stage.name}-{name}"
            with suppress(self._iam.exceptions.NoSuchEntityException):
                self._iam.get_role(RoleName=role)
                resources.append({"name": f"{name}_role", "resource_type": "iam_role", "role_name": role})
        for name, arn in functions.items():
            resources.append({"name": name, "resource_type": "lambda_function", "lambda_arn": arn})
        for rule in self._events.list_rules(NamePrefix=f"{APP_NAME}-{self._stage.name}-")["Rules"]:
            name = rule["Name"].removeprefix(f"{APP_NAME}-{self._stage.name}-")
            resources.append({"name": name, "resource_type": "cloudwatch_event", "rule_name": rule["Name"]})
        return resources

    def _find_event_source_mappings(self) -> Iterator[dict[str, str]]:
        """Yield the event source mappings of the stage's functions as entries of Chalice's deployed state.

        Lambda keeps a mapping when its function is deleted, refuses a second one for the same queue and function,
        and fails when a missing one is deleted. A mapping is found by the prefix of its function's name, because
        Chalice is to delete those of functions that an earlier version had.
        """
        for page in self._lambda.get_paginator("list_event_source_mappings").paginate():
            for mapping in page["EventSourceMappings"]:
                name = self._chalice_name(mapping["FunctionArn"].split(":")[6])
                if name and mapping["State"] != "Deleting":
                    yield {
                        "name": f"{name}-sqs-event-source",
                        "resource_type": EVENT_SOURCE_MAPPING,
                        "queue": mapping["EventSourceArn"].rpartition(":")[2],
                        "queue_arn": mapping["EventSourceArn"],
                        "event_uuid": mapping["UUID"],
                        "lambda_arn": mapping["FunctionArn"],
                    }

    def _find_functions(self) -> Iterator[tuple[str, str]]:
        """Yield Chalice's name and the ARN of each of the stage's functions."""
        for page in self._lambda.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                if name := self._chalice_name(function["FunctionName"]):
                    yield name, function["FunctionArn"]

    def _chalice_name(self, name: str) -> str | None:
        """Return Chalice's name of a function of this stage, given its name in AWS; None for another function.

        A stage's name has no hyphen, so no other stage's functions have its prefix.
        """
        if name == self._stage.function_name(API_HANDLER):
            return API_HANDLER
        prefix = f"{APP_NAME}-{self._stage.name}-"
        return name.removeprefix(prefix) or None if name.startswith(prefix) else None

    def _restore_deployed_state(self, api_id: str | None, existing: Iterable[dict[str, str]] = ()) -> None:
        """Write the last deployment's state to where Chalice looks for it, with the `existing` resources added.

        Its entries for the API and the mappings are replaced by what exists now.
        """
        state: dict[str, Any] = {"schema_version": "2.0", "backend": "api", "resources": []}
        try:
            state = json.loads(self._s3.get_object(Bucket=self._bucket, Key=self._state_key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchBucket"}:
                raise
        deployed = [
            resource
            for resource in state["resources"]
            if resource["resource_type"] not in {REST_API, EVENT_SOURCE_MAPPING}
        ]
        names = {resource["name"] for resource in deployed}
        new = [resource for resource in existing if resource["name"] not in names]
        state["resources"] = [*new, *deployed, *self._find_event_source_mappings()]
        if api_id:
            state["resources"].append(
                {"name": REST_API, "resource_type": REST_API, "rest_api_id": api_id, "rest_api_url": ""}
            )
        self._state_path.parent.mkdir(exist_ok=True)
        self._state_path.write_text(json.dumps(state))

    def _run_chalice(self, *arguments: str) -> None:
        chalice = Path(sys.executable).with_name("chalice")
        command: list[str | Path] = [chalice, "--project-dir", self._project, *arguments]
        # Bytecode beside the sources would change the name under which Chalice looks for the package.
        if subprocess.run(command, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, check=False).returncode:
            raise InfraError("chalice failed. Fix the error above, then run the same command again.")
