"""Uppy 6 and 5 in a browser upload through a running emulator, with no change to Uppy."""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from file_loader_client import File
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator, ProtectedEmulator
from tests.browser.uppy_packages import BUNDLE_6, install_uppy
from tests.browser.uppy_page import UppyPage
from tests.pages.console_commands import PROJECT, code_blocks

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

MIB = 1 << 20
CDN = "https://releases.transloadit.com/uppy/v6.0.1/"

CONFIRM = """
() => {
    window.result = new Promise((resolve) => uppy.once("complete", resolve));
    uppy.emit("restore-confirmed");
}
"""
"""What the button of Uppy's Dashboard does after a reload."""

RUN_EXAMPLES = """
async () => {
    const { Uppy, AwsS3 } = await import("/6.mjs");
    const console = {log: (value) => { window.printed = value; }};
    const uppy = new Uppy();
    // the page's code
    uppy.addFile({name: "signed.txt", type: "text/plain", data: new Blob(["hello"])});
    uppy.upload();
}
"""
"""Runs the JavaScript of docs/how-to/upload-with-uppy.md."""

Start = Callable[..., UppyPage]
both_modes = pytest.mark.parametrize("mode", ["companion", "sign"])


@pytest.fixture(scope="module", autouse=True)
def _uppy(chromium: str) -> None:  # noqa: ARG001  # without a browser, nothing is installed
    install_uppy(print)


@pytest.fixture
def start(service_emulator: Emulator, listed_page: "Page", cors_origin: str) -> Start:
    """Open a page with an Uppy."""

    def open_page(mode: str = "companion", library: str = "latest.mjs", **options: Any) -> UppyPage:
        uppy = UppyPage(listed_page, service_emulator, library, mode)
        uppy.open(cors_origin, **options)
        return uppy

    return open_page


@pytest.fixture
def client(service_emulator: Emulator) -> Client:
    return Client(service_emulator.url)


@pytest.fixture
def s3(service_emulator: Emulator) -> Any:
    return boto3.client("s3", endpoint_url=service_emulator.aws_url)


