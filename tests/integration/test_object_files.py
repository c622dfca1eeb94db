"""MiniStack's objects are on disk when it says so, and a request that can't change their files changes nothing."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.ministack import MiniStack
from emulator.multipart_uploads import ABORT_DAYS
from emulator.object_files import SIDECAR_SUFFIX
from emulator.part_files import PartFiles
from emulator.processes import ServerProcess
from infra import template_reader
from tests.small_disk import MIB, SmallDisk, small_disk

KEY = "uploads/1/a.txt"


@dataclass
class ObjectStore:
    """A bucket of a MiniStack whose directory a test may change."""

    ministack: MiniStack
    s3: Any
    bucket: Path

    def block(self, key: str = KEY) -> Path:
        """Keep MiniStack from writing the object's file, with a directory of the name that it writes to first."""
        blocker = (self.bucket / key).with_name(f"{Path(key).name}.tmp")
        blocker.mkdir(parents=True)
        return blocker

    def get(self, key: str = KEY) -> bytes:
        body: bytes = self.s3.get_object(Bucket="bucket", Key=key)["Body"].read()
        return body

    def keys(self) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket="bucket").get("Contents", [])]


def connect(url: str) -> Any:
    return boto3.client("s3", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


def status(error: pytest.ExceptionInfo[ClientError]) -> int:
    code: int = error.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return code


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    with MiniStack(tmp_path, port=0, services="s3") as ministack:
        s3 = connect(ministack.url)
        s3.create_bucket(Bucket="bucket")
        yield ObjectStore(ministack, s3, tmp_path / "s3" / "000000000000" / "bucket")


def test_an_object_that_cannot_be_written_is_refused(store: ObjectStore) -> None:
    blocker = store.block()
    with pytest.raises(ClientError) as caught:
        store.s3.put_object(Bucket="bucket", Key=KEY, Body=b"new")
    assert status(caught) == 507
    assert store.keys() == []
    assert [path for path in store.bucket.rglob("*") if path.is_file()] == []
    blocker.rmdir()
    store.s3.put_object(Bucket="bucket", Key=KEY, Body=b"new")
    assert store.get() == b"new"


@pytest.mark.parametrize("suffix", ["", SIDECAR_SUFFIX])
def test_an_object_that_cannot_be_replaced_stays_the_same(store: ObjectStore, suffix: str) -> None:
    store.s3.put_object(Bucket="bucket", Key=KEY, Body=b"old", ContentType="text/old")
    before = store.s3.head_object(Bucket="bucket", Key=KEY)
    store.block(KEY + suffix)
    with pytest.raises(ClientError) as caught:
        store.s3.put_object(Bucket="bucket", Key=KEY, Body=b"newer", ContentType="text/new")
    assert status(caught) == 507
    assert store.get() == b"old"
    assert len([path for path in store.bucket.rglob("*") if path.is_file()]) == 2, "something was left"
    after = store.s3.head_object(Bucket="bucket", Key=KEY)
    for name in ("ETag", "ContentLength", "ContentType", "LastModified"):
        assert after[name] == before[name]


def test_a_copy_that_cannot_be_written_is_refused(store: ObjectStore) -> None:
    store.s3.put_object(Bucket="bucket", Key="source", Body=b"x")
    store.block()
    with pytest.raises(ClientError) as caught:
        store.s3.copy_object(Bucket="bucket", Key=KEY, CopySource="bucket/source")
    assert status(caught) == 507
    assert store.keys() == ["source"]


def test_a_multipart_upload_that_cannot_be_completed_can_be_later(store: ObjectStore) -> None:
    upload = {"Bucket": "bucket", "Key": KEY}
    upload["UploadId"] = store.s3.create_multipart_upload(**upload)["UploadId"]
    part = store.s3.upload_part(**upload, PartNumber=1, Body=b"part")
    complete = {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}
    blocker = store.block()
    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            store.s3.complete_multipart_upload(**complete)
        assert status(caught) == 507
        assert store.keys() == []
    blocker.rmdir()
    store.s3.complete_multipart_upload(**complete)
    assert store.get() == b"part"


def test_a_multipart_upload_survives_a_kill(store: ObjectStore) -> None:
    upload = {"Bucket": "bucket", "Key": KEY}
    upload["UploadId"] = store.s3.create_multipart_upload(**upload, ContentType="text/x")["UploadId"]
    contents = [b"a" * 5 * MIB, bytes(6 * MIB), b"c" * 5 * MIB, b"end"]
    for number in (1, 3, 2):  # the second one doesn't fit into its slot
        store.s3.upload_part(**upload, PartNumber=number, Body=contents[number - 1], ChecksumAlgorithm="SHA256")
    before = store.s3.list_parts(**upload)["Parts"]
    store.ministack.process.stop(SIGKILL)
    directory = store.bucket.parents[2]
    (directory / "multipart" / upload["UploadId"] / "4.tmp").write_bytes(b"half")
    with MiniStack(directory, port=0, services="s3") as ministack:
        s3 = connect(ministack.url)
        after = s3.list_parts(**upload)["Parts"]
        assert after == before
        last = s3.upload_part(**upload, PartNumber=4, Body=contents[3])["ETag"]
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in after]
        parts.append({"PartNumber": 4, "ETag": last})
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        response = s3.get_object(Bucket="bucket", Key=KEY)
        assert (response["Body"].read(), response["ContentType"]) == (b"".join(contents), "text/x")
    assert list((directory / "multipart").iterdir()) == []


