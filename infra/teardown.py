"""Deleting a stage."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra import chalice_project, rds
from infra.deployment import Deployment
from infra.errors import InfraError
from infra.stage_settings import assume_outputs
from infra.stages import APP_NAME, Stage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def destroy(deployment: Deployment, confirmation: str, *, delete_files: bool) -> None:
    """Delete everything that `deploy` created, except for a last snapshot of the database. Can be repeated.

    Raises InfraError unless `confirmation` is the stage's name, and, unless `delete_files`, when the bucket holds
    users' files.
    """
    stage = deployment.stage
    if confirmation != stage.name:
        raise InfraError(f"This deletes the stage {stage.name}. To confirm, add CONFIRM={stage.name}.")
    values = deployment.base_values()
    for template in stage.stacks:
        values |= deployment.stacks.outputs(stage.stack_name(template))
    bucket = Bucket(deployment.session.client("s3"), values["BucketName"])
    if not delete_files and bucket.has_files():
        raise InfraError(f"The bucket {bucket.name} holds files. To delete them too, add DELETE_FILES=yes.")
    for template in reversed(stage.monitoring):
        deployment.stacks.delete(stage.stack_name(template))
    if deployment.stacks.outputs(stage.stack_name("storage")):
        deployment.assemble_project(complete_values(stage, values))
        deployment.chalice_deployer(bucket.name).delete()
        bucket.empty()
    for template in reversed(stage.stacks):
        if template == "database":
            rds.disable_deletion_protection(
                deployment.session.client("rds"), f"{APP_NAME}-{stage.name}", deployment.report
            )
        deployment.stacks.delete(stage.stack_name(template))


def complete_values(stage: Stage, values: Mapping[str, str]) -> dict[str, str]:
    """Return a value for each placeholder in `.chalice`: of `values`, the environment, or one that is assumed.

    Chalice needs a complete configuration, with which the app can be imported, even if the stage was never
    deployed completely, or by an earlier version.
    """
    placeholders = chalice_project.find_all_placeholders()
    return {**dict.fromkeys(placeholders, ""), **assume_outputs(stage, placeholders), **os.environ, **values}


class Bucket:
    """The stage's bucket, before it is deleted."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self.name = name

    def has_files(self) -> bool:
        """Return whether the bucket holds uploads."""
        try:
            return bool(self._client.list_objects_v2(Bucket=self.name, Prefix="uploads/", MaxKeys=1)["KeyCount"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchBucket":
                return False
            raise

    def empty(self) -> None:
        """Delete all objects, and the parts of multipart uploads that were never completed."""
        for uploads in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name):
            for upload in uploads.get("Uploads", []):
                self._client.abort_multipart_upload(
                    Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            keys: list[ObjectIdentifierTypeDef] = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
            if keys:
                self._client.delete_objects(Bucket=self.name, Delete={"Objects": keys, "Quiet": True})
