"""The web site of the documentation: it has every page, and links that fit it."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.tools.site import CONFIGURATION, ROOT, copy_pages, move_links


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads(CONFIGURATION.read_text())["project"]
    return settings


def pages_of(navigation: list[Any]) -> Iterator[str]:
    for entry in navigation:
        if isinstance(entry, str):
            yield entry
        else:
            yield from pages_of([page for pages in entry.values() for page in pages])


def test_the_navigation_has_every_page(project: dict[str, Any], tmp_path: Path) -> None:
    """The list of decisions leads to the decisions."""
    copy_pages(tmp_path / "pages")
    pages = {path.relative_to(tmp_path / "pages").as_posix() for path in (tmp_path / "pages").rglob("*.md")}
    navigation = list(pages_of(project["nav"]))
    assert len(navigation) == len(set(navigation))
    assert {page for page in pages if not page.startswith("decisions/0")} == set(navigation)


def test_the_site_loads_nothing_from_other_hosts(project: dict[str, Any]) -> None:
    assert project["theme"]["font"] is False
    assert "extra_javascript" not in project
    assert "extra_css" not in project


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("docs/README.md", "](CONTRIBUTING.md"),
        ("docs/explanation/architecture.md", "](../CONTRIBUTING.md"),
        ("CONTRIBUTING.md", "](reference/make-targets.md"),
        ("docs/README.md", "](how-to/deploy.md"),
    ],
)
def test_links_lead_to_where_the_pages_are_copied_to(page: str, link: str) -> None:
    assert link in move_links(ROOT / page)
