"""What a refused upload leaves behind: nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import uuid_utils.compat as uuids

from chalicelib.core.errors import DAILY_QUOTA_EXCEEDED, FILE_TOO_LARGE, QUOTA_EXCEEDED, ErrorKind, ServiceError
from chalicelib.core.limits.model import Limits, OwnerLimits, Quotas
from chalicelib.core.uploads.begin_form_upload import BeginFormUpload, begin_form_upload
from chalicelib.core.uploads.begin_multipart_upload import BeginMultipartUpload, begin_multipart_upload
from chalicelib.core.uploads.limits import UploadLimits
from chalicelib.core.uploads.sign_request import SignRequest, sign_request
from chalicelib.core.uploads.unsized_file import UnsizedFile
from chalicelib.core.uploads.upload_file import ReceivedFile, UploadFile, upload_file
from chalicelib.http.errors import error_response
from tests.fakes.metrics import FakeMetrics
from tests.samples import OTHER_OWNER, OWNER
from tests.unit.announced_uploads import UploadClient

NOTHING = Quotas(max_files=0)


@pytest.fixture
def client() -> UploadClient:
    return UploadClient(quotas=NOTHING)


def begin_form(client: UploadClient) -> None:
    begin_form_upload(
        BeginFormUpload(OWNER, uuids.uuid7(), UnsizedFile(name="a.txt")),
        uploads=client.db.uploads,
        public_storage=client.storage,
        limits=client.limits,
    )


def begin_multipart(client: UploadClient) -> None:
    begin_multipart_upload(
        BeginMultipartUpload(OWNER, uuids.uuid7(), UnsizedFile(name="a.txt")),
        uploads=client.db.uploads,
        storage=client.storage,
        limits=client.limits,
    )


def sign(client: UploadClient, method: str, *, accepts_form: bool = False) -> None:
    sign_request(
        SignRequest(
            owner=OWNER,
            owners=OWNER,
            file_id=uuids.uuid7(),
            method="PUT" if method == "PUT" else "POST",
            key="a.txt",
            accepts_form=accepts_form,
        ),
        uploads=client.db.uploads,
        completion=client.completion,
        public_storage=client.storage,
        limits=client.limits,
    )


def upload_directly(client: UploadClient) -> None:
    upload_file(
        UploadFile(OWNER, uuids.uuid7(), ReceivedFile("a.txt", None, b"bytes")),
        files=client.db.files,
        storage=client.storage,
        metrics=FakeMetrics(),
        limits=client.owners,
    )


WAYS: dict[str, Callable[[UploadClient], object]] = {
    "in one request": lambda client: client.create(5),
    "in parts": lambda client: client.create(300),
    "directly": upload_directly,
    "Uppy, in a form": begin_form,
    "Uppy, in parts": begin_multipart,
    "Uppy, a signed form": lambda client: sign(client, "PUT", accepts_form=True),
    "Uppy, a signed PUT": lambda client: sign(client, "PUT"),
    "Uppy, signed parts": lambda client: sign(client, "POST"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("quotas", "kind"),
    [
        (NOTHING, QUOTA_EXCEEDED),
        (Quotas(max_stored_bytes=0), QUOTA_EXCEEDED),
        (Quotas(max_files_per_day=0), DAILY_QUOTA_EXCEEDED),
        (Quotas(max_bytes_per_day=0), DAILY_QUOTA_EXCEEDED),
    ],
)
def test_every_way_to_upload_is_refused_and_leaves_nothing(way: str, quotas: Quotas, kind: ErrorKind) -> None:
    client = UploadClient(quotas=quotas)
    with pytest.raises(ServiceError) as caught:
        WAYS[way](client)
    assert caught.value.kind is kind
    assert (client.db.table.rows, client.db.table.tombstones) == ({}, {})
    assert (client.storage.objects, client.storage.open_uploads) == ({}, {})


def test_the_largest_file_is_the_owners(client: UploadClient) -> None:
    owners = Limits(OwnerLimits(max_file_bytes=1000), {OWNER: OwnerLimits(max_file_bytes=4)})
    limits = UploadLimits(owners=owners, multipart_threshold=100, expires_in=timedelta(hours=1))
    begin = BeginFormUpload(OWNER, uuids.uuid7(), UnsizedFile(name="a.txt"))
    form = begin_form_upload(begin, uploads=client.db.uploads, public_storage=client.storage, limits=limits).form
    assert form.fields["policy"].startswith("4 bytes, ")
    assert owners.of(OTHER_OWNER).max_file_bytes == 1000


def test_a_refusal_by_the_day_says_when_to_retry() -> None:
    client = UploadClient(quotas=Quotas(max_files_per_day=0))
    with pytest.raises(ServiceError) as caught:
        client.create(5)
    response = error_response(caught.value)
    assert response.status_code == 429
    assert 0 < int(str(response.headers["Retry-After"])) <= 24 * 60 * 60


def test_a_refusal_by_what_is_stored_does_not(client: UploadClient) -> None:
    with pytest.raises(ServiceError) as caught:
        client.create(5)
    response = error_response(caught.value)
    assert (response.status_code, dict(response.headers)) == (403, {})


def test_the_largest_file_of_an_announced_upload_is_the_owners() -> None:
    client = UploadClient(max_file_bytes=4)
    with pytest.raises(ServiceError) as caught:
        client.create(5)
    assert caught.value.kind is FILE_TOO_LARGE
