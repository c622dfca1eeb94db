"""What a web page of another origin can do with a running emulator: read and write objects by presigned URLs, and
call the API if CORS_ORIGINS has its origin.

Without emulator/request_filter.py and chalicelib/http/host_check.py the attacks succeed: the browser doesn't
prevent them.
"""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.browser.conftest import REBOUND_NAME
from tests.pages.console_commands import PROJECT, code_blocks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OpenPage = Callable[[str], "Page"]

CREATE_AND_INVOKE = """
async ([url, name, code, options]) => {
    const functions = `${url}/2015-03-31/functions`;
    const role = "arn:aws:iam::000000000000:role/any";
    const settings = {
        FunctionName: name, Runtime: "python3.12", Role: role, Handler: "run.run", Code: {ZipFile: code},
    };
    const send = (path, body) => fetch(path, {method: "POST", body, ...options}).then(r => r.status, String);
    return [
        await send(functions, JSON.stringify(settings)), await send(`${functions}/${name}/invocations`, "{}"),
    ];
}
"""
"""Creates a function and invokes it. A string as a body needs no preflight, and nothing needs a signature."""

FETCH = """
async ([url, options]) => {
    try {
        const response = await fetch(url, options);
        return [response.status, response.headers.get("ETag"), await response.text()];
    } catch (error) {
        return [0, null, String(error)];
    }
}
"""


EXAMPLE = """
async ([url, name]) => {
    const file = new File(["hello"], name);
    const printed = [];
    const console = {log: (...values) => printed.push(...values)};
    // the page's code
    return printed;
}
"""
"""Runs the code of docs/how-to/call-from-a-web-page.md, and returns what it prints."""

LIST = """
async (url) => {
    const files = [];
    while (url) {
        const response = await fetch(url);
        files.push(...await response.json());
        url = /<(.*)>/.exec(response.headers.get("Link"))?.[1];
    }
    return files;
}
"""


@pytest.fixture
def emulator(service_emulator: Emulator) -> Emulator:
    return service_emulator


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """A file that the attack's function creates."""
    return tmp_path / "was-here"


