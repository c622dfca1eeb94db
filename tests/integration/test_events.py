"""S3 events with a real database and a real bucket."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib import container
from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue
from chalicelib.core.files.model import File
from chalicelib.core.processing.object_ref import ObjectRef
from tests.integration.conftest import Context, Service, created_event
from tests.samples import png

EVENTS = Path(__file__).parents[1] / "events"
MINUTE = timedelta(minutes=1)


def test_s3_test_event_is_ignored(service: Service) -> None:
    app.process_upload(json.loads((EVENTS / "test-event.json").read_text()), Context())
    assert json.loads(service.http.get("/api/files/").body) == []


def test_all_records_of_an_event_are_processed(service: Service) -> None:
    files = [service.upload(name) for name in ("a b+c.txt", "ü.txt", "q\"'.txt")]
    service.process(*(service.key(file) for file in files))
    assert [service.show(file["id"])["status"] for file in files] == ["processed"] * 3


def test_object_of_another_tool_is_adopted(service: Service) -> None:
    key = "uploads/2026/november/Grüße +1.png"
    service.s3.put_object(Bucket=service.bucket, Key=key, Body=png(7, 5), ContentType="image/png")
    service.process(key)
    service.process(key)
    [file] = json.loads(service.http.get("/api/files/").body)
    assert (file["name"], file["size"], file["status"]) == ("Grüße +1.png", len(png(7, 5)), "processed")
    assert file["types"]["declared"] == "image/png"
    assert file["result"]["image"]["width"] == 7
    assert file["checksum"]["value"]
    content = service.http.get(f"/api/files/{file['id']}/content")
    assert content.status_code == 302


def test_event_without_an_object_changes_nothing(service: Service) -> None:
    service.process("uploads/not/there.txt")
    assert json.loads(service.http.get("/api/files/").body) == []


def test_failing_record_is_raised_after_the_others_were_processed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, broken = service.upload("good.txt"), service.upload("broken.txt")
    claim = PostgresProcessingQueue.claim

    def failing_claim(work: PostgresProcessingQueue, created: ObjectRef, lease: timedelta) -> File | None:
        if created.key == service.key(broken):
            raise RuntimeError("it broke")
        return claim(work, created, lease)

    monkeypatch.setattr(PostgresProcessingQueue, "claim", failing_claim)
    with pytest.raises(RuntimeError, match="it broke"):
        app.process_upload(created_event(service.key(broken), service.key(good)), Context())
    assert service.show(good["id"])["status"] == "processed"


@pytest.mark.parametrize("s3", [None, {}, {"object": {}}, {"object": {"key": "uploads/a%00b"}}])
def test_other_records_are_processed_despite_a_malformed_one(service: Service, s3: Any) -> None:
    """Nor does it raise: Lambda would retry the event, and find the record malformed again."""
    files = [service.upload(name) for name in ("first.txt", "second.txt")]
    event = created_event(*(service.key(file) for file in files))
    event["Records"].insert(1, {"eventName": "ObjectCreated:Put", "s3": s3})
    app.process_upload(event, Context())
    assert [service.show(file["id"])["status"] for file in files] == ["processed"] * 2


def test_eight_workers_at_once_claim_each_file_once(service: Service) -> None:
    """A claim is one statement: of several concurrent ones, one succeeds."""
    keys = [service.key(service.upload(f"{n}.txt")) for n in range(20)]
    work = container.processing_queue()
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda key: work.claim(ObjectRef(key), MINUTE), keys * 8))
    assert sorted(claim.object_key for claim in claims if claim) == sorted(keys)


def test_lease_ends_with_the_invocation(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    leases: list[timedelta] = []
    claim = PostgresProcessingQueue.claim

    def noted_claim(work: PostgresProcessingQueue, created: ObjectRef, lease: timedelta) -> File | None:
        leases.append(lease)
        return claim(work, created, lease)

    monkeypatch.setattr(PostgresProcessingQueue, "claim", noted_claim)
    service.process(service.key(service.upload()))
    assert leases == [timedelta(milliseconds=Context().get_remaining_time_in_millis())]


def test_expired_lease_is_taken_over(service: Service) -> None:
    file = service.upload()
    assert container.processing_queue().claim(ObjectRef(service.key(file)), timedelta(seconds=-1)) is not None
    service.process(service.key(file))
    done = service.show(file["id"])
    assert (done["status"], done["attempts"]) == ("processed", 2)


def test_sweep_processes_the_file_of_a_dead_worker(service: Service) -> None:
    file = service.upload()
    container.processing_queue().claim(ObjectRef(service.key(file)), timedelta(seconds=-1))
    service.sweep()
    assert service.show(file["id"])["status"] == "processed"


def test_sweep_needs_nothing_of_its_event(service: Service) -> None:
    """An administrator may call it with `{}`."""
    file = service.upload()
    container.processing_queue().claim(ObjectRef(service.key(file)), timedelta(seconds=-1))
    app.sweep({}, Context())
    assert service.show(file["id"])["status"] == "processed"


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("after", ["", "x", 7, [], {}])
def test_files_are_marked_after_an_id_only(after: Any) -> None:
    with pytest.raises(ValueError, match="`after` must be the id"):
        app.mark_files_for_reprocessing({"after": after}, Context())
