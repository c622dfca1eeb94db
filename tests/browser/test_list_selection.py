"""What is done with files that are selected in the list of the page at `/`."""

import pytest
from playwright.sync_api import expect

from tests.browser.list_steps import open_list, rows_of, wait_until
from tests.browser.web_page import WebPage


class TestSelection:
    def test_deletion_can_be_undone(self, web_page: WebPage, prefix: str, three_files: list[str]) -> None:
        page = web_page.page
        open_list(web_page, f"q={prefix}&order=name")
        rows_of(page).nth(0).get_by_role("checkbox").click()
        rows_of(page).nth(2).get_by_role("checkbox").click(modifiers=["Shift"])
        page.get_by_text("3 selected").wait_for()
        rows_of(page).nth(1).get_by_role("checkbox").click()
        toolbar = page.get_by_role("toolbar", name="Selected files")
        toolbar.get_by_role("button", name="Delete").click()
        expect(rows_of(page)).to_have_count(1)
        page.get_by_role("button", name="Undo").click()
        expect(rows_of(page)).to_have_count(3)
        assert len(list(web_page.client.files(q=prefix))) == len(three_files)
        rows_of(page).nth(0).get_by_role("checkbox").click()
        toolbar.get_by_role("button", name="Delete").click()
        with page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            page.locator("fl-toasts").get_by_role("button", name="Close").last.click()
        assert deleted.value.status == 204
        assert len(list(web_page.client.files(q=prefix))) == len(three_files) - 1

    def test_deletion_is_sent_when_the_page_is_left(
        self, web_page: WebPage, prefix: str, three_files: list[str]
    ) -> None:
        open_list(web_page, f"q={prefix}&order=name")
        rows_of(web_page.page).nth(0).get_by_role("checkbox").click()
        web_page.page.get_by_role("button", name="Delete").click()
        expect(rows_of(web_page.page)).to_have_count(2)
        web_page.page.goto("about:blank")
        wait_until(web_page.page, lambda: len(web_page.client.files(q=prefix)) == len(three_files) - 1)

    @pytest.mark.parametrize(("count", "asks"), [(200, False), (201, True)])
    def test_leaving_asks_while_more_is_to_be_deleted_than_a_browser_sends(
        self, web_page: WebPage, count: int, *, asks: bool
    ) -> None:
        web_page.open()
        add = """count => document.querySelector("fl-app").deletions.add(
            Array.from({length: count}, (_, number) => ({id: `unknown-${number}`, name: "a"})))"""
        web_page.page.evaluate(add, count)
        ask = "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
        assert web_page.page.evaluate(ask) is asks
        web_page.page.get_by_role("button", name="Undo").click()
        assert web_page.page.evaluate(ask) is False

    def test_selected_files_are_processed_again(
        self, web_page: WebPage, prefix: str, three_files: list[str]
    ) -> None:
        """One that was deleted meanwhile is no error; another error names its file."""
        page = web_page.page
        open_list(web_page, f"q={prefix}&order=name")
        for index in range(3):
            rows_of(page).nth(index).get_by_role("checkbox").click()
        web_page.expect_problem("status of 409")
        body = {"error": "not_uploaded", "message": "It has no bytes.", "requestId": "r-1"}
        refused = f"**/api/files/{three_files[2]}/reprocess"
        page.route(refused, lambda route: route.fulfill(status=409, json=body))
        page.get_by_role("button", name="Process again").click()
        page.get_by_text(f"Not processed again: {prefix} c.txt: It has no bytes.").wait_for()
        timeline = web_page.client.request("GET", f"/api/files/{three_files[0]}/timeline").json()
        assert "reopened" in {entry["type"] for entry in timeline}

    def test_selected_files_are_downloaded(self, web_page: WebPage, prefix: str, three_files: list[str]) -> None:
        page = web_page.page
        downloads: list[str] = []
        page.on("download", lambda each: downloads.append(each.suggested_filename))
        open_list(web_page, f"q={prefix}&order=name")
        for index in range(len(three_files)):
            rows_of(page).nth(index).get_by_role("checkbox").click()
        page.get_by_role("button", name="Download").click()
        page.get_by_text("Downloading: 2 of 3").wait_for()
        expect(page.get_by_text("Downloading")).to_have_count(0)
        assert downloads == [f"{prefix} {each}.txt" for each in "abc"]
