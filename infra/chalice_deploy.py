"""Deploying the functions and the routes, which is Chalice's work.

Chalice notes what it has deployed in a file, once all of it has succeeded. That note is kept in the bucket, so
that any machine can deploy next. What a failed run has made is found again without it: Chalice looks for
functions, roles and rules by their names. What it wouldn't find is told to it: the REST API, which is made here
before it begins, and the event source mappings.
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

from infra.errors import InfraError
from infra.stages import APP, FUNCTIONS, Stage

REST_API = "rest_api"
MAPPING = "sqs_event"
"""Chalice's names for them in its note."""


def chalice_package(project: Path, architecture: str) -> Path:
    """Return where Chalice looks for a package of this project before it builds one: its name is a hash of all
    sources."""
    system = OSUtils()
    packager = LambdaDeploymentPackager(system, DependencyBuilder(system), UI(), architecture)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Path(packager.deployment_package_filename(str(project), version))


class Functions:
    """The functions of one stage."""

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
        self._note = project / ".chalice" / "deployed" / f"{stage.name}.json"
        self._note_key = f"deployments/{stage.name}.json"

    def deploy(self) -> str:
        """Let Chalice deploy the project, and return the REST API's id."""
        api_id = self.rest_api() or self._make_rest_api()
        self._restore_note(api_id)
        self._chalice("deploy", "--stage", self._stage.name)
        self._s3.put_object(Bucket=self._bucket, Key=self._note_key, Body=self._note.read_bytes())
        return api_id

    def delete(self) -> None:
        """Let Chalice delete what it has deployed, and what a run that failed has left; with nothing there, do
        nothing."""
        self._restore_note(self.rest_api(), self._found_by_name())
        self._chalice("delete", "--stage", self._stage.name)

    def rest_api(self) -> str | None:
        """Return the REST API's id, None where there is none."""
        for page in self._api.get_paginator("get_rest_apis").paginate():
            for api in page["items"]:
                if api.get("name") == APP and api.get("tags", {}).get("stage") == self._stage.name:
                    return api["id"]
        return None

    def _make_rest_api(self) -> str:
        """Make an empty one, which Chalice fills. LocalStack takes an id from a tag, AWS makes one up."""
        made = self._api.create_rest_api(name=APP, tags={"stage": self._stage.name, "_custom_id_": APP})
        return made["id"]

    def _found_by_name(self) -> list[dict[str, str]]:
        """Return what is there of the stage in the words of Chalice's note, what depends on others last."""
        found = []
        for name in FUNCTIONS:
            role = f"{APP}-{self._stage.name}-{name}"
            with suppress(self._iam.exceptions.NoSuchEntityException):
                self._iam.get_role(RoleName=role)
                found.append({"name": f"{name}_role", "resource_type": "iam_role", "role_name": role})
        for name in FUNCTIONS:
            with suppress(self._lambda.exceptions.ResourceNotFoundException):
                made = self._lambda.get_function_configuration(FunctionName=self._stage.function(name))
                found.append({"name": name, "resource_type": "lambda_function", "lambda_arn": made["FunctionArn"]})
        for rule in self._events.list_rules(NamePrefix=f"{APP}-{self._stage.name}-")["Rules"]:
            name = rule["Name"].removeprefix(f"{APP}-{self._stage.name}-")
            found.append({"name": name, "resource_type": "cloudwatch_event", "rule_name": rule["Name"]})
        return found

    def _mappings(self) -> Iterator[dict[str, str]]:
        """Yield the queues that call the stage's functions, in the words of Chalice's note.

        Lambda keeps a mapping when its function is deleted, refuses a second one for the same queue and function,
        and answers the deletion of one that is gone with an error.
        """
        names = {self._stage.function(name): name for name in FUNCTIONS}
        for page in self._lambda.get_paginator("list_event_source_mappings").paginate():
            for there in page["EventSourceMappings"]:
                name = names.get(there["FunctionArn"].rpartition(":")[2])
                if name and there["State"] != "Deleting":
                    yield {
                        "name": f"{name}-sqs-event-source",
                        "resource_type": MAPPING,
                        "queue": there["EventSourceArn"].rpartition(":")[2],
                        "queue_arn": there["EventSourceArn"],
                        "event_uuid": there["UUID"],
                        "lambda_arn": there["FunctionArn"],
                    }

    def _restore_note(self, api_id: str | None, found: Iterable[dict[str, str]] = ()) -> None:
        """Lay Chalice's note of the last deployment where it looks for it, with what was found besides.

        Of the API and the mappings it says what is there, whatever it said."""
        note: dict[str, Any] = {"schema_version": "2.0", "backend": "api", "resources": []}
        try:
            note = json.loads(self._s3.get_object(Bucket=self._bucket, Key=self._note_key)["Body"].read())
        except ClientError as fault:
            if fault.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchBucket"}:
                raise
        noted = [
            resource for resource in note["resources"] if resource["resource_type"] not in {REST_API, MAPPING}
        ]
        known = {resource["name"] for resource in noted}
        new = [resource for resource in found if resource["name"] not in known]
        note["resources"] = [*new, *noted, *self._mappings()]
        if api_id:
            note["resources"].append(
                {"name": REST_API, "resource_type": REST_API, "rest_api_id": api_id, "rest_api_url": ""}
            )
        self._note.parent.mkdir(exist_ok=True)
        self._note.write_text(json.dumps(note))

    def _chalice(self, *arguments: str) -> None:
        chalice = Path(sys.executable).with_name("chalice")
        command: list[str | Path] = [chalice, "--project-dir", self._project, *arguments]
        # Bytecode beside the sources would change the name under which Chalice looks for the package.
        if subprocess.run(command, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, check=False).returncode:
            raise InfraError("chalice failed; run the same command again when the reason above is mended")