def test_a_start_aborts_uploads_that_the_lifecycle_does_on_aws(store: ObjectStore) -> None:
    old, new = (store.s3.create_multipart_upload(Bucket="bucket", Key=KEY)["UploadId"] for _ in range(2))
    store.s3.upload_part(Bucket="bucket", Key=KEY, UploadId=old, PartNumber=1, Body=b"x")
    store.ministack.process.stop(SIGKILL)
    directory = store.bucket.parents[2]
    created = time.time() - ABORT_DAYS * 86_400
    os.utime(directory / "multipart" / old / "upload.json", (created - 1, created - 1))
    os.utime(directory / "multipart" / new / "upload.json", (created + 60, created + 60))
    with MiniStack(directory, port=0, services="s3") as ministack:
        uploads = connect(ministack.url).list_multipart_uploads(Bucket="bucket")["Uploads"]
    assert [upload["UploadId"] for upload in uploads] == [new]
    assert [path.name for path in (directory / "multipart").iterdir()] == [new]
    rules = template_reader.read("storage")["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rules[0]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == ABORT_DAYS


@pytest.mark.parametrize("numbers", [(1, 2), (1, 3)], ids=["slots", "copied"])
@pytest.mark.parametrize("has_metadata", [True, False])
def test_an_interrupted_completion_is_done_or_can_be_repeated(
    store: ObjectStore, numbers: tuple[int, int], *, has_metadata: bool
) -> None:
    """It ends with the metadata: before, no client knows of the object."""
    upload = {"Bucket": "bucket", "Key": KEY}
    upload["UploadId"] = store.s3.create_multipart_upload(**upload, ContentType="text/x")["UploadId"]
    parts = [
        {"PartNumber": number, "ETag": store.s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]}
        for number, body in zip(numbers, (b"a" * 5 * MIB, b"b"), strict=True)
    ]
    store.ministack.process.stop(SIGKILL)
    directory, path = store.bucket.parents[2], store.bucket / KEY
    files = PartFiles(directory / "multipart")
    [(_, _, stored)] = files.load()
    path.parent.mkdir(parents=True)
    files.assemble(upload["UploadId"], stored).rename(path)
    sidecar = path.with_name(f"{path.name}.meta.json" if has_metadata else f"{path.name}.meta.json.tmp")
    sidecar.write_text('{"size": 5242881, "etag": "x"}')
    complete = {**upload, "MultipartUpload": {"Parts": parts}, "IfNoneMatch": "*"}
    with MiniStack(directory, port=0, services="s3") as ministack:
        s3 = connect(ministack.url)
        if has_metadata:
            assert "Uploads" not in s3.list_multipart_uploads(Bucket="bucket")
        else:
            s3.complete_multipart_upload(**complete)
            assert s3.head_object(Bucket="bucket", Key=KEY)["ContentType"] == "text/x"
        assert s3.get_object(Bucket="bucket", Key=KEY)["Body"].read() == b"a" * 5 * MIB + b"b"
    assert list((directory / "multipart").iterdir()) == []


def test_an_empty_upload_in_parts_can_be_completed_after_a_kill(store: ObjectStore) -> None:
    upload = {"Bucket": "bucket", "Key": KEY}
    upload["UploadId"] = store.s3.create_multipart_upload(**upload)["UploadId"]
    etag = store.s3.upload_part(**upload, PartNumber=1, Body=b"")["ETag"]
    store.ministack.process.stop(SIGKILL)
    with MiniStack(store.bucket.parents[2], port=0, services="s3") as ministack:
        s3 = connect(ministack.url)
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
        assert s3.head_object(Bucket="bucket", Key=KEY)["ContentLength"] == 0


def test_a_deleted_object_leaves_no_directory(store: ObjectStore) -> None:
    for key in (KEY, "uploads/1/b/c.txt", "uploads/./odd//key"):
        store.s3.put_object(Bucket="bucket", Key=key, Body=b"x")
    store.s3.delete_object(Bucket="bucket", Key="uploads/1/b/c.txt")
    assert store.keys() == ["uploads/./odd//key", KEY]
    for key in ("uploads/./odd//key", KEY):
        store.s3.delete_object(Bucket="bucket", Key=key)
    assert list(store.bucket.iterdir()) == []


