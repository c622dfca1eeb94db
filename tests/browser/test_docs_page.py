"""The documentation page in a browser: it shows every operation, and "try it out" works, without an exception to
its Content-Security-Policy and without a request to another host."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from PIL import Image

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Request, Route

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`violation of ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`);
});
"""


@dataclass
class DocsPage:
    """The page, and what went wrong in it."""

    page: "Page"
    problems: list[str] = field(default_factory=list)
    """Messages of the console, and exceptions."""
    origins: set[str] = field(default_factory=set)
    """Of all requests."""

    def watch(self) -> None:
        """Record from now on."""
        self.page.add_init_script(REPORT_VIOLATIONS)
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._record)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.locator(".opblock").first.wait_for()

    def operation(self, method: str, path: str) -> "Locator":
        """Return the block of an operation, expanded."""
        summary = self.page.locator(f'.opblock-summary-path[data-path="{path}"]')
        block = self.page.locator(f".opblock-{method.lower()}").filter(has=summary)
        if "is-open" not in (block.get_attribute("class") or ""):
            block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Execute").wait_for()
        return block

    def click_all(self, selector: str) -> None:
        """Click all elements at once: one by one it would take the browser half a minute."""
        self.page.eval_on_selector_all(selector, "elements => elements.forEach(element => element.click())")

    def execute(self, block: "Locator") -> tuple[str, str]:
        """Send the request. Return the status and the text of the response."""
        block.get_by_role("button", name="Execute").click()
        response = block.locator(".live-responses-table tr.response")
        response.wait_for()
        status = response.locator(".response-col_status").inner_text().split()[0]
        return status, response.locator(".response-col_description").inner_text()

    def execute_with_id(self, method: str, path: str, file_id: str) -> tuple[str, str]:
        block = self.operation(method, path)
        block.locator("tr[data-param-name=file_id] input").fill(file_id)
        return self.execute(block)

    def _record(self, request: "Request") -> None:
        if request.url.startswith("http"):
            self.origins.add(origin(request.url))


@pytest.fixture
def emulator(service_emulator: Emulator, built_pages: None) -> Emulator:  # noqa: ARG001  # the page that it serves
    return service_emulator


@pytest.fixture
def make_docs_page(browser: "Browser") -> Iterator[Callable[[int], DocsPage]]:
    contexts = []

    def make(width: int) -> DocsPage:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}))
        contexts[-1].set_default_timeout(60_000)  # other tests may use the processors meanwhile
        docs = DocsPage(contexts[-1].new_page())
        docs.watch()
        return docs

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def docs(make_docs_page: Callable[[int], DocsPage], emulator: Emulator) -> DocsPage:
    page = make_docs_page(1280)
    page.open(f"{emulator.url}/api/docs")
    return page


