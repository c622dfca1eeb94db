"""The documentation page in a browser: it shows every operation, and "try it out" works, without an exception to
its Content-Security-Policy and without a request to another host."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from PIL import Image

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.browser.axe_check import find_faults
from tests.browser.docs_page import DocsPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Route

LIST_RESPONSES = """
blocks => blocks.map((block) => [
    block.id.split("-").pop(),
    [...block.querySelectorAll(".responses-inner > .responses-table tr.response")].map((row) => row.dataset.code),
])
"""
"""The id of each operation and the statuses of its documented responses."""


@pytest.fixture(scope="module")
def emulator(service_emulator: Emulator, built_pages: None) -> Emulator:  # noqa: ARG001  # the page that it serves
    return service_emulator


@pytest.fixture(scope="module")
def context(browser: "Browser") -> "Iterator[BrowserContext]":
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)  # other tests may use the processors meanwhile
    yield context
    context.close()


@pytest.fixture(scope="module")
def opened_page(context: "BrowserContext", emulator: Emulator) -> DocsPage:
    """The page of all tests of this module: to load one takes a second."""
    opened = DocsPage(context.new_page())
    opened.open(f"{emulator.url}/api/docs")
    return opened


@pytest.fixture
def docs(opened_page: DocsPage, emulator: Emulator) -> Iterator[DocsPage]:
    """The page, in which nothing may go wrong."""
    yield opened_page
    problems, opened_page.problems[:] = list(opened_page.problems), []
    assert problems == []
    assert opened_page.origins <= {emulator.url, emulator.aws_url}


@pytest.fixture
def other_page(context: "BrowserContext") -> Iterator[DocsPage]:
    """A page that isn't opened yet."""
    other = DocsPage(context.new_page())
    yield other
    other.page.close()


@pytest.fixture
def client(emulator: Emulator) -> Client:
    return Client(emulator.url)


def brightness(color: str) -> int:
    """Return the mean of red, green and blue in `rgb(18, 22, 28)`."""
    return sum(int(value) for value in re.findall(r"\d+", color)[:3]) // 3


class TestTryItOut:
    @pytest.mark.slow(3)
    def test_file_is_uploaded_renamed_listed_and_deleted(self, docs: DocsPage, client: Client) -> None:
        name = f"{uuid4().hex}.txt"
        upload = docs.operation("POST", "/api/upload")
        upload.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": b"by form"}
        )
        status, text = docs.execute(upload)
        assert status == "201"
        [file_id] = re.findall(r'"id": "([^"]+)"', text)
        assert client.file(file_id).name == name

        rename = docs.operation("PATCH", "/api/files/{file_id}")
        rename.locator("tr[data-param-name=file_id] input").fill(file_id)
        rename.locator("textarea").fill('{"name": "renamed.txt"}')
        status, text = docs.execute(rename)
        assert (status, '"renamed.txt"' in text) == ("200", True)

        files = docs.operation("GET", "/api/files")
        files.locator("tr[data-param-name=limit] input").fill("1")
        status, text = docs.execute(files)
        assert (status, file_id in text) == ("200", True)

        status, _ = docs.execute_with_id("DELETE", "/api/files/{file_id}", file_id)
        assert status == "204"
        assert client.request("GET", f"/api/files/{file_id}").status_code == 404

    def test_raw_body_is_uploaded(self, docs: DocsPage, client: Client) -> None:
        upload = docs.operation("POST", "/api/upload")
        upload.get_by_label("Request content type").select_option("application/octet-stream")
        name = upload.locator('tr[data-param-name="name"][data-param-in="query"] input')
        name.fill("raw.bin")
        upload.locator("input[type=file]").set_input_files(
            {"name": "any", "mimeType": "application/octet-stream", "buffer": b"raw"}
        )
        status, text = docs.execute(upload)
        assert status == "201"
        [file_id] = re.findall(r'"id": "([^"]+)"', text)
        file = client.file(file_id)
        assert (file.name, file.size) == ("raw.bin", 3)

    def test_redirects_to_the_storage_are_followed(
        self, docs: DocsPage, client: Client, emulator: Emulator
    ) -> None:
        """The thumbnail is shown as an image; the response that the description lacks is explained."""
        content = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(content, "PNG")
        file = client.wait_until_terminal(client.upload("photo.png", content.getvalue(), "image/png").id)
        for path in ("/api/files/{file_id}/content", "/api/files/{file_id}/thumbnail"):
            status, _ = docs.execute_with_id("GET", path, file.id)
            block = docs.operation("GET", path)
            image = block.locator(".live-responses-table img")
            image.wait_for()
            assert status == "200"
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
            assert block.get_by_text("browsers follow redirects").is_visible()
        assert docs.origins == {emulator.url, emulator.aws_url}


