"""Whether all is as it was promised, when nothing breaks any more and everything has ended."""

import json
from hashlib import sha256
from typing import Any

import boto3

from tests.acceptance.client import Client
from tests.chaos.contents import content_of
from tests.chaos.outcome import Outcome
from tests.chaos.timelines import an_attempt_ended_twice, entries_of, happenings

BUCKET = "file-loader"


def examine(client: Client, aws_url: str, outcome: Outcome) -> None:
    """Look at every row, object, timeline and change, and add to the outcome what was found."""
    listed = {file["id"]: file for file in client.files(limit=1000)}
    outcome.wrong += [f"{file_id} is lost" for file_id in outcome.accepted.keys() - listed.keys()]
    sizes = _stored_sizes(aws_url)
    outcome.wrong += [f"the object of {file_id} has no row" for file_id in sizes.keys() - listed.keys()]
    for file_id, file in listed.items():
        _look_at_file(client, file, sizes.get(file_id), outcome)
        _look_at_timeline(client, file, outcome)
    _look_at_changes(client, listed, outcome)


def _look_at_file(client: Client, file: dict[str, Any], stored: int | None, outcome: Outcome) -> None:
    """An accepted file is processed; another one, too, if its bytes came all the same, or else it has expired."""
    file_id, content = file["id"], content_of(file["name"])
    digest = outcome.accepted.get(file_id)
    (outcome.not_accepted if digest is None else outcome.statuses)[file["status"]] += 1
    outcome.attempts[file["attempts"]] += 1
    if file["status"] == "expired" and digest is None:
        if stored is not None:
            outcome.wrong.append(f"{file_id} has expired and has an object")
        return
    actual = sha256(content).hexdigest()
    if file["status"] != "processed" or file["checksum"]["value"] != actual or digest not in {None, actual}:
        outcome.wrong.append(f"{file_id} isn't true: {json.dumps(file)}")
    if stored != len(content) or file["size"] != len(content) or client.download(file).content != content:
        outcome.wrong.append(f"{file_id} has other bytes than were sent")


def _look_at_timeline(client: Client, file: dict[str, Any], outcome: Outcome) -> None:
    entries = entries_of(client, file["id"])
    happened = happenings(entries)
    outcome.happened += happened
    if happened["finished"] != (file["status"] == "processed") or an_attempt_ended_twice(entries):
        outcome.wrong.append(f"{file['id']} has a result twice, or none: {json.dumps(entries)}")


def _stored_sizes(aws_url: str) -> dict[str, int]:
    """Return how large each file's object is, by the file's id."""
    pages = boto3.client("s3", endpoint_url=aws_url).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {stored["Key"].split("/")[1]: stored["Size"] for page in pages for stored in page.get("Contents", ())}


def _look_at_changes(client: Client, listed: dict[str, Any], outcome: Outcome) -> None:
    versions: dict[str, list[int]] = {}
    answer = client.request("GET", "/api/changes", params={"since": 0, "limit": 1000})
    while True:
        for change in answer.json():
            versions.setdefault(change["id"], []).append(change["version"])
        if "next" not in answer.links:
            break
        answer = client.session.get(answer.links["next"]["url"], timeout=60)
    for file_id, file in listed.items():
        seen = versions.get(file_id, [])
        if seen != sorted(set(seen)) or seen[: file["version"]] != list(range(1, file["version"] + 1)):
            outcome.wrong.append(f"the changes of {file_id} have a gap: {seen}")
