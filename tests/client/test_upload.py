"""Uploads of the Python client, to a service that fails as real ones do."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest

from file_loader_client import (
    Client,
    Phase,
    Progress,
    ServiceError,
    SourceChangedError,
    TransferError,
    UnreachableError,
    Upload,
    VerificationError,
)
from tests.client.fake_messages import error
from tests.client.fake_service import FakeService, s3_error
from tests.client.faults import fail, lose_response

CONTENT = bytes(range(240))
"""Above the fake's threshold of 100 bytes: five parts, the last one of 40 bytes."""

PARTS = "/s3/.*"


def stored(service: FakeService) -> bytes | None:
    (upload,) = service.uploads.values()
    return upload.data


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_small_file_is_one_request_to_s3(client: Client, service: FakeService, size: int) -> None:
    file = client.upload(CONTENT[:size], name="a.bin", type="image/png", metadata={"order": "7"})
    assert stored(service) == CONTENT[:size]
    assert (file.size, file.status, file.types.declared, file.metadata) == (
        size,
        "uploaded",
        "image/png",
        {"order": "7"},
    )
    (put,) = [each for each in service.requests if each.method == "PUT"]
    assert put.headers["x-signed"] == "yes"
    assert put.headers["content-length"] == str(size)


@pytest.mark.parametrize("size", [101, 150, 151, 240])
def test_a_large_file_is_sent_in_parts_each_once(client: Client, service: FakeService, size: int) -> None:
    file = client.upload(CONTENT[:size], name="a.bin", parallel=3)
    assert stored(service) == CONTENT[:size]
    assert file.size == size
    assert service.sent_parts() == dict.fromkeys(range(1, -(-size // 50) + 1), 1)


def test_part_urls_are_requested_in_batches(client: Client, service: FakeService) -> None:
    client.upload(CONTENT, name="a.bin", parallel=1)
    assert service.count("POST", "/api/uploads/.*/parts") == 1  # three came with the upload


def test_a_path_gives_its_name(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "käse.txt"
    path.write_bytes(CONTENT)
    assert client.upload(path).name == "käse.txt"
    assert client.upload(str(path), name="other.txt").name == "other.txt"
    with path.open("rb") as file:
        assert client.upload(file).name == "käse.txt"


def test_a_stream_is_uploaded_from_where_it_stands(client: Client, service: FakeService) -> None:
    stream = io.BytesIO(CONTENT)
    stream.seek(10)
    client.upload(stream, name="a.bin")
    assert stored(service) == CONTENT[10:]


def test_a_pipe_is_copied_to_know_its_size(client: Client, service: FakeService) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(CONTENT)
    with os.fdopen(reading, "rb") as stream:
        client.upload(stream, name="a.bin")
    assert stored(service) == CONTENT


def test_bytes_need_a_name(client: Client) -> None:
    with pytest.raises(ValueError, match="name"):
        client.upload(CONTENT)


def test_a_text_stream_is_refused(client: Client) -> None:
    with pytest.raises(TypeError, match="binary"):
        client.upload(io.StringIO("text"), name="a.txt")  # type: ignore[arg-type]


def test_the_token_goes_to_the_service_alone(client: Client, service: FakeService, tmp_path: Path) -> None:
    file = client.upload(CONTENT, name="a.bin")
    client.download(file.id, tmp_path / "a.bin")
    for request in service.requests:
        expected = None if request.path.startswith("/s3/") else "Bearer secret"
        assert request.headers.get("authorization") == expected, request.path


def test_the_checksum_is_given_when_the_upload_is_created(client: Client, service: FakeService) -> None:
    client.upload(b"123456789", name="a.bin")
    (upload,) = service.uploads.values()
    assert upload.body["checksum"] == {"algorithm": "crc64nvme", "value": "ae8b14860a799888"}


def test_a_lost_response_of_create_makes_no_second_file(client: Client, service: FakeService) -> None:
    service.faults.append(lose_response("POST", "/api/uploads"))
    client.upload(CONTENT, name="a.bin")
    assert service.count("POST", "/api/uploads") == 2
    assert len(service.uploads) == 1


@pytest.mark.parametrize("call", ["PUT /s3/.*", "POST /api/uploads/.*/complete", "POST /api/uploads/.*/parts"])
def test_lost_responses_are_repeated(client: Client, service: FakeService, call: str) -> None:
    service.faults.append(lose_response(*call.split()))
    client.upload(CONTENT, name="a.bin")
    assert stored(service) == CONTENT


def test_a_lost_response_of_a_single_put_is_no_error(client: Client, service: FakeService) -> None:
    service.faults.append(lose_response("PUT", PARTS))
    assert client.upload(b"small", name="a.bin").size == 5  # S3 responds with 412 to the second request
    assert service.count("PUT", PARTS) == 2


def test_errors_of_the_moment_are_tried_again(client: Client, service: FakeService) -> None:
    service.faults += [
        fail(error(503, "storage_unavailable"), "POST", "/api/uploads"),
        fail(s3_error(503, "SlowDown", "Reduce your request rate"), "PUT", PARTS, part=2, times=3),
        fail(error(502, "bad_gateway"), "POST", "/api/uploads/.*/complete"),
    ]
    client.upload(CONTENT, name="a.bin")
    assert stored(service) == CONTENT
    assert service.sent_parts() == {1: 1, 2: 4, 3: 1, 4: 1, 5: 1}


def test_expired_urls_are_renewed(client: Client, service: FakeService) -> None:
    def expire(_: Upload) -> None:
        service.generation += 1

    client.upload(CONTENT, name="a.bin", on_create=expire, parallel=1)
    assert stored(service) == CONTENT
    assert service.sent_parts() == {1: 2, 2: 1, 3: 1, 4: 1, 5: 1}  # only the first one was refused
    assert service.count("POST", "/api/uploads/.*/parts") == 1


def test_urls_that_expire_soon_are_not_used(client: Client, service: FakeService) -> None:
    service.url_lifetime = timedelta(seconds=30)
    client.upload(CONTENT, name="a.bin", parallel=1)
    assert service.count("POST", "/api/uploads/.*/parts") == 5  # for each part, before it is sent


def test_an_expired_url_of_a_single_put_is_renewed(client: Client, service: FakeService) -> None:
    def expire(_: Upload) -> None:
        service.generation += 1

    client.upload(b"small", name="a.bin", on_create=expire)
    assert stored(service) == b"small"


def test_a_request_that_s3_always_forbids_fails(client: Client, service: FakeService) -> None:
    service.faults.append(fail(s3_error(403, "AccessDenied", "No"), "PUT", PARTS, times=100))
    with pytest.raises(TransferError, match=r"No \(403 AccessDenied"):
        client.upload(CONTENT, name="a.bin", parallel=1)
    assert service.sent_parts() == {1: 4}


def test_an_upload_is_resumed_without_sending_a_part_twice(
    client: Client, service: FakeService, tmp_path: Path
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    created: list[Upload] = []
    service.faults.append(fail(s3_error(400, "InvalidRequest", "No"), "PUT", PARTS, part=3))
    with pytest.raises(TransferError):
        client.upload(path, on_create=created.append, parallel=1)
    seen: list[Progress] = []
    service.uploads[created[0].id].parts[4] = b"of another size"
    del service.uploads[created[0].id].parts[3]
    file = client.upload(path, resume=created[0].id, progress=seen.append)
    assert (file.id, stored(service)) == (created[0].id, CONTENT)
    assert service.sent_parts() == {1: 1, 2: 1, 3: 2, 4: 1, 5: 1}
    first = next(each for each in seen if each.phase is Phase.UPLOAD)
    assert (first.done, first.resumed, first.total) == (100, 100, 240)


def test_a_resumed_upload_that_is_complete_sends_nothing(client: Client, service: FakeService) -> None:
    file = client.upload(CONTENT, name="a.bin")
    service.requests.clear()
    assert client.upload(CONTENT, name="a.bin", resume=file.id).id == file.id
    assert service.count("PUT", PARTS) == 0


def test_another_file_does_not_resume_an_upload(client: Client) -> None:
    upload = client.create_upload("a.bin", len(CONTENT))
    with pytest.raises(TransferError, match=r"240 bytes, and b\.bin has 239"):
        client.upload(CONTENT[1:], name="b.bin", resume=upload.id)


def test_an_idempotency_key_continues_the_same_upload(client: Client, service: FakeService) -> None:
    service.faults.append(fail(s3_error(400, "InvalidRequest", "No"), "PUT", PARTS, part=5))
    with pytest.raises(TransferError):
        client.upload(CONTENT, name="a.bin", idempotency_key="k", parallel=1)
    client.upload(CONTENT, name="a.bin", idempotency_key="k", parallel=1)
    assert len(service.uploads) == 1
    assert service.sent_parts() == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}


def test_an_upload_that_the_service_completed_meanwhile_is_no_error(client: Client, service: FakeService) -> None:
    def complete(upload: Upload) -> None:
        service.uploads[upload.id].data = CONTENT

    assert client.upload(CONTENT, name="a.bin", on_create=complete).size == 240


@pytest.mark.parametrize("size", [50, 240])
def test_a_file_that_changes_meanwhile_fails_and_leaves_no_upload(
    client: Client, service: FakeService, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT[:size])

    def append(_: Upload) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with pytest.raises(SourceChangedError, match=r"a\.bin was changed"):
        client.upload(path, on_create=append)
    assert service.uploads == {}


def test_a_file_that_becomes_shorter_meanwhile_fails(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    with pytest.raises(SourceChangedError, match="shorter"):
        client.upload(path, on_create=lambda _: os.truncate(path, 10))


def test_the_other_parts_end_when_one_fails(client: Client, service: FakeService) -> None:
    service.faults.append(fail(s3_error(400, "InvalidRequest", "No"), "PUT", PARTS, part=1))
    with pytest.raises(TransferError, match="InvalidRequest"):
        client.upload(bytes(50 * 200), name="a.bin", parallel=2)
    assert len(service.sent_parts()) < 150


def test_other_stored_bytes_are_an_error(client: Client, service: FakeService) -> None:
    service.stored_checksum = "0" * 16
    with pytest.raises(VerificationError, match="0000000000000000 is stored"):
        client.upload(CONTENT, name="a.bin")


def test_progress_grows_to_the_size_in_each_phase(client: Client, service: FakeService) -> None:
    seen: list[Progress] = []
    service.faults.append(fail(s3_error(500, "InternalError", "Try again"), "PUT", PARTS, part=2))
    client.upload(CONTENT, name="a.bin", progress=seen.append)
    for phase in (Phase.CHECKSUM, Phase.UPLOAD):
        done = [each.done for each in seen if each.phase is phase]
        assert (done[0], done[-1], max(done)) == (0, 240, 240)


def test_a_progress_callback_can_end_the_upload(client: Client, service: FakeService) -> None:
    def end(progress: Progress) -> None:
        if progress.phase is Phase.UPLOAD and progress.done:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        client.upload(CONTENT, name="a.bin", progress=end)
    assert stored(service) is None


def test_an_error_of_the_service_has_its_fields(client: Client, service: FakeService) -> None:
    service.faults.append(fail(error(413, "file_too_large"), "POST", "/api/uploads"))
    with pytest.raises(ServiceError) as caught:
        client.upload(CONTENT, name="a.bin")
    found = caught.value
    assert (found.status, found.code, found.message, found.request_id) == (
        413,
        "file_too_large",
        "this is file_too_large",
        "r-1",
    )


@pytest.mark.usefixtures("service")  # attempts follow at once
def test_a_service_that_is_not_there_is_unreachable() -> None:
    with Client("http://127.0.0.1:1") as client, pytest.raises(UnreachableError, match=r"127\.0\.0\.1:1"):
        client.upload(CONTENT, name="a.bin")