def test_the_next_start_deletes_what_was_being_written(store: ObjectStore) -> None:
    store.s3.put_object(Bucket="bucket", Key="uploads/1/a.tmp", Body=b"x")
    composite = {"Bucket": "bucket", "Key": "composite"}
    composite["UploadId"] = store.s3.create_multipart_upload(**composite, ChecksumAlgorithm="SHA256")["UploadId"]
    etag = store.s3.upload_part(**composite, PartNumber=1, Body=b"x")["ETag"]
    parts = [{"PartNumber": 1, "ETag": etag}]
    store.s3.complete_multipart_upload(**composite, MultipartUpload={"Parts": parts})
    left = store.bucket / "uploads" / "2" / "a.txt.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    store.ministack.process.stop(SIGKILL)
    with MiniStack(store.bucket.parents[2], port=0, services="s3") as ministack:
        s3 = connect(ministack.url)
        body = s3.get_object(Bucket="bucket", Key="uploads/1/a.tmp")["Body"].read()
        head = s3.head_object(Bucket="bucket", Key="composite", ChecksumMode="ENABLED")
    assert body == b"x"
    assert head["ChecksumType"] == "COMPOSITE"
    assert not left.exists()


@pytest.mark.slow(2)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process had at most")
def test_a_large_object_takes_no_memory(store: ObjectStore) -> None:
    upload = {"Bucket": "bucket", "Key": KEY}
    upload["UploadId"] = store.s3.create_multipart_upload(**upload)["UploadId"]
    content, count = bytes(16 * MIB), 10
    etags = [
        store.s3.upload_part(**upload, PartNumber=number, Body=content)["ETag"] for number in range(1, count + 1)
    ]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    store.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    received = sum(map(len, store.s3.get_object(Bucket="bucket", Key=KEY)["Body"].iter_chunks(MIB)))
    assert received == count * len(content)
    status = Path(f"/proc/{store.ministack.process.pid}/status").read_text()
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", status)
    assert int(peak) < 200 * 1024
    path = store.bucket / KEY
    assert path.stat().st_blocks * 512 < MIB  # zeros take no space


Mount = Callable[[str], AbstractContextManager[SmallDisk]]


@pytest.fixture
def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mount:
    """Mounts a disk at `tmp_path`/disk for the servers that are started meanwhile."""
    start = ServerProcess.start

    @contextmanager
    def mount(options: str) -> Iterator[SmallDisk]:
        with small_disk(tmp_path / "disk", options) as disk:

            def start_with_disk(process: ServerProcess, command: Sequence[str], **options: Any) -> None:
                start(process, disk.command(*command), **options)

            monkeypatch.setattr(ServerProcess, "start", start_with_disk)
            yield disk

    return mount


@pytest.mark.slow(2)
def test_a_read_only_disk_loses_and_resurrects_nothing(tmp_path: Path, mount: Mount) -> None:
    with mount("size=100m") as disk:
        with MiniStack(tmp_path / "disk", port=0, services="s3") as ministack:
            s3 = connect(ministack.url)
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key=KEY, Body=b"x")
            assert disk.mount("remount,ro")
            for operation, arguments in (
                ("put_object", {"Key": "b", "Body": b"x"}),
                ("delete_object", {"Key": KEY}),
                ("head_bucket", {}),
            ):
                with pytest.raises(ClientError) as caught:
                    getattr(s3, operation)(Bucket="bucket", **arguments)
                assert status(caught) == 503
            assert disk.mount("remount,rw")
            assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]] == [KEY]
            s3.delete_object(Bucket="bucket", Key=KEY)
        with MiniStack(tmp_path / "disk", port=0, services="s3") as ministack:
            assert "Contents" not in connect(ministack.url).list_objects_v2(Bucket="bucket")


@pytest.mark.slow(2)
def test_a_disk_without_inodes_is_full(tmp_path: Path, mount: Mount) -> None:
    with mount("size=100m,nr_inodes=900"), MiniStack(tmp_path / "disk", port=0, services="s3") as ministack:
        with pytest.raises(ClientError) as caught:
            connect(ministack.url).create_bucket(Bucket="bucket")
        assert status(caught) == 507


@pytest.mark.slow(2)
def test_a_part_that_has_no_room_is_refused_and_leaves_nothing(tmp_path: Path, mount: Mount) -> None:
    with mount("size=98m"), MiniStack(tmp_path / "disk", port=0, services="s3") as ministack:
        s3 = connect(ministack.url)
        s3.create_bucket(Bucket="bucket")
        upload = {"Bucket": "bucket", "Key": KEY}
        upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
        part = {**upload, "Body": b"x" * 7 * MIB}
        etags = [s3.upload_part(**part, PartNumber=number)["ETag"] for number in range(1, 5)]
        with pytest.raises(ClientError) as caught:
            s3.upload_part(**part, PartNumber=5)
        assert status(caught) == 507
        assert [part["ETag"] for part in s3.list_parts(**upload)["Parts"]] == etags
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})  # there is no room for a copy
        assert s3.head_object(Bucket="bucket", Key=KEY)["ContentLength"] == len(etags) * 7 * MIB
