"""Uploads whose size isn't announced, as Uppy's: the limit, other owners' keys, and what is left behind."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import uuid_utils.compat as uuids

from chalicelib.core.errors import (
    FILE_TOO_LARGE,
    UNSUPPORTED_REQUEST,
    UPLOAD_EXPIRED,
    UPLOAD_FINISHED,
    UPLOAD_INCOMPLETE,
    UPLOAD_NOT_FOUND,
    ErrorKind,
    ServiceError,
)
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from chalicelib.core.storage import PartRef
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.uploads.abort_unsized_upload import AbortUnsizedUpload, abort_unsized_upload
from chalicelib.core.uploads.begin_form_upload import BeginFormUpload, begin_form_upload
from chalicelib.core.uploads.begin_multipart_upload import BeginMultipartUpload, begin_multipart_upload
from chalicelib.core.uploads.complete_unsized_upload import CompleteUnsizedUpload, complete_unsized_upload
from chalicelib.core.uploads.list_unsized_parts import ListUnsizedParts, list_unsized_parts
from chalicelib.core.uploads.model import FormUpload, MultipartRef
from chalicelib.core.uploads.sign_request import SignedRequest, SignRequest, sign_request
from chalicelib.core.uploads.sign_unsized_parts import SignUnsizedParts, sign_unsized_parts
from chalicelib.core.uploads.unsized_file import UnsizedFile
from tests.samples import OTHER_OWNER, OWNER
from tests.unit.announced_uploads import UploadClient
from tests.unit.use_cases import make_worker, run_sweep

LIMIT = 100


@dataclass
class UppyClient:
    """Calls the use cases as Uppy's routes do, and sends parts."""

    uploads: UploadClient = field(default_factory=lambda: UploadClient(max_file_bytes=LIMIT, threshold=LIMIT // 2))

    def begin_form(self, name: str = "a.txt") -> FormUpload:
        return begin_form_upload(
            BeginFormUpload(OWNER, uuids.uuid7(), UnsizedFile(name=name)),
            uploads=self.uploads.db.uploads,
            public_storage=self.uploads.storage,
            limits=self.uploads.limits,
        )

    def begin(self) -> MultipartRef:
        file = begin_multipart_upload(
            BeginMultipartUpload(OWNER, uuids.uuid7(), UnsizedFile(name="a.txt")),
            uploads=self.uploads.db.uploads,
            storage=self.uploads.storage,
            limits=self.uploads.limits,
        )
        assert file.multipart_upload_id is not None
        return MultipartRef(file.object_key, file.multipart_upload_id)

    def send(self, upload: MultipartRef, *sizes: int) -> list[PartRef]:
        """PUT parts of these sizes."""
        signed = sign_unsized_parts(
            SignUnsizedParts(OWNER, upload, range(1, len(sizes) + 1)),
            uploads=self.uploads.db.uploads,
            public_storage=self.uploads.storage,
        )
        responses = [
            self.uploads.storage.send("PUT", url, {}, b"x" * size)
            for url, size in zip(signed.urls.values(), sizes, strict=True)
        ]
        return [PartRef(number=number, etag=response.etag) for number, response in enumerate(responses, 1)]

    def complete(self, upload: MultipartRef, parts: list[PartRef], owner: str = OWNER) -> File:
        return complete_unsized_upload(
            CompleteUnsizedUpload(owner, upload, parts),
            uploads=self.uploads.db.uploads,
            completion=self.uploads.completion,
        )

    def sign(self, method: Any, key: str, upload_id: str | None = None, **options: Any) -> SignedRequest:
        owner = options.pop("owner", OWNER)
        command = SignRequest(
            owner=owner,
            owners=owner,
            file_id=uuids.uuid7(),
            method=method,
            key=key,
            upload_id=upload_id,
            **options,
        )
        return sign_request(
            command,
            uploads=self.uploads.db.uploads,
            completion=self.uploads.completion,
            public_storage=self.uploads.storage,
            limits=self.uploads.limits,
        )

    def sweep(self) -> list[SweepOutcome]:
        return list(run_sweep(self.uploads.db, make_worker(self.uploads.db, self.uploads.storage)))

    def files(self) -> list[File]:
        return [row.file for row in self.uploads.db.table.rows.values()]

    def let_all_expire(self) -> None:
        for row in self.uploads.db.table.rows.values():
            assert row.file.expires_at is not None
            row.update(expires_at=row.file.expires_at - timedelta(days=8))
            row.check_at = row.file.expires_at


@pytest.fixture
def uppy() -> UppyClient:
    return UppyClient()


def error_of(call: Any, *arguments: Any, **options: Any) -> ErrorKind:
    with pytest.raises(ServiceError) as raised:
        call(*arguments, **options)
    return raised.value.kind


class TestLimit:
    def test_parts_up_to_the_limit_are_completed(self, uppy: UppyClient) -> None:
        upload = uppy.begin()
        file = uppy.complete(upload, uppy.send(upload, 60, 40))
        assert (file.status, file.size) == (Status.UPLOADED, None)
        assert uppy.complete(upload, []) == file, "a repeated call returns it again"

    def test_parts_above_the_limit_are_refused_and_deleted(self, uppy: UppyClient) -> None:
        upload = uppy.begin()
        parts = uppy.send(upload, 60, 41)
        assert error_of(uppy.complete, upload, parts) is FILE_TOO_LARGE
        assert uppy.files() == []
        assert uppy.uploads.storage.multipart_uploads(upload.object_key) == []

    def test_no_completion_above_the_limit_is_signed(self, uppy: UppyClient) -> None:
        upload = uppy.begin()
        uppy.send(upload, 101)
        assert error_of(uppy.sign, "POST", upload.object_key, upload.upload_id) is FILE_TOO_LARGE
        assert uppy.files() == []
        assert uppy.uploads.storage.multipart_uploads(upload.object_key) == []

    def test_form_has_the_limit(self, uppy: UppyClient) -> None:
        form = uppy.begin_form().form
        assert uppy.uploads.storage.send_form(form.fields, b"x" * 101).status == 400
        assert uppy.uploads.storage.send_form(form.fields, b"x" * 100).status == 201

    def test_parts_that_s3_lacks_are_refused(self, uppy: UppyClient) -> None:
        upload = uppy.begin()
        sent = uppy.send(upload, 10)
        for parts in ([*sent, PartRef(number=2, etag="0")], [PartRef(number=1, etag="0")], []):
            assert error_of(uppy.complete, upload, parts) is UPLOAD_INCOMPLETE
        assert uppy.complete(upload, sent).status is Status.UPLOADED


class TestStrangers:
    @pytest.mark.parametrize("case", ["key", "upload", "owner"])
    def test_nothing_is_done_with_another_key_upload_or_owner(self, uppy: UppyClient, case: str) -> None:
        upload, other = uppy.begin(), uppy.begin()
        parts = uppy.send(upload, 10)
        wrong = {
            "key": MultipartRef(other.object_key, upload.upload_id),
            "upload": MultipartRef(upload.object_key, other.upload_id),
            "owner": upload,
        }[case]
        owner = OTHER_OWNER if case == "owner" else OWNER
        ports = {"uploads": uppy.uploads.db.uploads}
        storage = uppy.uploads.storage
        signed = dict(storage.signed)
        for call, command, others in (
            (list_unsized_parts, ListUnsizedParts(owner, wrong), {"storage": storage}),
            (sign_unsized_parts, SignUnsizedParts(owner, wrong, [1]), {"public_storage": storage}),
            (
                abort_unsized_upload,
                AbortUnsizedUpload(owner, wrong),
                {"tombstones": uppy.uploads.db.tombstones, "storage": storage},
            ),
        ):
            assert error_of(call, command, **ports, **others) is UPLOAD_NOT_FOUND
        assert error_of(uppy.complete, wrong, parts, owner) is UPLOAD_NOT_FOUND
        for method, number in (("PUT", 1), ("GET", None), ("POST", None), ("DELETE", None)):
            kind = error_of(uppy.sign, method, wrong.object_key, wrong.upload_id, part_number=number, owner=owner)
            assert kind is UPLOAD_NOT_FOUND
        assert storage.signed == signed
        assert len(uppy.files()) == 2
        assert uppy.complete(upload, parts).status is Status.UPLOADED


class TestSignRequest:
    @pytest.mark.parametrize(
        ("key", "name"),
        [
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301-a b.txt", "a b.txt"),
            ("folder/3f2504e0-4f89-41d3-9a0c-0305e82c3301-a.txt", "a.txt"),
            ("3f2504e0-4f89-41d3-9a0c-0305e82c3301-", "3f2504e0-4f89-41d3-9a0c-0305e82c3301-"),
            ("a.txt", "a.txt"),
        ],
    )
    def test_name_is_in_the_first_key(self, uppy: UppyClient, key: str, name: str) -> None:
        uppy.sign("POST", key)
        [file] = uppy.files()
        assert (file.name, file.size, file.multipart_upload_id) == (name, None, None)

    def test_first_upload_that_is_named_is_the_file_s(self, uppy: UppyClient) -> None:
        key = uppy.sign("POST", "a.txt").key
        assert uppy.sign("PUT", key, "u-1", part_number=1).key == key
        assert uppy.sign("GET", key, "u-1").key == key
        assert error_of(uppy.sign, "GET", key, "u-2") is UPLOAD_NOT_FOUND

    def test_whole_file_is_a_form_where_the_client_can_send_one(self, uppy: UppyClient) -> None:
        assert uppy.sign("PUT", "a.txt", accepts_form=True).fields is not None
        assert uppy.sign("PUT", "a.txt").fields is None

    @pytest.mark.parametrize(
        ("method", "upload_id", "number"),
        [
            ("GET", None, None),
            ("DELETE", None, None),
            ("PUT", None, 1),
            ("PUT", "u-1", None),
            ("GET", "u-1", 1),
            ("POST", "u-1", 1),
        ],
    )
    def test_other_requests_are_not_signed(
        self, uppy: UppyClient, method: str, upload_id: str | None, number: int | None
    ) -> None:
        assert error_of(uppy.sign, method, "a.txt", upload_id, part_number=number) is UNSUPPORTED_REQUEST
        assert uppy.files() == []

    def test_abort_deletes_the_row_and_the_sweep_the_rest(self, uppy: UppyClient) -> None:
        """Also if the client doesn't send the request."""
        upload = uppy.begin()
        uppy.send(upload, 10)
        uppy.sign("DELETE", upload.object_key, upload.upload_id)
        assert uppy.files() == []
        uppy.sweep()
        assert uppy.uploads.storage.multipart_uploads(upload.object_key) == []

    def test_finished_upload_is_not_signed(self, uppy: UppyClient) -> None:
        upload = uppy.begin()
        uppy.complete(upload, uppy.send(upload, 10))
        assert error_of(uppy.sign, "GET", upload.object_key, upload.upload_id) is UPLOAD_FINISHED

    @pytest.mark.parametrize(("method", "number"), [("PUT", 1), ("POST", None), ("DELETE", None)])
    def test_upload_of_a_known_size_is_not_signed(self, uppy: UppyClient, method: str, number: int | None) -> None:
        """Its parts must have their sizes, and its completion the size and the checksum of the file."""
        file = uppy.uploads.create(LIMIT).file
        kind = error_of(uppy.sign, method, file.object_key, file.multipart_upload_id, part_number=number)
        assert kind is UPLOAD_NOT_FOUND
        assert uppy.files() == [file]


class TestExpiry:
    def test_upload_in_parts_is_aborted(self, uppy: UppyClient) -> None:
        upload = uppy.begin()
        parts = uppy.send(upload, 10)
        uppy.let_all_expire()
        assert uppy.sweep() == [SweepOutcome.UPLOAD_ABANDONED]
        assert uppy.uploads.storage.multipart_uploads(upload.object_key) == []
        assert error_of(uppy.complete, upload, parts) is UPLOAD_EXPIRED

    def test_uploads_that_the_client_never_named_are_aborted(self, uppy: UppyClient) -> None:
        key = uppy.sign("POST", "a.txt").key
        for _ in range(2):
            uppy.uploads.storage.create_multipart_upload(key, "text/plain")
        uppy.let_all_expire()
        assert uppy.sweep() == [SweepOutcome.UPLOAD_ABANDONED]
        assert uppy.uploads.storage.multipart_uploads(key) == []


def test_key_has_nothing_that_a_form_replaces(uppy: UppyClient) -> None:
    form = uppy.begin_form("a ${filename}.txt").form
    assert "${" not in form.fields["key"]
    assert [file.name for file in uppy.files()] == ["a ${filename}.txt"]
