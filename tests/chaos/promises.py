"""Checks the service's promises when no faults are injected any more and all processing has ended."""

import json
from base64 import b64decode
from hashlib import sha256
from typing import TYPE_CHECKING

import boto3

from chaos.fault_log import FILE_NAME, read_faults
from emulator.checksums import compute
from file_loader_client import Checksum, File
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.chaos.contents import file_content
from tests.chaos.open_uploads import iter_open_uploads, keys_left_to_the_lifecycle
from tests.chaos.outcome import Outcome
from tests.chaos.timeline import count_events, get_timeline, has_attempt_with_two_ends

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "file-loader"


def check_promises(client: Client, emulator: Emulator, outcome: Outcome) -> None:
    """Check every row, object, multipart upload, timeline and change, and add what was found to the outcome."""
    files = {file.id: file for file in client.files(page_size=1000)}
    outcome.broken_promises += [f"{file_id} is lost" for file_id in outcome.accepted.keys() - files.keys()]
    s3 = boto3.client("s3", endpoint_url=emulator.aws_url)
    sizes = _object_sizes(s3)
    outcome.broken_promises += [f"the object of {file_id} has no row" for file_id in sizes.keys() - files.keys()]
    for file_id, file in files.items():
        _check_file(client, file, sizes.get(file_id), outcome)
        _check_timeline(client, file, outcome)
    _check_changes(client, files, outcome)
    _check_multipart_uploads(s3, emulator, outcome)


def _check_multipart_uploads(s3: "S3Client", emulator: Emulator, outcome: Outcome) -> None:
    """None is open, except for those that the service couldn't know of, or abort."""
    left = keys_left_to_the_lifecycle(read_faults(emulator.data / FILE_NAME), BUCKET)
    for key, parts in iter_open_uploads(s3, BUCKET):
        if parts or key not in left:
            outcome.broken_promises.append(f"the multipart upload of {key} is open, with {parts} parts")
        else:
            outcome.left_to_lifecycle += 1


def _check_file(client: Client, file: File, object_size: int | None, outcome: Outcome) -> None:
    """An accepted file must be processed, and so must any other whose bytes arrived. The rest has expired."""
    file_id, content = file.id, file_content(file.name)
    accepted_digest = outcome.accepted.get(file_id)
    statuses = outcome.unaccepted_statuses if accepted_digest is None else outcome.statuses
    statuses[file.status] += 1
    outcome.attempts[file.attempts] += 1
    if file.status == "expired" and accepted_digest is None:
        if object_size is not None:
            outcome.broken_promises.append(f"{file_id} has expired and has an object")
        return
    digest = sha256(content).hexdigest()
    crc = b64decode(compute("CRC64NVME", content)).hex()
    checksums = (Checksum("sha256", digest), Checksum("crc64nvme", crc))
    is_processed = file.status == "processed" and file.checksum in checksums
    if not is_processed or accepted_digest not in {None, digest}:
        outcome.broken_promises.append(f"{file_id} has a wrong state: {file}")
    has_size = object_size == file.size == len(content)
    if not has_size or client.download(file).content != content:
        outcome.broken_promises.append(f"{file_id} has other bytes than were uploaded")


def _check_timeline(client: Client, file: File, outcome: Outcome) -> None:
    entries = get_timeline(client, file.id)
    events = count_events(entries)
    outcome.timeline_events += events
    if events["finished"] != (file.status == "processed") or has_attempt_with_two_ends(entries):
        outcome.broken_promises.append(f"{file.id} has two results, or none: {json.dumps(entries)}")


def _object_sizes(s3: "S3Client") -> dict[str, int]:
    """Return the size of each file's object, by the file's id."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {entry["Key"].split("/")[1]: entry["Size"] for page in pages for entry in page.get("Contents", ())}


def _check_changes(client: Client, files: dict[str, File], outcome: Outcome) -> None:
    versions: dict[str, list[int]] = {}
    response = client.request("GET", "/api/changes", params={"since": 0, "limit": 1000})
    while True:
        for change in response.json():
            versions.setdefault(change["id"], []).append(change["version"])
        if "next" not in response.links:
            break
        response = client.session.get(response.links["next"]["url"], timeout=60)
    for file_id, file in files.items():
        seen = versions.get(file_id, [])
        if seen != sorted(set(seen)) or seen[: file.version] != list(range(1, file.version + 1)):
            outcome.broken_promises.append(f"the changes of {file_id} have a gap: {seen}")