@pytest.fixture
def client(emulator: Emulator) -> Client:
    return Client(emulator.url)


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class TestRendering:
    @pytest.mark.slow(6)
    def test_every_operation_and_schema_is_shown(self, docs: DocsPage, client: Client, emulator: Emulator) -> None:
        page = docs.page
        description = client.request("GET", "/api/openapi.json").json()
        operations = [operation for path in description["paths"].values() for operation in path.values()]
        docs.click_all(".opblock-summary-control")
        page.get_by_role("button", name="Execute").nth(len(operations) - 1).wait_for()
        assert page.locator(".opblock.is-open").count() == len(operations)
        docs.click_all("section.models .models-control")
        page.locator("section.models .json-schema-2020-12-accordion").first.wait_for()
        docs.click_all("section.models .json-schema-2020-12-accordion")
        page.locator("section.models .json-schema-2020-12-property").first.wait_for()
        assert docs.problems == []
        assert docs.origins == {emulator.url}

    def test_page_fits_a_phone(self, make_docs_page: Callable[[int], DocsPage], emulator: Emulator) -> None:
        docs = make_docs_page(390)
        docs.open(f"{emulator.url}/api/docs")
        for method, path in (("POST", "/api/upload"), ("PATCH", "/api/files/{file_id}")):
            for button in docs.operation(method, path).locator(".try-out .btn").all():
                box = button.bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= 390
        assert docs.page.evaluate("document.documentElement.scrollWidth") <= 390

    def test_page_has_a_title_a_language_and_one_heading(self, docs: DocsPage) -> None:
        assert docs.page.title() == "file-loader API"
        assert docs.page.locator("html").get_attribute("lang") == "en"
        assert docs.page.locator("main h1").count() == 1

    def test_what_the_policy_forbids_is_noticed(self, docs: DocsPage) -> None:
        """Otherwise the other tests would prove nothing."""
        docs.page.evaluate("fetch('http://other.example/').catch(() => null)")
        docs.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
        docs.page.wait_for_function("true")
        problems = "\n".join(docs.problems)
        assert "violation of connect-src: http://other.example/" in problems
        assert "violation of style-src-attr: inline" in problems

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_page_works_below_a_stage_and_under_a_name_that_the_service_does_not_know(
        self, make_docs_page: Callable[[int], DocsPage], emulator: Emulator, slash: str
    ) -> None:
        """As behind a proxy: the emulator is asked without the prefix, as an app is by API Gateway."""
        docs = make_docs_page(1280)

        def forward(route: "Route") -> None:
            path = urlsplit(route.request.url).path
            assert path.startswith("/prod/api/"), path
            route.fulfill(response=route.fetch(url=emulator.url + path.removeprefix("/prod")))

        docs.page.route("http://proxy.example/**", forward)
        docs.open(f"http://proxy.example/prod/api/docs{slash}")
        block = docs.operation("GET", "/api/changes")
        status, _ = docs.execute(block)
        assert status == "200"
        assert "http://proxy.example/prod/api/changes" in block.locator(".request-url").inner_text()
        assert docs.origins == {"http://proxy.example"}
        assert docs.problems == []

    def test_missing_description_is_explained(
        self, make_docs_page: Callable[[int], DocsPage], emulator: Emulator
    ) -> None:
        docs = make_docs_page(390)
        docs.page.route("**/api/openapi.json", lambda route: route.fulfill(status=503, body="overloaded"))
        docs.page.goto(f"{emulator.url}/api/docs")
        state = docs.page.get_by_role("status")
        state.filter(has_text=re.compile("can't be shown.* 503: overloaded")).wait_for()


class TestTryItOut:
    @pytest.mark.slow(3)
    def test_file_is_uploaded_renamed_listed_and_deleted(
        self, docs: DocsPage, client: Client, emulator: Emulator
    ) -> None:
        name = f"{uuid4().hex}.txt"
        upload = docs.operation("POST", "/api/upload")
        upload.locator("input[type=file]").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": b"by form"}
        )
        status, text = docs.execute(upload)
        assert status == "201"
        [file_id] = re.findall(r'"id": "([^"]+)"', text)
        assert client.file(file_id)["name"] == name

        rename = docs.operation("PATCH", "/api/files/{file_id}")
        rename.locator("tr[data-param-name=file_id] input").fill(file_id)
        rename.locator("textarea").fill('{"name": "renamed.txt"}')
        status, text = docs.execute(rename)
        assert (status, '"renamed.txt"' in text) == ("200", True)

        status, text = docs.execute(docs.operation("GET", "/api/files"))
        assert (status, file_id in text) == ("200", True)

        status, _ = docs.execute_with_id("DELETE", "/api/files/{file_id}", file_id)
        assert status == "204"
        assert client.request("GET", f"/api/files/{file_id}").status_code == 404
        assert docs.problems == []
        assert docs.origins == {emulator.url}

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
        assert (file["name"], file["size"]) == ("raw.bin", 3)
        assert docs.problems == []

    def test_redirects_to_the_storage_are_followed(
        self, docs: DocsPage, client: Client, emulator: Emulator
    ) -> None:
        """The thumbnail is shown as an image; the response that the description lacks is explained."""
        content = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(content, "PNG")
        file = client.wait_until_terminal(client.upload("photo.png", content.getvalue(), "image/png")["id"])
        for path in ("/api/files/{file_id}/content", "/api/files/{file_id}/thumbnail"):
            status, _ = docs.execute_with_id("GET", path, file["id"])
            image = docs.operation("GET", path).locator(".live-responses-table img")
            image.wait_for()
            assert status == "200"
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
            assert docs.operation("GET", path).get_by_text("browsers follow redirects").is_visible()
        assert docs.problems == []
        assert docs.origins == {emulator.url, emulator.aws_url}
