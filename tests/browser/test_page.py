"""The page at `/` in a browser."""

from typing import Literal

import pytest

from tests.browser.axe_check import find_faults
from tests.browser.upload_steps import open_uploader
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


COLLECT_SIZES = """
() => {
    const atOnce = [...document.querySelectorAll("script, link[rel=stylesheet], link[rel=modulepreload]")];
    const urls = new Set(atOnce.map((element) => element.src || element.href));
    const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return loaded
        .filter(({name, entryType}) => entryType === "navigation" || name.includes("/assets/"))
        .map(({name, entryType, encodedBodySize, decodedBodySize}) => ({
            name,
            sent: encodedBodySize,
            size: decodedBodySize,
            atOnce: entryType === "navigation" || urls.has(name),
        }));
}
"""


def test_page_is_light(web_page: WebPage) -> None:
    """In bytes as they are sent. What the list needs is loaded at once, and the uploader after it."""
    open_uploader(web_page)
    loaded = web_page.page.evaluate(COLLECT_SIZES)
    scripts = [each for each in loaded if each["name"].endswith(".js")]
    assert all(each["sent"] < each["size"] for each in scripts if each["size"] > 1000)
    assert sum(each["sent"] for each in loaded if each["atOnce"]) <= 60_000
    assert sum(each["sent"] for each in loaded) <= 260_000
    assert len([each for each in loaded if each["atOnce"]]) >= 3  # the page, its style sheet and its script


COUNT_ANIMATIONS = "element => element.getAnimations().length"

HIDE = """
Object.defineProperty(document, "hidden", {get: () => window.isHidden === true});
"""


def test_hidden_page_asks_for_changes_less_often(web_page: WebPage) -> None:
    tab = web_page.page
    tab.clock.install()
    tab.add_init_script(HIDE)
    polls: list[str] = []
    tab.on("request", lambda request: polls.append(request.url) if "/api/changes" in request.url else None)
    with tab.expect_response("**/api/changes*"):
        web_page.open()
    tab.evaluate("window.isHidden = true")
    with tab.expect_response("**/api/changes*"):
        tab.clock.run_for(6_000)  # the next one was due already
    tab.wait_for_timeout(100)  # until the response is read
    before = len(polls)
    tab.clock.run_for(15_000)
    assert len(polls) == before
    with tab.expect_response("**/api/changes*"):
        tab.clock.run_for(20_000)
    tab.evaluate("window.isHidden = false")
    with tab.expect_response("**/api/changes*"):
        tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_nothing_moves_for_people_who_do_not_want_it(web_page: WebPage) -> None:
    """Not even the sign of a file that is being processed."""
    tab = web_page.page
    file = web_page.client.request("GET", f"/api/files/{web_page.client.upload_form('a.txt', b'a').id}").json()
    tab.route("**/api/files?*", lambda route: route.fulfill(json=[file | {"status": "processing"}]))
    web_page.open()
    sign = tab.locator("fl-file-list .turning")
    assert sign.evaluate(COUNT_ANIMATIONS) == 1
    tab.emulate_media(reduced_motion="reduce")
    assert sign.evaluate(COUNT_ANIMATIONS) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_empty_list_says_what_to_do(web_page: WebPage, scheme: Literal["light", "dark"]) -> None:
    tab = web_page.page
    tab.emulate_media(color_scheme=scheme)
    tab.route("**/api/files?*", lambda route: route.fulfill(json=[]))
    web_page.open()
    tab.get_by_text("No files yet").wait_for()
    assert find_faults(tab) == []
