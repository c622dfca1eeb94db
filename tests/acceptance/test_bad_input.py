"""Every invalid request gets the right 4xx, with code and message, and stores nothing."""

import base64
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance.client import Client

FORM = "multipart/form-data; boundary=b"
RAW = "application/octet-stream"
UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"


def part(field: str, filename: str | bytes | None, content: bytes = b"x") -> bytes:
    name = filename.encode() if isinstance(filename, str) else filename
    file_name = b'; filename="' + name + b'"' if name is not None else b""
    return (
        b'--b\r\nContent-Disposition: form-data; name="'
        + field.encode()
        + b'"'
        + file_name
        + b"\r\n\r\n"
        + content
        + b"\r\n"
    )


END = b"--b--\r\n"


@pytest.fixture(autouse=True)
def _stores_nothing(client: Client) -> Iterator[None]:
    before = {file.id for file in client.files(page_size=1000)}
    yield
    assert {file.id for file in client.files(page_size=1000)} == before


def rejection(client: Client, status: int, code: str, method: str, path: str, **options: Any) -> dict[str, Any]:
    """Send the request, and return the JSON of the error that it must get."""
    response = client.request(method, path, **options)
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/json"
    error: dict[str, Any] = response.json()
    assert set(error) == {"error", "message", "requestId"}
    assert error["error"] == code
    assert len(error["message"]) > 10
    assert error["requestId"]
    assert "Traceback" not in response.text
    return error


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (END, "missing_file"),
        (part("other", None) + END, "missing_file"),
        (part("file", None) + END, "missing_file"),
        (part("other", "a.txt") + END, "missing_file"),
        (part("file", "", b"") + END, "missing_file"),
        (part("file", "a") + part("file", "b") + END, "too_many_files"),
        (part("file", "a") + part("other", "b") + END, "too_many_files"),
        (b"", "empty_body"),
        (b"nonsense", "malformed_body"),
        (part("file", "a"), "malformed_body"),
        (part("file", "a")[:-5], "malformed_body"),
        (b"--b\r\nNo-Disposition: x\r\n\r\nx\r\n" + END, "malformed_body"),
        (part("file", "a\0b") + END, "invalid_name"),
        (part("file", "a%0Ab") + END, "invalid_name"),
        (part("file", "..") + END, "invalid_name"),
        (part("file", "x" * 256) + END, "invalid_name"),
        (part("file", b"\xff\xfe") + END, "invalid_name"),
        (part("file", "", b"bytes without a name") + END, "invalid_name"),
    ],
)
def test_invalid_forms(client: Client, body: bytes, code: str) -> None:
    rejection(client, 400, code, "POST", "/api/upload/", data=body, headers={"Content-Type": FORM})


@pytest.mark.parametrize(
    "fields",
    [
        part("metadata.order", None) * 2,
        part("metadata.my order", None),
        part("metadata.order", None, b"x" * 501),
        part("metadata.order", None, b"\xff"),
        part("metadata[order]", None),
        b"".join(part(f"metadata.{number}", None) for number in range(21)),
    ],
)
def test_invalid_metadata_of_forms(client: Client, fields: bytes) -> None:
    body = fields + part("file", "a.txt") + END
    headers = {"Content-Type": FORM}
    rejection(client, 422, "invalid_metadata", "POST", "/api/upload/", data=body, headers=headers)


