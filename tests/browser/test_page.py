"""The page at `/` in a browser."""

from tests.browser.web_page import WebPage


def test_page_loads_without_a_violation_of_its_policy(web_page: WebPage) -> None:
    web_page.open()
    web_page.page.get_by_role("heading", name="file-loader").wait_for()


def test_what_goes_wrong_is_noticed(web_page: WebPage) -> None:
    """Otherwise the check of every other test would prove nothing."""
    web_page.open()
    web_page.page.evaluate("fetch('http://other.example/').catch(() => null)")
    web_page.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    web_page.page.wait_for_function("true")
    problems = "\n".join(web_page.unexpected_problems())
    assert "violation of connect-src: http://other.example/" in problems
    assert "violation of style-src-attr: inline" in problems
    web_page.problems.clear()


def test_part_that_could_not_be_loaded_can_be_loaded_again(web_page: WebPage) -> None:
    web_page.expect_problem("ERR_INTERNET_DISCONNECTED")
    uploader = "**/assets/upload_area-*"
    web_page.page.route(uploader, lambda route: route.abort("internetdisconnected"), times=1)
    web_page.open()
    web_page.page.get_by_role("button", name="Reload").click()
    web_page.page.get_by_role("button", name="Choose files").wait_for()


def test_link_that_was_cut_off_shows_the_page(web_page: WebPage) -> None:
    web_page.expect_problem("status of 40[04]")
    web_page.open("#/files/%E0%A4")
    web_page.page.get_by_role("heading", name="file-loader").wait_for()
