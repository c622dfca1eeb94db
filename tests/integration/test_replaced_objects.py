"""Objects that other tools replace or remove, and events in any order."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from zlib import crc32

import pytest
from sqlalchemy import NullPool, create_engine, text

from chalicelib import container
from chalicelib.adapters.s3 import S3Storage
from chalicelib.core.files.model import Checksum
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectRange
from chalicelib.http.s3_events import created_objects
from tests.database_access import connect_to, connect_to_url
from tests.integration.conftest import Service
from tests.samples import checksum, png

MINUTE = timedelta(minutes=1)
FIRST, SECOND = b"first\n", b"the second one\n"


def is_of(file: dict[str, Any], content: bytes) -> bool:
    """Whether size, checksum and result are of these bytes. boto3 puts objects with their CRC32."""
    digests = {"sha256": checksum(content).value, "crc32": f"{crc32(content):08x}"}
    stored = file["checksum"]
    return (file["status"], file["size"]) == ("processed", len(content)) and stored["value"] == digests[
        stored["algorithm"]
    ]


def process_first(service: Service) -> dict[str, Any]:
    file = service.upload(content=FIRST)
    service.process(service.key(file))
    return file


def test_replaced_object_is_processed_again(service: Service) -> None:
    file = process_first(service)
    service.deliver(service.put(service.key(file), png(7, 5)))
    done = service.show(file["id"])
    assert is_of(done, png(7, 5))
    assert (done["attempts"], done["result"]["image"]["width"]) == (2, 7)


def test_events_out_of_order_keep_the_newest_object(service: Service) -> None:
    file = service.upload(content=FIRST)
    key = service.key(file)
    first, second = service.put(key, FIRST), service.put(key, SECOND)
    service.deliver(second)
    service.deliver(first)
    service.deliver(second)
    done = service.show(file["id"])
    assert is_of(done, SECOND)
    assert done["attempts"] == 1
    assert service.timeline(file["id"]).count("event") == 3


def test_object_replaced_while_it_is_read(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaced between two ranged GETs: the result isn't of half of each object."""
    big = b"line\n" * 300_000
    file = service.upload(content=big)
    read = S3Storage.read

    def replaced_after_the_first_block(
        storage: S3Storage, key: str, start: int, length: int, etag: str | None = None
    ) -> ObjectRange:
        piece = read(storage, key, start, length, etag)
        if start == 0 and piece.size == len(big):
            service.put(key, SECOND)
        return piece

    monkeypatch.setattr(S3Storage, "read", replaced_after_the_first_block)
    service.process(service.key(file))
    done = service.show(file["id"])
    assert is_of(done, SECOND)
    assert done["result"]["text"]["lines"] == 1