@pytest.mark.parametrize(
    "query",
    [
        "metadata.order=7&metadata.order=8",
        "metadata.=7",
        "metadata.my%20order=7",
        "metadata.order=%00",
        f"metadata.order={'x' * 501}",
        "&".join(f"metadata.{number}=" for number in range(21)),
        "metadata=7",
        "metadata[order]=7",
    ],
)
@pytest.mark.parametrize("route", ["POST /api/upload?name=a&", "GET /api/files?"])
def test_invalid_metadata_of_queries(client: Client, route: str, query: str) -> None:
    method, _, path = route.partition(" ")
    options = {"data": b"x", "headers": {"Content-Type": RAW}} if method == "POST" else {}
    rejection(client, 400, "invalid_parameter", method, f"{path}{query}", **options)


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"order": 7}, "invalid_field"),
        ({"order": None}, "invalid_field"),
        ({"order": {}}, "invalid_field"),
        (["order"], "invalid_field"),
        ({"my order": "7"}, "invalid_metadata"),
        ({"": "7"}, "invalid_metadata"),
        ({"order": "x" * 501}, "invalid_metadata"),
        ({"order": "\0"}, "invalid_metadata"),
        ({f"{number}": "" for number in range(21)}, "invalid_metadata"),
        ({f"{number}": "x" * 500 for number in range(5)}, "invalid_metadata"),
    ],
)
@pytest.mark.parametrize("route", ["POST /api/uploads", f"PATCH /api/files/{UNKNOWN_ID}"])
def test_invalid_metadata_of_json_bodies(client: Client, route: str, metadata: Any, code: str) -> None:
    method, _, path = route.partition(" ")
    new = {"name": "a", "size": 1} if method == "POST" else {}
    rejection(client, 422, code, method, path, json=new | {"metadata": metadata})


def test_a_form_without_a_boundary_is_malformed(client: Client) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    rejection(client, 400, "malformed_body", "POST", "/api/upload/", data=b"--b--", headers=headers)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid_name"),
        ("?name=", "invalid_name"),
        ("?name=a/", "invalid_name"),
        ("?name=a%00b", "invalid_parameter"),
        ("?name=" + "x" * 256, "invalid_name"),
        ("?name=a&type=nonsense", "invalid_parameter"),
        ("?name=a&type=text/plain;%00", "invalid_parameter"),
        ("?name=a&type=text/plain%0D%0AX-Y:1", "invalid_parameter"),
    ],
)
def test_invalid_names_and_types_of_raw_bodies(client: Client, query: str, code: str) -> None:
    rejection(client, 400, code, "POST", f"/api/upload{query}", data=b"x", headers={"Content-Type": RAW})


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json", "application/x-www-form-urlencoded", None]
)
def test_unsupported_content_types(client: Client, content_type: str | None) -> None:
    headers = {"Content-Type": content_type}
    error = rejection(client, 415, "unsupported_media_type", "POST", "/api/upload/", data=b"x", headers=headers)
    assert "multipart/form-data" in error["message"]


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment",
        "attachment; filename=",
        "attachment; filename*=UTF-8''%FF",
        "attachment; filename*=undefined''a",
        "(" * 2000,
        b'attachment; filename="\xff"',
    ],
)
def test_invalid_names_in_content_disposition(client: Client, disposition: str | bytes) -> None:
    headers = {"Content-Type": RAW, "Content-Disposition": disposition}
    rejection(client, 400, "invalid_name", "POST", "/api/upload", data=b"x", headers=headers)


def test_a_file_above_the_limit_gets_413(client: Client) -> None:
    content = bytes(4_600_001)
    headers = {"Content-Type": RAW}
    rejection(client, 413, "file_too_large", "POST", "/api/upload?name=a", data=content, headers=headers)
    rejection(client, 413, "file_too_large", "POST", "/api/upload", files={"file": ("a", content)})


def test_a_request_above_the_gateways_limit_gets_413(client: Client) -> None:
    headers = {"Content-Type": RAW}
    rejection(client, 413, "file_too_large", "POST", "/api/upload?name=a", data=bytes(11_000_000), headers=headers)


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *(("limit", value) for value in ("0", "-1", "1001", "ten", "", "1.5", "1_0", "٣", " 5", "9" * 50)),
        *(("status", value) for value in ("done", "", "PROCESSED")),
        *(("mismatch", value) for value in ("", "yes", "1", "TRUE")),
        *(("order", value) for value in ("date", "", "id", "name;drop table files")),
        ("q", "a\0b"),
        ("type", "a\0b"),
        *(
            ("cursor", value)
            for value in (
                "",
                "nonsense",
                "ä",
                "AAAA",
                cursor("{}"),
                cursor("[]"),
                cursor(f'{{"order":"name","key":"a","id":"{UNKNOWN_ID}"}}'),
                cursor(f'{{"order":"-uploaded_at","key":"a","id":"{UNKNOWN_ID}"}}'),
                cursor('{"order":"-uploaded_at","key":null,"id":"x"}'),
            )
        ),
    ],
)
def test_invalid_list_parameters(client: Client, parameter: str, value: str) -> None:
    error = rejection(client, 400, "invalid_parameter", "GET", "/api/files/", params={parameter: value})
    assert f"`{parameter}`" in error["message"]