def attack(page: "Page", url: str, trace: Path, **options: Any) -> list[Any]:
    """Create and invoke a function from the page. Return the two statuses; an error's message in place of one."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("run.py", f"def run(event, context):\n    open({str(trace)!r}, 'w').close()\n")
    name, zipped = f"attack-{uuid4().hex}", base64.b64encode(code.getvalue()).decode()
    statuses: list[Any] = page.evaluate(CREATE_AND_INVOKE, [url, name, zipped, options])
    return statuses


def fetch(page: "Page", url: str, **options: Any) -> tuple[int, str | None, str]:
    """Fetch the URL from the page. Return status, ETag and body; 0 and the error if the browser refuses."""
    status, etag, body = page.evaluate(FETCH, [url, options])
    return status, etag, body


class TestCode:
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    @pytest.mark.parametrize("mode", ["cors", "no-cors"])
    def test_page_of_another_origin_runs_no_code(
        self, emulator: Emulator, open_page: OpenPage, trace: Path, host: str, mode: str
    ) -> None:
        """From another site, and from another port of the same one. In the mode `no-cors` the status is hidden."""
        statuses = attack(open_page(host), emulator.aws_url, trace, mode=mode)
        assert statuses == (["TypeError: Failed to fetch"] * 2 if mode == "cors" else [0, 0])
        assert not trace.exists()
        assert not any(name.startswith("attack") for name in function_names(emulator))

    def test_page_of_a_rebound_name_runs_no_code(
        self, emulator: Emulator, open_page: OpenPage, trace: Path
    ) -> None:
        """The page's origin is the emulator's: name and port are the same."""
        page = open_page("127.0.0.1")
        url = f"http://{REBOUND_NAME}:{urlsplit(emulator.aws_url).port}"
        response = page.goto(f"{url}/_ministack/health")
        assert response is not None
        assert response.status == 403
        assert attack(page, url, trace) == [403, 403]
        assert not trace.exists()

    def test_program_invokes_functions(self, emulator: Emulator) -> None:
        client = boto3.client("lambda", endpoint_url=emulator.aws_url)
        assert any(name.startswith("file-loader") for name in function_names(emulator))
        assert client.invoke(FunctionName="file-loader-dev-migrate", Payload=b"{}")["StatusCode"] == 200


class TestObjects:
    def test_page_reads_an_object_by_its_presigned_url(self, emulator: Emulator, open_page: OpenPage) -> None:
        client = Client(emulator.url)
        file = client.upload("seen.txt", b"by the page")
        url = client.request("GET", f"/api/files/{file.id}/content").headers["Location"]
        status, _, body = fetch(open_page("localhost"), url)
        assert (status, body) == (200, "by the page")

    def test_listed_page_uploads_a_part_by_its_presigned_url(
        self, emulator: Emulator, open_page: OpenPage, listed_page: "Page"
    ) -> None:
        """With a preflight, since PUT needs one, and the ETag, which completing the upload needs."""
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        s3: Any = boto3.client("s3", endpoint_url=emulator.aws_url, config=config)
        target = {"Bucket": "file-loader", "Key": "test/part.bin"}
        upload = s3.create_multipart_upload(**target)["UploadId"]
        part = {**target, "UploadId": upload, "PartNumber": 1}
        url = s3.generate_presigned_url("upload_part", Params=part)
        assert fetch(open_page("localhost"), url, method="PUT", body="part one")[0] == 0
        status, etag, _ = fetch(listed_page, url, method="PUT", body="part one")
        assert (status, etag) == (200, s3.list_parts(**target, UploadId=upload)["Parts"][0]["ETag"])
        s3.abort_multipart_upload(**target, UploadId=upload)

    def test_page_uploads_where_the_bucket_allows_its_origin(
        self, emulator: Emulator, open_page: OpenPage
    ) -> None:
        """As on AWS, the bucket's CORS configuration decides."""
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        s3: Any = boto3.client("s3", endpoint_url=emulator.aws_url, config=config)
        target = {"Bucket": f"bucket-{uuid4().hex}", "Key": "a.bin"}
        s3.create_bucket(Bucket=target["Bucket"])
        page = open_page("localhost")
        url = s3.generate_presigned_url("put_object", Params=target)
        origins = ["https://a.example", page.evaluate("location.origin")]
        for count in (0, 1, 2):
            if count:
                rule = {"AllowedOrigins": origins[:count], "AllowedMethods": ["PUT"], "ExposeHeaders": ["ETag"]}
                s3.put_bucket_cors(Bucket=target["Bucket"], CORSConfiguration={"CORSRules": [rule]})
            status, etag, _ = fetch(page, url, method="PUT", body="x")
            assert (status, etag is not None) == ((200, True) if count == 2 else (0, False))

    def test_browser_saves_what_could_run_a_script(self, emulator: Emulator, browser: "Browser") -> None:
        """Whatever its name says. What is shown in place runs in the bucket's origin."""
        client = Client(emulator.url)
        script = '<script>document.title = "scripted"</script>'
        files = [
            client.upload("a.html", f"<!DOCTYPE html><html><body>{script}</body></html>".encode()),
            client.upload("a.svg", f'<svg xmlns="http://www.w3.org/2000/svg">{script}</svg>'.encode()),
            client.upload("a.png", f"<html>{script}</html>".encode()),
        ]
        context = browser.new_context()
        page = context.new_page()
        page.goto(emulator.url + "/api/docs")
        for file in files:
            client.wait_until_terminal(file.id)
            with page.expect_download(timeout=5000) as saved:
                page.evaluate("url => { location.href = url; }", f"{emulator.url}/api/files/{file.id}/content")
            assert saved.value.suggested_filename == file.name
            assert page.evaluate("[location.pathname, document.title]") == ["/api/docs", "file-loader API"]
        context.close()

    def test_page_sees_no_object_without_a_signature(self, emulator: Emulator, open_page: OpenPage) -> None:
        page = open_page("localhost")
        assert fetch(page, f"{emulator.aws_url}/file-loader?list-type=2")[0] == 0
        assert fetch(page, f"{emulator.aws_url}/file-loader/test/stray", method="PUT", body="x")[0] == 0


class TestRoutes:
    def test_page_of_another_origin_reads_no_files(self, emulator: Emulator, open_page: OpenPage) -> None:
        assert fetch(open_page("localhost"), f"{emulator.url}/api/files/")[0] == 0

    def test_page_of_a_rebound_name_reads_no_files(self, emulator: Emulator, open_page: OpenPage) -> None:
        page = open_page("127.0.0.1")
        url = f"http://{REBOUND_NAME}:{urlsplit(emulator.url).port}/api/files/"
        response = page.goto(url)
        assert response is not None
        assert (response.status, response.json()["error"]) == (421, "unknown_host")
        assert fetch(page, url)[0] == 421


