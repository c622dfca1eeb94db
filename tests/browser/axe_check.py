"""What axe finds in a page: faults that keep people from using it with a screen reader, or without a mouse.

https://github.com/dequelabs/axe-core/blob/develop/doc/API.md
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from web.build import PROJECT_ROOT
from web.npm import install_packages, is_installed

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path("tests", "browser", "axe")

RUN = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .flatMap(({id, nodes}) => nodes.map(({html, failureSummary}) => `${id}: ${html} ${failureSummary}`))
"""


def find_faults(page: "Page") -> list[str]:
    """Return the serious and critical faults of the view that the page shows: the rule, and the element."""
    # `evaluate` isn't bound by the page's Content-Security-Policy.
    page.evaluate(_source())
    found: list[str] = page.evaluate(RUN)
    return found


@cache
def _source() -> str:
    """Return axe's script, from npm. It is installed if it isn't."""
    if not is_installed(PROJECT_ROOT / FOLDER):
        install_packages(PROJECT_ROOT, print, str(FOLDER))
    return (PROJECT_ROOT / FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text()