@pytest.mark.parametrize(
    ("order", "key"),
    [
        *(("size", key) for key in ('"x"', str(2**70), "-2")),
        *(("name", key) for key in ("1", '"\\u0000"')),
        *(
            ("uploaded_at", key)
            for key in ("null", "1", '"yesterday"', '"2026-11-27T12:00:00"', '"2026-11-27T12:00:00+16:00"')
        ),
    ],
)
def test_cursors_whose_key_has_another_type_than_the_order(client: Client, order: str, key: str) -> None:
    forged = cursor(f'{{"order":"{order}","key":{key},"id":"{UNKNOWN_ID}"}}')
    rejection(client, 400, "invalid_parameter", "GET", "/api/files", params={"order": order, "cursor": forged})


@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        ("GET", ""),
        ("GET", "/content"),
        ("GET", "/thumbnail"),
        ("GET", "/timeline"),
        ("POST", "/reprocess"),
        ("DELETE", ""),
        ("PATCH", ""),
    ],
)
def test_unknown_and_malformed_ids(client: Client, method: str, suffix: str) -> None:
    body = {"json": {"name": "a"}} if method == "PATCH" else {}
    rejection(client, 404, "not_found", method, f"/api/files/{UNKNOWN_ID}{suffix}", **body)
    for malformed in ("7", "x" * 300, "%00", f"{{{UNKNOWN_ID}}}", UNKNOWN_ID.replace("-", ""), "%27%3B--"):
        rejection(client, 400, "malformed_id", method, f"/api/files/{malformed}{suffix}", **body)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_body"),
        (b"{", 400, "malformed_body"),
        (b"\xff", 400, "malformed_body"),
        (b"[]", 422, "invalid_field"),
        (b'{"name": null}', 422, "invalid_field"),
        (b'{"name": 1}', 422, "invalid_field"),
        (b'{"name": "a", "size": 1}', 422, "invalid_field"),
        (b'{"name": ""}', 400, "invalid_name"),
        (b'{"name": "a\\u0000"}', 400, "invalid_name"),
        (b'{"name": "\\ud800"}', 400, "malformed_body"),
    ],
)
def test_invalid_patches(client: Client, body: bytes, status: int, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    rejection(client, status, code, "PATCH", f"/api/files/{UNKNOWN_ID}", data=body, headers=headers)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/upload/", {"POST", "OPTIONS"}),
        ("DELETE", "/api/files/", {"GET", "HEAD", "OPTIONS"}),
        ("POST", f"/api/files/{UNKNOWN_ID}", {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}),
        ("PUT", f"/api/files/{UNKNOWN_ID}/content", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_methods_that_a_url_does_not_support(client: Client, method: str, path: str, allowed: set[str]) -> None:
    response = client.request(method, path)
    assert response.status_code == 405
    assert response.json()["error"] == "method_not_allowed"
    assert set(response.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    ["/index.html", "/api", "/api/nothing", "/api/files/a/b/c", "/%00", "/01930000-0000-7000-8000-000000000000"],
)
def test_unknown_urls(client: Client, path: str) -> None:
    rejection(client, 404, "not_found", "GET", path)


def test_a_truncated_request_stores_nothing(client: Client) -> None:
    address = urlsplit(client.base_url)
    with socket.create_connection((address.hostname or "", address.port or 80)) as connection:
        head = f"POST /api/upload?name=a HTTP/1.1\r\nHost: localhost\r\nContent-Type: {RAW}\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\nonly this".encode())
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(30)
        # The response comes when the server has seen the end: only then is what is stored checked.
        assert b" 201 " not in connection.recv(1000)