class TestRendering:
    @pytest.mark.slow(3)
    def test_every_operation_response_and_schema_is_shown(self, docs: DocsPage, client: Client) -> None:
        page = docs.page
        description = client.request("GET", "/api/openapi.json").json()
        operations = {
            operation["operationId"]: operation
            for path in description["paths"].values()
            for operation in path.values()
        }
        docs.click_all(".opblock:not(.is-open) .opblock-summary-control")
        page.get_by_role("button", name="Execute").nth(len(operations) - 1).wait_for()
        introduction = page.locator(".info").inner_text()
        common = set(re.findall(r"^(\d{3}) [a-z_]+: ", introduction, re.MULTILINE))
        assert {"421", "500"} <= common  # and 429 is shown at each operation, as some have limits of their own
        shown = page.eval_on_selector_all(".opblock.is-open", LIST_RESPONSES)
        assert {name: {*statuses} | common for name, statuses in shown} == {
            name: {*operation["responses"]} | ({"200"} if "302" in operation["responses"] else set())
            for name, operation in operations.items()
        }
        assert not any(common & {*statuses} for _, statuses in shown)
        docs.click_all("section.models .models-control")
        page.locator("section.models .json-schema-2020-12-accordion").first.wait_for()
        docs.click_all("section.models .json-schema-2020-12-accordion")
        page.locator("section.models .json-schema-2020-12-property").first.wait_for()

    def test_page_fits_a_phone(self, docs: DocsPage) -> None:
        docs.page.set_viewport_size({"width": 390, "height": 900})
        for method, path in (("POST", "/api/upload"), ("PATCH", "/api/files/{file_id}")):
            for button in docs.operation(method, path).locator(".try-out .btn").all():
                box = button.bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= 390
        assert docs.page.evaluate("document.documentElement.scrollWidth") <= 390
        docs.page.set_viewport_size({"width": 1280, "height": 900})

    @pytest.mark.slow(3)
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_no_serious_fault(
        self, docs: DocsPage, emulator: Emulator, scheme: Literal["light", "dark"]
    ) -> None:
        """In a form with a file, one with a JSON body, a response, and schemas."""
        page = docs.page
        page.emulate_media(color_scheme=scheme)
        docs.open(f"{emulator.url}/api/docs")
        docs.operation("POST", "/api/upload")
        docs.operation("PATCH", "/api/files/{file_id}")
        docs.execute(docs.operation("GET", "/api/health"))
        docs.click_all("section.models .models-control")
        page.locator("section.models .json-schema-2020-12-accordion").nth(1).click()
        page.locator("section.models .json-schema-2020-12-property").first.wait_for()
        assert find_faults(page) == []
        background = page.locator("html").evaluate("element => getComputedStyle(element).backgroundColor")
        assert (brightness(background) > 200) == (scheme == "light")
        page.emulate_media(color_scheme=None)

    def test_header_leads_to_the_page_and_asks_for_no_sign_in(self, docs: DocsPage, emulator: Emulator) -> None:
        header = docs.page.locator("body > header")
        links = header.get_by_role("link").evaluate_all("links => links.map((link) => link.href)")
        assert links == [f"{emulator.url}/api/docs#docs", f"{emulator.url}/", f"{emulator.url}/api/openapi.json"]
        docs.page.wait_for_load_state("networkidle")
        assert header.get_by_role("button").count() == 0

    def test_page_has_a_title_a_language_one_main_part_and_one_heading(self, docs: DocsPage) -> None:
        assert docs.page.title() == "file-loader API"
        assert docs.page.locator("html").get_attribute("lang") == "en"
        assert docs.page.locator("main").count() == 1
        assert docs.page.locator("h1").count() == 1

    def test_what_the_policy_forbids_is_noticed(self, docs: DocsPage) -> None:
        """Otherwise the other tests would prove nothing."""
        docs.page.evaluate("fetch('http://other.example/').catch(() => null)")
        docs.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
        docs.page.wait_for_function("true")
        problems = "\n".join(docs.problems)
        docs.problems.clear()
        docs.origins.discard("http://other.example")
        assert "violation of connect-src: http://other.example/" in problems
        assert "violation of style-src-attr: inline" in problems

    @pytest.mark.slow(3)
    def test_page_works_below_a_stage_and_under_a_name_that_the_service_does_not_know(
        self, other_page: DocsPage, emulator: Emulator
    ) -> None:
        """As behind a proxy: the emulator is asked without the prefix, as an app is by API Gateway."""

        def forward(route: "Route") -> None:
            path = urlsplit(route.request.url).path
            assert path.startswith("/prod/"), path
            route.fulfill(response=route.fetch(url=emulator.url + path.removeprefix("/prod")))

        other_page.page.route("http://proxy.example/**", forward)
        other_page.open("http://proxy.example/prod/api/docs/")  # the other tests' URL has no slash at its end
        block = other_page.operation("GET", "/api/health")
        status, _ = other_page.execute(block)
        assert status == "200"
        assert "http://proxy.example/prod/api/health" in block.locator(".request-url").inner_text()
        assert other_page.origins == {"http://proxy.example"}
        assert other_page.problems == []

    def test_missing_description_is_explained(self, other_page: DocsPage, emulator: Emulator) -> None:
        other_page.page.route("**/api/openapi.json", lambda route: route.fulfill(status=503, body="overloaded"))
        other_page.page.goto(f"{emulator.url}/api/docs")
        state = other_page.page.get_by_role("status")
        state.filter(has_text=re.compile("can't be shown.* 503: overloaded")).wait_for()
