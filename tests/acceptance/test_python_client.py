"""Uploads with the Python client, to S3 and through the API."""

import random
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from file_loader_client import FileLoaderError, Phase, Progress, ServiceError, Upload
from tests.acceptance.client import Client
from tests.pages.console_commands import PROJECT, code_blocks, page_name
from tests.samples import png

MIB = 1024 * 1024
MULTIPART_BYTES = 65 * MIB + 1
"""Above MULTIPART_THRESHOLD_BYTES: five parts of at least 16 MiB."""


EXAMPLE_URL = "http://127.0.0.1:8000"
"""Of the service in the pages' examples."""

PYTHON_PAGES = [PROJECT / "client/README.md", PROJECT / "docs/reference/python-client.md"]


@pytest.mark.parametrize("page", PYTHON_PAGES, ids=page_name)
def test_examples_of_the_pages_run(
    client: Client, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(png())
    Path("film.mp4").write_bytes(b"a short film")
    examples = [block.text for block in code_blocks(page.read_text()) if block.language == "python"]
    assert examples
    for example in examples:
        exec(compile(example.replace(EXAMPLE_URL, client.base_url), page_name(page), "exec"), {})  # noqa: S102
    assert Path("copy.jpg").read_bytes() == png()


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_a_small_file_comes_back_as_it_was(client: Client, tmp_path: Path, size: int) -> None:
    content = random.Random(size).randbytes(size)
    file = client.api.upload(content, name="Grüße +1.bin", type="image/png")
    assert (file.name, file.size, file.types.declared) == ("Grüße +1.bin", size, "image/png")
    done = client.api.wait(file.id, timeout=30)
    assert (done.status, done.checksum) == ("processed", file.checksum)
    assert client.api.download(file.id, tmp_path).read_bytes() == content
    assert file.id in {each.id for each in client.files(q="Grüße +1.bin")}
    types = [change.type for change in client.changes() if change.id == file.id]
    assert (types[0], types[-1]) == ("announced", "finished")
    client.api.delete(file.id)
    with pytest.raises(ServiceError, match="404"):
        client.api.file(file.id)


def test_metadata_is_stored_filtered_by_and_changed(client: Client) -> None:
    order = uuid4().hex
    file = client.api.upload(b"bytes", name="a.bin", metadata={"order": order, "customer.name": "Käse & Co + 1"})
    assert file.metadata == {"order": order, "customer.name": "Käse & Co + 1"}
    assert [each.id for each in client.files(metadata={"order": order, "customer.name": "Käse & Co + 1"})] == [
        file.id
    ]
    changed = client.api.update(file.id, name="b.bin", metadata={"order": f"{order}/2"})
    assert (changed.name, changed.metadata) == ("b.bin", {"order": f"{order}/2"})
    assert client.files(metadata={"order": order}) == []
    last = [change for change in client.changes() if change.id == file.id][-1]
    assert last.metadata == {"order": f"{order}/2"}


def test_changes_are_followed(client: Client) -> None:
    since = max((change.seq for change in client.changes()), default=0)
    changes = client.api.changes(since, follow=True, interval=0.05)
    seen = []
    for name in ("first.txt", "second.txt"):
        file = client.upload(name, b"hello")
        seen.append(next(change for change in changes if change.id == file.id and change.status == "processed"))
    assert since < seen[0].seq < seen[1].seq


@pytest.mark.slow(4)
def test_an_interrupted_multipart_upload_is_resumed(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(random.Random(1).randbytes(MIB) * 65 + b"x")
    created: list[Upload] = []

    def interrupt(progress: Progress) -> None:
        if progress.phase is Phase.UPLOAD and progress.done > 40 * MIB:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.api.upload(path, on_create=created.append, progress=interrupt, parallel=1)
    stored = client.api.get_upload(created[0].id)
    assert [part.number for part in stored.uploaded_parts or ()] == [1, 2]
    seen: list[Progress] = []
    file = client.api.upload(path, resume=stored.id, progress=seen.append)
    uploads = [each for each in seen if each.phase is Phase.UPLOAD]
    assert {each.resumed for each in uploads} == {2 * (stored.part_size or 0)}
    assert uploads[-1].done == file.size == MULTIPART_BYTES
    assert client.api.wait(file.id, timeout=60).status == "processed"
    downloaded = client.api.download(file.id, tmp_path / "copy.bin")
    assert sha256(downloaded.read_bytes()).digest() == sha256(path.read_bytes()).digest()
    client.delete(file.id)


def test_a_file_that_is_deleted_during_its_upload_is_an_error(client: Client) -> None:
    with pytest.raises(FileLoaderError):
        client.api.upload(b"bytes", name="a.bin", on_create=lambda upload: client.delete(upload.id))


def test_an_aborted_upload_is_gone(client: Client) -> None:
    upload = client.api.create_upload("a.bin", MULTIPART_BYTES)
    client.api.abort_upload(upload.id)
    with pytest.raises(ServiceError, match="404"):
        client.api.get_upload(upload.id)
