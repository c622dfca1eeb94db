"""The multipart uploads that are open at the end of a run."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def iter_open_uploads(s3: "S3Client", bucket: str) -> Iterator[tuple[str, int]]:
    """Yield the key of each, and how many parts it has."""
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", ()):
            key, upload_id = upload["Key"], upload["UploadId"]
            yield key, len(s3.list_parts(Bucket=bucket, Key=key, UploadId=upload_id).get("Parts", ()))


def keys_left_to_the_lifecycle(faults: Sequence[dict[str, Any]], bucket: str) -> set[str]:
    """Return the keys of which S3 may have a multipart upload that the service can't know of, or couldn't abort.

    Its creation succeeded and the response was lost or late; or the row couldn't be added, and the abort failed.
    The bucket's lifecycle aborts those. None of them has a part, because nobody was given a URL.
    """
    lost = {fault["path"] for fault in faults if _is_lost_creation(fault) or _is_failed_abort(fault)}
    return {path.removeprefix(f"/{bucket}/") for path in lost}


def _is_lost_creation(fault: dict[str, Any]) -> bool:
    return fault.get("method") == "POST" and fault.get("mode") in {"500 after success", "slow"}


def _is_failed_abort(fault: dict[str, Any]) -> bool:
    return fault.get("method") == "DELETE"
