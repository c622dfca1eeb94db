"""Taking a stage down again."""

import os
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from infra import chalice_project, rds
from infra.deployment import Deployment
from infra.errors import InfraError
from infra.stages import APP

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def destroy(deployment: Deployment, confirmed: str, *, delete_files: bool) -> None:
    """Delete all that `deploy` made; can be repeated. The database leaves a last snapshot.

    Raises InfraError unless `confirmed` is the stage's name, and while the bucket holds users' files, unless
    `delete_files`.
    """
    stage = deployment.stage
    if confirmed != stage.name:
        raise InfraError(f"this deletes the stage {stage.name}; to go on, say CONFIRM={stage.name}")
    values = deployment.values()
    for template in stage.stacks:
        values |= deployment.stacks.outputs(stage.stack(template))
    bucket = Bucket(deployment.session.client("s3"), values["BucketName"])
    if not delete_files and bucket.holds_files():
        raise InfraError(f"the bucket {bucket.name} holds files; to delete them too, say DELETE_FILES=yes")
    for template in reversed(stage.monitoring):
        deployment.stacks.delete(stage.stack(template))
    if deployment.stacks.outputs(stage.stack("storage")):
        # Chalice wants its configuration whole, also that of a stage that never came to be whole.
        unknown = dict.fromkeys(chalice_project.all_references(), "unknown")
        deployment.assemble(unknown | dict(os.environ) | values)
        deployment.functions(bucket.name).delete()
        bucket.empty()
    for template in reversed(stage.stacks):
        if template == "database":
            rds.unprotect(deployment.session.client("rds"), f"{APP}-{stage.name}", deployment.say)
        deployment.stacks.delete(stage.stack(template))


class Bucket:
    """The stage's bucket, before it is deleted."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self.name = name

    def holds_files(self) -> bool:
        """Whether there is anything that a user handed in."""
        try:
            return bool(self._client.list_objects_v2(Bucket=self.name, Prefix="uploads/", MaxKeys=1)["KeyCount"])
        except ClientError as fault:
            if fault.response["Error"]["Code"] == "NoSuchBucket":
                return False
            raise

    def empty(self) -> None:
        """Delete every object, and the parts of uploads that were never completed."""
        for uploads in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.name):
            for upload in uploads.get("Uploads", []):
                self._client.abort_multipart_upload(
                    Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            found: list[ObjectIdentifierTypeDef] = [{"Key": made["Key"]} for made in page.get("Contents", [])]
            if found:
                self._client.delete_objects(Bucket=self.name, Delete={"Objects": found, "Quiet": True})