def content_of(size: int) -> bytes:
    """Return the bytes that the page uploads."""
    return b"".join(bytes([start // MIB]) * min(MIB, size - start) for start in range(0, size, MIB))


def stored_file(client: Client, response: Any) -> File:
    """Return the processed file of an upload."""
    return client.wait_until_terminal(response["body"]["key"].split("/")[1])


def check_content(client: Client, file: File, size: int) -> None:
    assert (file.status, file.size) == ("processed", size)
    assert sha256(client.content(file)).digest() == sha256(content_of(size)).digest()


class TestWholeFile:
    @pytest.mark.parametrize(
        ("mode", "library"),
        [
            ("companion", "latest.mjs"),
            ("sign", "latest.mjs"),
            ("companion", "6.mjs"),
            ("sign", "6.mjs"),
            ("companion of 5", "5.mjs"),
        ],
    )
    def test_file_is_stored_and_processed(self, start: Start, client: Client, mode: str, library: str) -> None:
        uppy = start(mode, library)
        uppy.upload(5000, "Grüße + 1 %41 ${filename}.bin", order=7, paid=True, note=None)
        file = stored_file(client, uppy.result())
        check_content(client, file, 5000)
        assert file.name == "Grüße + 1 %41 ${filename}.bin"
        assert dict(file.metadata) == ({} if mode == "sign" else {"order": "7", "paid": "true"})

    @both_modes
    def test_empty_file_is_stored(self, start: Start, client: Client, mode: str) -> None:
        uppy = start(mode)
        uppy.upload(0)
        assert stored_file(client, uppy.result()).size == 0


class TestParts:
    @pytest.mark.slow(6)
    @pytest.mark.parametrize(("mode", "chunk"), [("companion", None), ("sign", 50 * MIB)])
    def test_file_above_100_mib_is_sent_in_parts(
        self, start: Start, client: Client, mode: str, chunk: int | None
    ) -> None:
        """As Uppy does by itself."""
        uppy, size = start(mode, chunk=chunk), 100 * MIB + 1
        uppy.upload(size)
        file = stored_file(client, uppy.result())
        check_content(client, file, size)
        assert uppy.sent_parts() == list(range(1, 4 if chunk else 22))

    @pytest.mark.parametrize(
        ("mode", "library"), [("companion", "6.mjs"), ("sign", "6.mjs"), ("companion of 5", "5.mjs")]
    )
    def test_other_versions_send_parts(self, start: Start, client: Client, mode: str, library: str) -> None:
        uppy, size = start(mode, library, multipart=True), 5 * MIB + 1
        uppy.upload(size, order=7)
        response = uppy.result()
        check_content(client, stored_file(client, response), size)

    def test_location_is_that_of_the_file(self, start: Start, client: Client) -> None:
        uppy = start(multipart=True)
        uppy.upload(10)
        response = uppy.result()
        assert response["uploadURL"] == stored_file(client, response).file

    @both_modes
    def test_upload_is_paused_and_resumed(self, start: Start, client: Client, mode: str) -> None:
        uppy, size = start(mode, multipart=True), 10 * MIB + 1
        file_id = uppy.upload(size)
        uppy.wait_for("() => parts.length === 1")
        assert uppy.page.evaluate("id => uppy.pauseResume(id)", file_id) is True
        uppy.page.wait_for_timeout(100)
        assert len(uppy.sent_parts()) < 3
        uppy.page.evaluate("id => uppy.pauseResume(id)", file_id)
        check_content(client, stored_file(client, uppy.result()), size)
        assert uppy.sent_parts() == [1, 2, 3]

    @both_modes
    def test_upload_is_resumed_after_a_reload(
        self, start: Start, client: Client, cors_origin: str, mode: str
    ) -> None:
        """As after a crash of the browser. Golden Retriever keeps files of less than 10 MB."""
        uppy, size = start(mode, multipart=True), 9 * MIB
        file_id = uppy.upload(size)
        uppy.wait_for("() => parts.length === 1")
        uppy.page.evaluate("id => uppy.pauseResume(id)", file_id)
        uppy.page.wait_for_timeout(700)  # Golden Retriever writes twice a second
        uppy.open(cors_origin, multipart=True)
        uppy.wait_for("() => uppy.getFiles().length === 1 && uppy.getFiles()[0].data?.size")
        uppy.page.evaluate(CONFIRM)
        check_content(client, stored_file(client, uppy.result()), size)
        assert uppy.sent_parts() == [2]

    @pytest.mark.parametrize(
        ("mode", "library"),
        [("companion", "latest.mjs"), ("sign", "latest.mjs"), ("companion of 5", "5.mjs")],
    )
    def test_cancelled_upload_leaves_nothing(
        self, start: Start, client: Client, s3: Any, mode: str, library: str
    ) -> None:
        uppy = start(mode, library, multipart=True)
        file_id = uppy.upload(40 * MIB + 1)  # not all of it is sent before it is cancelled
        uppy.wait_for("() => parts.length >= 1")
        key = uppy.page.evaluate("id => uppy.getFile(id).s3Multipart.key", file_id)
        target = {"Bucket": "file-loader", "Prefix": key}
        assert len(s3.list_multipart_uploads(**target)["Uploads"]) == 1
        with uppy.page.expect_response(lambda response: response.request.method == "DELETE") as response:
            uppy.page.evaluate("id => uppy.removeFile(id)", file_id)
        assert response.value.ok
        assert "Uploads" not in s3.list_multipart_uploads(**target)
        assert client.request("GET", f"/api/files/{key.split('/')[1]}").status_code == 404


class TestUploadToken:
    """A page of another origin, and a service with `AUTH=required`."""

    @pytest.fixture
    def alice(self, protected_emulator: ProtectedEmulator) -> Client:
        admin = Client(protected_emulator.emulator.url, protected_emulator.token)
        created = admin.request("POST", "/api/tokens", json={"name": "backend of the page", "owner": "alice"})
        return Client(admin.base_url, created.json()["token"])

    @pytest.mark.parametrize(
        ("mode", "library", "multipart"),
        [
            ("companion", "latest.mjs", False),
            ("companion", "latest.mjs", True),
            ("sign", "latest.mjs", True),
            ("companion of 5", "5.mjs", True),
        ],
    )
    def test_page_uploads_for_the_owner(
        self,
        protected_emulator: ProtectedEmulator,
        alice: Client,
        listed_page: "Page",
        cors_origin: str,
        mode: str,
        library: str,
        multipart: bool,
    ) -> None:
        path = alice.request("POST", "/api/upload-tokens").json()["path"]
        uppy = UppyPage(listed_page, protected_emulator.emulator, library, mode, path)
        uppy.open(cors_origin, multipart=multipart)
        uppy.upload(5 * MIB + 1)
        file_id = uppy.result()["body"]["key"].split("/")[1]
        file = alice.wait_until_terminal(file_id)
        assert (file.owner, file.size) == ("alice", 5 * MIB + 1)

    def test_page_without_a_token_uploads_nothing(
        self, protected_emulator: ProtectedEmulator, listed_page: "Page", cors_origin: str
    ) -> None:
        uppy = UppyPage(listed_page, protected_emulator.emulator)
        uppy.open(cors_origin)
        with uppy.page.expect_response(lambda response: "/s3/params" in response.url) as response:
            uppy.upload(5)
        assert response.value.status == 401


class TestDocumentation:
    """The code of docs/how-to/upload-with-uppy.md."""

    def test_page_uploads_a_file(
        self, service_emulator: Emulator, client: Client, listed_page: "Page", cors_origin: str
    ) -> None:
        from playwright.sync_api import FilePayload  # takes 0.2 s, and only these tests need it

        how_to = (PROJECT / "docs/how-to/upload-with-uppy.md").read_text()
        [html] = [block.text for block in code_blocks(how_to) if block.language == "html"]
        html = html.replace("http://127.0.0.1:8000", service_emulator.url)

        def fulfill(route: "Route") -> None:
            headers = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(path=BUNDLE_6 / route.request.url.rpartition("/")[2], headers=headers)

        listed_page.route(f"{CDN}*", fulfill)
        listed_page.goto(cors_origin)  # from a server: Chrome lets no other page call one on this machine
        listed_page.set_content(html)
        file = FilePayload(name="from the page.txt", mimeType="text/plain", buffer=b"hello")
        listed_page.locator(".uppy-Dashboard-input").first.set_input_files(file)
        listed_page.get_by_role("button", name=re.compile("^Upload 1 file")).click()
        listed_page.locator(".uppy-StatusBar.is-complete").wait_for()
        [stored] = client.files(q="from the page.txt")
        assert client.content(client.wait_until_terminal(stored.id)) == b"hello"

    def test_code_signs_requests_and_follows_the_file(self, service_emulator: Emulator, start: Start) -> None:
        uppy = start()
        how_to = (PROJECT / "docs/how-to/upload-with-uppy.md").read_text()
        code = "\n".join(block.text for block in code_blocks(how_to) if block.language == "js")
        code = code.replace("http://127.0.0.1:8000", service_emulator.url)
        uppy.page.evaluate(RUN_EXAMPLES.replace("// the page's code", code))
        uppy.wait_for("() => window.printed")
        assert uppy.page.evaluate("() => window.printed") in {"uploaded", "processing", "processed"}
