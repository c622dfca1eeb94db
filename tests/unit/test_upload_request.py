"""Uploads above the limit, and names of raw bodies."""

import pytest

from chalicelib.core.errors import INVALID_NAME, ServiceError
from chalicelib.core.uploads.upload_file import ReceivedFile
from chalicelib.http.declarations import ReceivedBody
from chalicelib.http.errors import BODY_TOO_LARGE, FORM_TOO_LARGE, REQUEST_TOO_LARGE
from chalicelib.http.upload_request import FORM_OVERHEAD, MULTIPART, RAW, read_upload
from chalicelib.settings import UPLOAD_BYTES_LIMIT

LIMIT = 1000

LARGER = "Upload larger files with POST /api/uploads"
LARGER_UP_TO = f"{LARGER}, up to the `max_file_bytes` of GET /api/usage."

HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
END = b"\r\n--b--\r\n"


def test_a_file_of_the_limits_size_is_accepted() -> None:
    assert len(read(form(bytes(LIMIT))).body) == LIMIT
    assert len(read(raw(bytes(LIMIT))).body) == LIMIT


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + FORM_OVERHEAD // 2])
def test_a_forms_413_states_the_files_size_and_the_setting(size: int) -> None:
    error = rejection(form(bytes(size)))
    assert error.kind is BODY_TOO_LARGE
    assert error.message == f"The file has {size} bytes. The limit of this URL is {LIMIT} bytes. {LARGER_UP_TO}"


def test_a_raw_bodys_413_states_the_files_size_and_the_setting() -> None:
    error = rejection(raw(bytes(LIMIT + 1)))
    assert error.kind is BODY_TOO_LARGE
    assert (
        error.message == f"The file has {LIMIT + 1} bytes. The limit of this URL is {LIMIT} bytes. {LARGER_UP_TO}"
    )


def test_the_413_of_a_form_that_is_not_parsed_states_the_setting() -> None:
    """It is too large for any file within the limit."""
    content = bytes(LIMIT + FORM_OVERHEAD + 1)
    error = rejection(form(content))
    assert error.kind is FORM_TOO_LARGE
    size = len(HEAD) + len(content) + len(END)
    assert error.message == (
        f"The form has {size} bytes. "
        f"The limit is {LIMIT} bytes for the file and {FORM_OVERHEAD} bytes for the rest. {LARGER_UP_TO}"
    )


def test_the_gateways_413_states_the_highest_limit_of_a_file() -> None:
    assert f"{UPLOAD_BYTES_LIMIT / 10**6} MB for a file" in REQUEST_TOO_LARGE.message
    assert LARGER in REQUEST_TOO_LARGE.message


def test_a_missing_name_of_a_raw_body_is_explained() -> None:
    assert rejection(raw(b"content"), name=None).message == (
        "The file name is invalid: it is missing; send it in `?name=`, or in a Content-Disposition header."
    )


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="a b.txt"', "a b.txt"),
        ("attachment; filename=a.txt; FileName*=UTF-8''%e2%82%ac.txt", "€.txt"),
        ("filename*=UTF-8''a.txt", "a.txt"),
        ("attachment; filename=\"a filename*=utf-8''b\"", "a filename*=utf-8''b"),
        ("attachment; nofilename*=utf-8''b; filename=a.txt", "a.txt"),
    ],
)
def test_a_raw_bodys_name_is_in_its_disposition(disposition: str, name: str) -> None:
    assert read_upload(raw(b""), LIMIT, None, None, disposition, {}).name == name


@pytest.mark.parametrize("body", ["form", "raw"])
def test_metadata_of_the_query_is_that_of_any_body(body: str) -> None:
    received = form(b"content") if body == "form" else raw(b"content")
    assert read_upload(received, LIMIT, "a.txt", None, None, {"order": "7"}).metadata == {"order": "7"}


def test_the_largest_metadata_fits_into_a_form_with_the_largest_file() -> None:
    entries = {f"{number:02}".ljust(64, "k"): "v" * 38 for number in range(20)}  # 2,040 bytes
    head = "".join(
        f'--{"b" * 70}\r\nContent-Disposition: form-data; name="metadata.{key}"\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n"
        for key, value in entries.items()
    )
    body = HEAD + bytes(LIMIT) + END
    content = head.encode() + body.replace(b"--b", b"--" + b"b" * 70)
    upload = read_upload(ReceivedBody(content, f"{MULTIPART}; boundary={'b' * 70}"), LIMIT, None, None, None, {})
    assert upload.metadata == entries
    assert len(content) - LIMIT < FORM_OVERHEAD / 2


@pytest.mark.parametrize("body", ["form", "raw"])
def test_an_invalid_name_in_the_query_is_refused_with_any_body(body: str) -> None:
    received = form(b"content") if body == "form" else raw(b"content")
    with pytest.raises(ServiceError) as caught:
        read_upload(received, LIMIT, "", None, "attachment; filename=a.txt", {})
    assert caught.value.kind is INVALID_NAME


def read(body: ReceivedBody, name: str | None = "a.txt") -> ReceivedFile:
    return read_upload(body, LIMIT, name, None, None, {})


def rejection(body: ReceivedBody, name: str | None = "a.txt") -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        read(body, name)
    return caught.value


def form(content: bytes) -> ReceivedBody:
    return ReceivedBody(HEAD + content + END, f"{MULTIPART}; boundary=b")


def raw(content: bytes) -> ReceivedBody:
    return ReceivedBody(content, RAW)
