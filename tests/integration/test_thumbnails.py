"""Thumbnails: creation, download, replacement and deletion."""

import io
from datetime import timedelta
from typing import Any

import pytest
import requests
from PIL import Image

from chalicelib import container
from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.processors.registry import versions
from tests.database_access import connect_to
from tests.integration.conftest import Service
from tests.processors import sample_files
from tests.samples import png


def thumbnails(service: Service) -> list[str]:
    listed = service.s3.list_objects_v2(Bucket=service.bucket, Prefix="derived/").get("Contents", [])
    return [stored["Key"] for stored in listed]


def processed(service: Service, name: str = "a.png", content: bytes | None = None) -> dict[str, Any]:
    file = service.upload(name, png(1000, 800) if content is None else content)
    service.process(service.key(file))
    return service.show(file["id"])


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("a.png", png(1000, 800), (512, 410)),
        ("small.png", png(30, 20), (30, 20)),
        ("a.pdf", sample_files.make_pdf(), None),
    ],
)
def test_image_has_a_thumbnail(service: Service, name: str, content: bytes, size: tuple[int, int] | None) -> None:
    file = processed(service, name, content)
    assert file["thumbnail"] == f"http://127.0.0.1:8000/api/files/{file['id']}/thumbnail"
    response = service.http.get(f"/api/files/{file['id']}/thumbnail")
    assert response.status_code == 302
    download = requests.get(response.headers["Location"], timeout=10)
    assert (download.headers["Content-Type"], download.headers["Content-Disposition"]) == ("image/webp", "inline")
    with Image.open(io.BytesIO(download.content)) as thumbnail:
        assert thumbnail.format == "WEBP"
        assert max(thumbnail.size) <= 512
        assert size is None or thumbnail.size == size


def test_text_has_no_thumbnail(service: Service) -> None:
    file = processed(service, "a.txt", b"hello")
    assert file["thumbnail"] is None
    assert service.get(f"/api/files/{file['id']}/thumbnail")[0] == 404
    assert service.get("/api/files/01930000-0000-7000-8000-000000000000/thumbnail")[0] == 404
    assert thumbnails(service) == []


def test_thumbnail_triggers_no_processing(service: Service) -> None:
    """Its key has another prefix than the one that triggers processing."""
    processed(service)
    [key] = thumbnails(service)
    assert not key.startswith("uploads/")


def test_thumbnail_is_deleted_with_its_file(service: Service) -> None:
    file = processed(service)
    assert len(thumbnails(service)) == 1
    service.http.delete(f"/api/files/{file['id']}")
    assert thumbnails(service) == []


def test_thumbnail_is_replaced_by_reprocessing(service: Service) -> None:
    file = processed(service)
    service.deliver(service.put(service.key(file), png(300, 300)))
    assert thumbnails(service) == [f"derived/{file['id']}/2/thumbnail.webp"]
    service.deliver(service.put(service.key(file), b"no picture any more"))
    assert thumbnails(service) == []
    assert service.show(file["id"])["thumbnail"] is None


def test_sweep_deletes_thumbnail_of_a_lost_lease(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has put its thumbnail and dies before it finishes, or the file is deleted meanwhile."""
    lost, deleted = service.upload("a.png", png()), service.upload("b.png", png())

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(PostgresProcessingQueue, "finish", dies)
        for file in (lost, deleted):
            with pytest.raises(KeyboardInterrupt):
                service.process(service.key(file))
    service.http.delete(f"/api/files/{deleted['id']}")
    service.sweep()
    assert thumbnails(service) == [f"derived/{lost['id']}/1/thumbnail.webp"]  # a worker may be at it
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("UPDATE files SET lease_until = now() - interval '1 second'")
    service.sweep()
    assert service.show(lost["id"])["attempts"] == 2
    assert thumbnails(service) == [f"derived/{lost['id']}/2/thumbnail.webp"]


def test_sweep_keeps_other_objects_under_derived(service: Service) -> None:
    service.put("derived/other/object", b"x")
    service.put("derived/nobodys/1/thumbnail.webp", b"x")
    service.sweep()
    assert len(thumbnails(service)) == 2


def test_file_that_crashes_three_workers_is_finished_without_its_processor(service: Service) -> None:
    file = service.upload("a.png", png())
    for _ in range(3):
        assert container.processing_queue().claim(ObjectRef(service.key(file)), timedelta(seconds=-1)) is not None
    service.sweep()
    done = service.show(file["id"])
    assert (done["status"], done["attempts"], done["types"]["detected"]) == ("processed", 4, "image/png")
    assert done["result"] == {"image": {"version": versions()["image"], "skipped": "worker_crashes"}}
    service.http.post(f"/api/files/{file['id']}/reprocess")
    service.sweep()
    assert service.show(file["id"])["result"]["image"]["width"] == 30  # reprocessed on request