def test_object_replaced_after_it_was_read(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event arrives while the first worker holds the lease, and finds nothing to claim."""
    file = service.upload(content=FIRST)
    key, read = service.key(file), S3Storage.read

    def replaced_afterwards(
        storage: S3Storage, key: str, start: int, length: int, etag: str | None = None
    ) -> ObjectRange:
        piece = read(storage, key, start, length, etag)
        if piece.size == len(FIRST):
            service.deliver(service.put(key, SECOND))
        return piece

    monkeypatch.setattr(S3Storage, "read", replaced_afterwards)
    service.process(key)
    done = service.show(file["id"])
    assert is_of(done, SECOND)
    assert service.timeline(file["id"]) == [
        *("announced", "stored", "claimed", "event", "reopened", "claimed", "finished")
    ]


def test_object_replaced_by_an_empty_one(service: Service) -> None:
    file = process_first(service)
    service.deliver(service.put(service.key(file), b""))
    assert is_of(service.show(file["id"]), b"")
    service.deliver(service.put(service.key(file), FIRST))
    assert is_of(service.show(file["id"]), FIRST)


def settle() -> None:
    """Make all rows ten minutes older."""
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("UPDATE files SET status_since = status_since - interval '10 minutes'")


def test_sweep_processes_replaced_object_whose_event_was_lost(service: Service) -> None:
    file = process_first(service)
    service.put(service.key(file), SECOND)
    service.sweep()
    assert service.show(file["id"])["size"] == len(FIRST)  # its event may be on its way
    settle()
    service.sweep()
    assert is_of(service.show(file["id"]), SECOND)


def test_sweep_adopts_object_without_an_event(service: Service) -> None:
    service.put("uploads/from elsewhere/Grüße.txt", FIRST)
    service.sweep()
    [file] = json.loads(service.http.get("/api/files/").body)
    assert (file["name"], is_of(file, FIRST)) == ("Grüße.txt", True)


def test_sweep_fails_file_whose_object_is_missing(service: Service) -> None:
    file, other = process_first(service), process_first(service)
    service.s3.delete_object(Bucket=service.bucket, Key=service.key(file))
    settle()
    service.sweep()
    gone = service.show(file["id"])
    assert (gone["status"], gone["processed"], gone["error"]["code"]) == ("failed", False, "object_missing")
    assert gone["result"] is None
    status, error = service.get(f"/api/files/{file['id']}/content")
    assert (status, error["error"]) == (404, "object_missing")  # and no redirect to S3's own
    settle()
    service.sweep()
    assert service.show(file["id"]) == gone
    assert service.show(other["id"])["attempts"] == 1
    service.put(service.key(file), SECOND)
    service.sweep()
    assert is_of(service.show(file["id"]), SECOND)


def test_sweep_processes_upload_whose_response_was_lost(service: Service) -> None:
    """The upload's request failed between the PUT and the second statement."""
    file = service.upload(content=FIRST)
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("UPDATE files SET status = 'awaiting_upload', uploaded_at = NULL")
    settle()
    service.sweep()
    assert is_of(service.show(file["id"]), FIRST)


def test_object_of_deleted_file_is_not_adopted(service: Service) -> None:
    file = process_first(service)
    service.http.delete(f"/api/files/{file['id']}")
    service.put(service.key(file), FIRST)
    service.sweep()
    assert json.loads(service.http.get("/api/files/").body) == []
    assert "Contents" not in service.s3.list_objects_v2(Bucket=service.bucket)


def test_event_during_finish_is_not_lost(service: Service, database_url: str) -> None:
    """The event's claim sees the lease, waits for the lock on the row, and finds the file finished."""
    file = process_first(service)
    claimed = container.processing_queue().claim(ObjectRef(service.key(file), "first", sequencer="0"), MINUTE)
    assert claimed is not None
    ref = next(created_objects(service.put(service.key(file), SECOND)))
    finish = "UPDATE files SET status = 'processed', lease_until = NULL, etag = 'first', version = version + 1"
    with create_engine(database_url, poolclass=NullPool).connect() as finishing, ThreadPoolExecutor() as pool:
        finishing.execute(text(finish))
        claiming = pool.submit(container.processing_queue().claim, ref, MINUTE)
        wait_for_a_lock(database_url)
        finishing.commit()
        again = claiming.result(10)
    assert again is not None
    assert again.attempts == claimed.attempts + 1


def wait_for_a_lock(database_url: str) -> None:
    """Return when a statement waits for a lock on a row."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    end = time.monotonic() + 10
    with connect_to_url(database_url) as connection:
        while connection.execute(waiting).scalar_one() == 0:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_row_without_etag_is_processed_again_when_replaced(service: Service) -> None:
    """Its checksum is of the uploaded object, which may have been replaced since."""
    file = process_first(service)
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("UPDATE files SET etag = NULL")
    service.deliver(service.put(service.key(file), SECOND))
    assert is_of(service.show(file["id"]), SECOND)


def test_object_replaced_before_the_upload_response(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    put = S3Storage.put

    def replaced_at_once(
        storage: S3Storage, key: str, body: bytes, media_type: str, checksum: Checksum | None = None
    ) -> str:
        etag = put(storage, key, body, media_type, checksum)
        if body == FIRST:
            service.put(key, SECOND)
        return etag

    monkeypatch.setattr(S3Storage, "put", replaced_at_once)
    file = service.upload(content=FIRST)
    service.process(service.key(file))
    assert is_of(service.show(file["id"]), SECOND)


def test_object_with_nul_in_its_key_is_ignored(service: Service) -> None:
    service.put("uploads/a\0b", FIRST)
    service.put("uploads/b", SECOND)
    service.sweep()
    [file] = json.loads(service.http.get("/api/files/").body)
    assert is_of(file, SECOND)