class TestListedOrigin:
    """A page of an origin in CORS_ORIGINS."""

    def test_page_uploads_a_file_and_follows_its_url(self, emulator: Emulator, listed_page: "Page") -> None:
        """As the documentation does. After a preflight, because of the body's type."""
        how_to = (PROJECT / "docs/how-to/call-from-a-web-page.md").read_text()
        [code] = [block.text for block in code_blocks(how_to) if block.language == "js"]
        name = f"{uuid4().hex}.txt"
        status, etag = listed_page.evaluate(EXAMPLE.replace("// the page's code", code), [emulator.url, name])
        client = Client(emulator.url)
        [file] = client.files(q=name)
        assert status in {"processing", "processed"}
        assert etag.startswith('W/"')
        client.wait_until_terminal(file.id)
        location = f"{emulator.url}/api/files/{file.id}"
        status, etag, _ = fetch(listed_page, location)
        assert (status, etag is not None) == (200, True)
        assert fetch(listed_page, location, headers={"If-None-Match": etag}) == (304, etag, "")
        status, _, content = fetch(listed_page, f"{location}/content")
        assert (status, content) == (200, "hello")  # the redirect to the bucket has no origin

    def test_page_lists_files_by_the_link_to_the_next_page(self, emulator: Emulator, listed_page: "Page") -> None:
        client = Client(emulator.url)
        ids = {client.upload(f"{number}.txt", b"x").id for number in range(2)}
        files = listed_page.evaluate(LIST, f"{emulator.url}/api/files/?limit=1")
        assert ids <= {file["id"] for file in files}

    def test_page_renames_and_deletes_a_file(self, emulator: Emulator, listed_page: "Page") -> None:
        url = f"{emulator.url}/api/files/{Client(emulator.url).upload('a.txt', b'x').id}"
        rename = {"method": "PATCH", "headers": {"Content-Type": "application/json"}, "body": '{"name": "b.txt"}'}
        assert fetch(listed_page, url, **rename)[0] == 200
        assert fetch(listed_page, url, method="DELETE")[0] == 204

    @pytest.mark.parametrize(
        ("path", "error"),
        [
            ("/api/files/x", "malformed_id"),
            ("/api/files/?limit=0", "invalid_parameter"),
            ("/nowhere", "not_found"),
        ],
    )
    def test_page_reads_errors(self, emulator: Emulator, listed_page: "Page", path: str, error: str) -> None:
        """The last one is the gateway's own."""
        _, _, body = fetch(listed_page, f"{emulator.url}{path}")
        assert json.loads(body)["error"] == error

    @pytest.mark.parametrize(
        "options", [{"headers": {"X-Undeclared": "x"}}, {"method": "PUT"}, {"credentials": "include"}]
    )
    def test_page_sends_nothing_else(
        self, emulator: Emulator, listed_page: "Page", options: dict[str, Any]
    ) -> None:
        assert fetch(listed_page, f"{emulator.url}/api/files", **options)[0] == 0


class TestUnlistedOrigin:
    def test_page_sees_no_response(self, emulator: Emulator, open_page: OpenPage) -> None:
        page = open_page("127.0.0.1")
        for path in ("/api/files", "/api/files/x"):
            assert fetch(page, f"{emulator.url}{path}")[0] == 0

    def test_page_sees_that_the_gateway_has_no_such_route(self, emulator: Emulator, open_page: OpenPage) -> None:
        """With several origins, API Gateway's own responses, which hold no data, can only be for all."""
        status, _, body = fetch(open_page("127.0.0.1"), f"{emulator.url}/nowhere")
        assert (status, json.loads(body)["error"]) == (404, "not_found")

    def test_page_sends_nothing_that_needs_a_preflight(self, emulator: Emulator, open_page: OpenPage) -> None:
        client = Client(emulator.url)
        file = client.upload("stays.txt", b"x")
        page, url = open_page("127.0.0.1"), f"{emulator.url}/api/files/{file.id}"
        assert fetch(page, url, method="DELETE")[0] == 0
        assert client.file(file.id).name == "stays.txt"


def function_names(emulator: Emulator) -> list[str]:
    functions = boto3.client("lambda", endpoint_url=emulator.aws_url).list_functions()["Functions"]
    return [function["FunctionName"] for function in functions]
