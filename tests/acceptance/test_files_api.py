"""Upload, process, list: the main job, over HTTP."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
import requests

from file_loader_client import Checksum, File, Types
from tests.acceptance.client import Client
from tests.processors import sample_files
from tests.samples import png

UPLOAD_METHODS = ["upload", "upload_form", "upload_raw"]
"""Of the client."""

UTC_MILLISECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def ids(files: list[File]) -> list[str]:
    return [file.id for file in files]


def prefixed(metadata: dict[str, str]) -> dict[str, str]:
    return {f"metadata.{key}": value for key, value in metadata.items()}


class TestUpload:
    def test_the_response_has_the_fields_of_the_replaced_service(self, client: Client) -> None:
        response = client.request("POST", "/api/upload/", files={"file": ("photo.png", png(), "image/png")})
        assert response.status_code == 201
        file = response.json()
        assert UUID(file["id"]).version == 7
        assert file["file"] == f"{client.base_url}/api/files/{file['id']}/content"
        assert response.headers["Location"] == f"{client.base_url}/api/files/{file['id']}"
        assert re.fullmatch(UTC_MILLISECONDS, file["uploaded_at"])
        assert isinstance(file["processed"], bool)

    def test_an_image_is_processed(self, client: Client) -> None:
        content = png(300, 200)
        file = client.wait_until_terminal(client.upload_form("photo.png", content, "image/png").id)
        assert file.status == "processed"
        assert file.processed is True
        assert file.size == len(content)
        assert file.types == Types("image/png", "image/png", "image/png", mismatch=False)
        assert file.checksum == Checksum("sha256", sha256(content).hexdigest())
        assert file.result is not None
        assert (file.result["image"]["width"], file.result["image"]["height"]) == (300, 200)
        assert (file.attempts, file.error) == (1, None)

    def test_a_text_is_processed(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("notes.txt", "Grüße\nzwei\n".encode(), "text/plain").id)
        assert file.result is not None
        assert file.result["text"]["encoding"] == "utf-8"
        assert file.result["text"]["lines"] == 2

    def test_a_pdf_a_video_and_a_csv_are_processed(self, client: Client) -> None:
        contents = {
            "a.pdf": ("pdf", "pages", 3, sample_files.make_pdf(3)),
            "a.mp4": ("media", "track_count", 2, sample_files.make_video("mp4")),
            "a.csv": ("csv", "rows", 2, b"id,name\n1,Ada\n2,Bob\n"),
        }
        uploaded = {name: client.upload(name, content).id for name, (*_, content) in contents.items()}
        for name, (kind, fact, value, _) in contents.items():
            file = client.wait_until_terminal(uploaded[name])
            assert file.result is not None
            assert file.result[kind][fact] == value
            assert file.types.mismatch is False

    def test_a_raw_body_is_accepted(self, client: Client) -> None:
        file = client.upload_raw("ünï +&=.png", png(), "image/png")
        assert (file.name, file.types.declared) == ("ünï +&=.png", "image/png")
        assert client.wait_until_terminal(file.id).status == "processed"

    @pytest.mark.parametrize(
        ("disposition", "name"),
        [
            ("attachment; filename*=UTF-8''%E6%96%87%20%2B.txt", "文 +.txt"),
            ('attachment; filename="plain.txt"', "plain.txt"),
        ],
    )
    def test_a_raw_bodys_name_may_be_in_content_disposition(
        self, client: Client, disposition: str, name: str
    ) -> None:
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": disposition}
        response = client.request("POST", "/api/upload", data=b"x", headers=headers)
        assert response.json()["name"] == name

    def test_a_wrong_declared_type_is_a_mismatch(self, client: Client) -> None:
        file = client.wait_until_terminal(
            client.upload("photo.png", b"<html><script>alert(1)</script>", "image/png").id
        )
        assert file.types.detected == "text/html"
        assert file.types.mismatch is True
        last = [change for change in client.changes() if change.id == file.id][-1]
        assert (last.type, last.mismatch) == ("finished", True)
        assert file.id in ids(client.files(mismatch=True))
        assert file.id not in ids(client.files(mismatch=False))

    def test_metadata_is_given_with_any_upload_and_found_again(self, client: Client) -> None:
        wanted = {"order": uuid4().hex, "who": "Grüße, 文件 & =?%"}
        form = client.request(
            "POST", "/api/upload/", files={"file": ("a.txt", b"a")}, data=prefixed(wanted)
        ).json()
        headers = {"Content-Type": "application/octet-stream"}
        parameters = {"name": "b.txt", **prefixed(wanted)}
        raw = client.request("POST", "/api/upload", params=parameters, headers=headers, data=b"b").json()
        announced = client.request(
            "POST", "/api/uploads", json={"name": "c", "size": 1, "metadata": wanted}
        ).json()
        uploaded = [form["id"], raw["id"], announced["id"]]
        assert form["metadata"] == raw["metadata"] == announced["metadata"] == wanted
        assert sorted(ids(client.files(metadata=wanted, page_size=2))) == sorted(uploaded)
        assert client.files(metadata=wanted | {"who": "nobody"}) == []

    def test_metadata_is_replaced_and_in_the_changes(self, client: Client) -> None:
        file = client.upload("a.txt", b"a")
        order = uuid4().hex
        assert client.api.update(file.id, metadata={"order": order}).metadata == {"order": order}
        assert ids(client.files(metadata={"order": order})) == [file.id]
        assert client.api.update(file.id, metadata={}).metadata == {}
        assert client.files(metadata={"order": order}) == []
        path = f"/api/files/{file.id}/timeline"
        types = [entry["type"] for entry in client.request("GET", path).json()]
        assert types.count("metadata_changed") == 2
        changes = [change for change in client.changes() if change.id == file.id]
        assert [change.metadata for change in changes if change.type == "metadata_changed"] == [
            {"order": order},
            {},
        ]

    def test_renaming_a_file_computes_its_mismatch_anew(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("photo.png", b"<html></html>", "text/html").id)
        assert file.types.mismatch is True
        assert client.rename(file.id, "page.html").types.mismatch is False
        assert file.id in ids(client.files(mismatch=False))

    def test_a_file_with_invalid_content_fails_with_an_error_code(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("photo.png", png()[:20], "image/png").id)
        assert (file.status, file.processed) == ("failed", False)
        assert file.error is not None
        assert file.error.code == "unreadable_image"

    @pytest.mark.parametrize(
        "name",
        [
            "two  spaces.txt",
            "1+1=2 & 50%?#.txt",
            "it's.txt",
            'quo"ted".txt',
            "Ünï-отчёт-文件-ملف.txt",
            "👩\u200d👩\u200d👧.txt",
            "😀" * 251 + ".txt",
            "x" * 255,
        ],
    )
    @pytest.mark.parametrize("method", UPLOAD_METHODS)
    def test_names_in_any_script(self, client: Client, name: str, method: str) -> None:
        file = client.wait_until_terminal(getattr(client, method)(name, b"hello\n").id)
        assert (file.name, file.status) == (name, "processed")
        assert client.content(file) == b"hello\n"

    def test_directories_in_file_names_are_dropped(self, client: Client) -> None:
        assert client.upload("../../etc/passwd", b"x").name == "passwd"
        assert client.upload_form("../../etc/passwd", b"x").name == "passwd"
        assert client.upload_raw(r"C:\fakepath\cat.png", b"x").name == "cat.png"

    def test_an_empty_file_is_processed(self, client: Client) -> None:
        for method in UPLOAD_METHODS:
            done = client.wait_until_terminal(getattr(client, method)("empty", b"").id)
            assert (done.status, done.size) == ("processed", 0)
            assert client.content(done) == b""

    @pytest.mark.parametrize("size", [1, 8192, 262_144, 262_145, 1_048_577, 4_600_000])
    def test_downloaded_bytes_equal_uploaded_bytes(self, client: Client, size: int) -> None:
        content = random.Random(size).randbytes(size)
        for method in UPLOAD_METHODS:
            assert client.content(getattr(client, method)("bytes.bin", content)) == content

    def test_every_byte_value_and_boundary_like_bytes_are_kept(self, client: Client) -> None:
        content = bytes(range(256)) + b"\r\n--boundary--\r\n\r\n--\r\n" + bytes(range(255, -1, -1))
        assert client.content(client.upload_form("tricky.bin", content)) == content

    @pytest.mark.parametrize("declared", ["nonsense", "text/plain;\0", "x" * 3000, "text/plain; ü"])
    def test_an_invalid_declared_type_is_ignored(self, client: Client, declared: str) -> None:
        head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: {declared}'
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        body = f"{head}\r\n\r\nx\r\n--b--\r\n".encode()
        response = client.request("POST", "/api/upload/", data=body, headers=headers)
        assert response.status_code == 201, response.text
        assert response.json()["types"]["declared"] is None

    def test_other_form_fields_are_ignored(self, client: Client) -> None:
        response = client.request(
            "POST",
            "/api/upload/",
            files={"file": ("a.txt", b"x")},
            data={"id": "7", "processed": "true", "uploaded_at": "1970-01-01"},
        )
        assert response.status_code == 201
        assert response.json()["id"] != "7"

    def test_a_chunked_body_is_accepted(self, client: Client) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        parts = (part for part in (b"one ", b"two"))
        response = client.request("POST", "/api/upload?name=chunked.txt", data=parts, headers=headers)
        assert response.status_code == 201, response.text
        assert client.content(client.file(response.json()["id"])) == b"one two"


class TestFileList:
    def test_files_are_a_bare_array_newest_first(self, client: Client) -> None:
        older, newer = client.upload("older", b"1"), client.upload("newer", b"2")
        response = client.request("GET", "/api/files/")
        assert [file["id"] for file in response.json()[:2]] == [newer.id, older.id]

    def test_request_to_an_unknown_host_is_refused(self, client: Client) -> None:
        """Behind API Gateway, by that."""
        response = client.request("GET", "/api/files?limit=1", headers={"Host": "evil.example"})
        assert response.status_code in {403, 421}
        assert "evil.example" not in response.text

    def test_a_file_is_the_same_resource_in_the_list_and_alone(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("same", b"1").id)
        assert next(client.api.files(page_size=1)) == client.file(file.id) == file

    def test_a_trailing_slash_makes_no_difference(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("slash", b"1").id)
        for path in ("/api/files", f"/api/files/{file.id}"):
            with_slash, without = client.request("GET", f"{path}/"), client.request("GET", path)
            assert with_slash.status_code == without.status_code == 200
            assert with_slash.json() == without.json()
        for path in ("/api/upload", "/api/upload/"):
            assert client.request("POST", path, files={"file": ("a", b"x")}).status_code == 201
        assert client.request("GET", f"/api/files/{file.id}/content/").status_code == 302

    def test_pages_in_every_order(self, client: Client) -> None:
        mark = uuid4().hex
        names = [f"{mark} {name}" for name in ("b", "a", "c", "B", "ä")]
        for size, name in enumerate(names):
            client.wait_until_terminal(client.upload(name, b"x" * size).id)
        for order, expected in {
            "-uploaded_at": names[::-1],
            "uploaded_at": names,
            "name": sorted(names),
            "-name": sorted(names, reverse=True),
            "size": names,
            "-size": names[::-1],
        }.items():
            first = client.request("GET", "/api/files/", params={"q": mark, "order": order, "limit": 2})
            assert [file["name"] for file in first.json()] == expected[:2]
            assert [file.name for file in client.files(q=mark, order=order, page_size=2)] == expected

    def test_filters_of_the_file_list(self, client: Client) -> None:
        mark = uuid4().hex
        image = client.wait_until_terminal(client.upload(f"{mark}.png", png()).id)
        broken = client.wait_until_terminal(client.upload(f"{mark}.broken.png", png()[:20]).id)
        assert [f.id for f in client.files(q=mark, type="image/*")] == [broken.id, image.id]
        assert [f.id for f in client.files(q=mark, type="image/png", status="processed")] == [image.id]
        assert client.files(q=mark, type="text/plain") == []
        assert [f.id for f in client.files(q=mark, status="failed")] == [broken.id]
        assert {f.id for f in client.files(q=mark.upper())} == {image.id, broken.id}


class TestOneFile:
    def test_content_redirects_to_the_uploaded_bytes(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("Bild 1.png", png(), "image/png").id)
        response = client.request("GET", f"/api/files/{file.id}/content")
        assert response.status_code == 302
        assert response.headers["Cache-Control"] == "no-store"
        download = requests.get(response.headers["Location"], timeout=60)
        assert download.content == png()
        assert download.headers["Content-Type"] == "image/png"
        assert download.headers["Content-Disposition"].startswith("inline;")
        to_save = client.request("GET", f"/api/files/{file.id}/content?disposition=attachment")
        download = requests.get(to_save.headers["Location"], timeout=60)
        assert download.headers["Content-Disposition"].startswith("attachment;")

    @pytest.mark.parametrize("kind", ["content", "thumbnail"])
    def test_the_url_of_a_download_is_json_on_request(self, client: Client, kind: str) -> None:
        file = client.wait_until_terminal(client.upload("photo.png", png(), "image/png").id)
        before = datetime.now(UTC)
        response = client.request("GET", f"/api/files/{file.id}/{kind}?redirect=false")
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
        assert "Location" not in response.headers
        body = response.json()
        lifetime = datetime.fromisoformat(body["expires_at"]) - before
        assert timedelta(minutes=4, seconds=59) < lifetime < timedelta(minutes=5, seconds=5)
        assert requests.get(body["url"], timeout=60).ok
        assert client.request("GET", f"/api/files/{file.id}/{kind}?redirect=true").status_code == 302
        assert client.request("GET", f"/api/files/{file.id}/{kind}?redirect=0").status_code == 400

    def test_html_is_downloaded_not_rendered(self, client: Client) -> None:
        content = b"<html><script>alert(1)</script></html>"
        file = client.wait_until_terminal(client.upload("photo.png", content, "image/png").id)
        assert client.download(file).headers["Content-Disposition"].startswith("attachment;")

    def test_a_renamed_file_is_downloaded_under_its_new_name(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("before.txt", b"x").id)
        assert client.rename(file.id, "after 😀.txt").name == "after 😀.txt"
        assert client.file(file.id).name == "after 😀.txt"
        disposition = client.download(file).headers["Content-Disposition"]
        assert "filename*=UTF-8''after%20%F0%9F%98%80.txt" in disposition

    def test_a_deleted_file_and_its_content_are_gone(self, client: Client) -> None:
        file = client.wait_until_terminal(client.upload("gone.txt", b"x").id)
        url = client.request("GET", f"/api/files/{file.id}/content").headers["Location"]
        client.delete(file.id)
        assert client.request("GET", f"/api/files/{file.id}").status_code == 404
        assert client.request("DELETE", f"/api/files/{file.id}").status_code == 404
        assert requests.get(url, timeout=60).status_code == 404
        assert file.id not in {f.id for f in client.files()}

    def test_files_deleted_while_they_are_processed_do_not_come_back(self, client: Client) -> None:
        """Some of these are being processed when they are deleted."""
        ids = [client.upload(f"quick-{n}.txt", b"x" * 1000).id for n in range(20)]
        for file_id in ids:
            client.delete(file_id)
        # The event of this one was sent after all of theirs.
        marker = client.wait_until_terminal(client.upload("marker.txt", b"x").id)
        assert client.file(marker.id).status == "processed"
        assert not set(ids) & {f.id for f in client.files()}


@pytest.mark.slow(5)
def test_all_files_of_a_burst_are_processed(client: Client) -> None:
    """Eight threads upload files of mixed types, as fast as they can."""
    mark = uuid4().hex
    kinds = [("png", png()), ("txt", b"one\ntwo\n"), ("bin", bytes(range(256)) * 40), ("empty", b"")]

    def upload(number: int) -> str:
        extension, content = kinds[number % len(kinds)]
        return Client(client.base_url).upload_form(f"{mark}-{number}.{extension}", content).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(upload, range(200)))
    for file_id in ids:
        client.wait_until_terminal(file_id)
    assert {file.id for file in client.files(q=mark, status="processed", page_size=1000)} == ids
