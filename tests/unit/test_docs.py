"""The reference pages have every name that the code has, and no other; links lead somewhere."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from app import app
from chalicelib import settings
from chalicelib.core import errors
from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.errors import FileErrorKind
from chalicelib.core.files.statuses import Status
from chalicelib.core.metrics import Metric
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.http.errors import HTTP_STATUSES
from chalicelib.http.router import operations
from chalicelib.processors.registry import PROCESSORS
from chaos import spec
from docs.tools.reference import make_pages
from emulator.__main__ import main as run_emulator
from tests.pages.console_commands import PAGES, PROJECT, page_name

DOCS = PROJECT / "docs"
REFERENCE = DOCS / "reference"
EXAMPLE_FILES = {"chalicelib/processors/formats/font.py", "tests/processors/test_font.py"}
"""Files of the processor that docs/how-to/add-a-processor.md adds as an example."""


def section(page: Path, title: str) -> str:
    """Return the text under a heading, up to the next one of the same level or a higher one."""
    text = page.read_text()
    heading = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert heading, f"{page.name} has no section {title!r}"
    rest = text[heading.end() :]
    end = re.search(rf"^#{{1,{len(heading.group(1))}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def names_in_table(text: str) -> list[str]:
    """Return the code words (`…`) in the first column of the tables of a text, without the header."""
    rows = re.findall(r"^\|.*\|$(?!\n\| ---)", text, re.MULTILINE)
    cells = [row.split("|")[1] for row in rows]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def emulator_options(capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        run_emulator(["--help"])
    return set(re.findall(r"^  (--[a-z-]+)", capsys.readouterr().out, re.MULTILINE))


def routes() -> set[str]:
    """Return the app's routes, with `{id}` for the id in a path."""
    paths = {operation: re.sub(r"\{\w+_id\}", "{id}", operation.path) for operation in operations(app)}
    return {f"{operation.method} {path}" for operation, path in paths.items()}


def documented_route(cell: str) -> str:
    """Return a route of the pages, such as `GET /api/files/{id}/`, without its query string."""
    method, path = cell.split()
    return f"{method} {path.partition('?')[0].removesuffix('/') or '/'}"


def test_every_route_is_in_the_readme() -> None:
    cells = [
        cell for cell in names_in_table(section(PROJECT / "README.md", "The API")) if re.match(r"[A-Z]+ /", cell)
    ]
    assert {documented_route(cell) for cell in cells} == routes()


@pytest.mark.parametrize("page", ["openapi.json", "api.md", "filectl.md"])
def test_pages_are_up_to_date(page: str) -> None:
    is_up_to_date = (REFERENCE / page).read_text() == make_pages()[REFERENCE / page]
    assert is_up_to_date, f"docs/reference/{page} isn't up to date. Run: make reference"


def test_every_setting_is_documented() -> None:
    """Once each."""
    names = [variable.name for variable in settings.variables().values()]
    assert sorted(names_in_table((REFERENCE / "configuration.md").read_text())) == sorted(names)


def test_every_status_is_documented() -> None:
    text = section(REFERENCE / "statuses.md", "Statuses")
    assert set(names_in_table(text)) == set(Status)
    transitions = re.findall(r"^    (\S+) --> (\w+)", text, re.MULTILINE)
    assert {status for pair in transitions for status in pair} - {"[*]"} == set(Status)


def test_every_timeline_type_is_documented() -> None:
    assert set(names_in_table(section(REFERENCE / "statuses.md", "Timeline types"))) == set(HistoryEventType)


@pytest.mark.parametrize(("title", "values"), [("Statuses", Status), ("Timeline types", HistoryEventType)])
def test_statuses_and_types_have_the_same_meaning_as_in_the_api(title: str, values: type[DescribedEnum]) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", section(REFERENCE / "statuses.md", title), re.MULTILINE)
    meanings = {value.value: value.meaning.removesuffix(".") for value in values}
    assert {name: meaning[0].upper() + meaning[1:] for name, meaning in rows if name in meanings} == meanings


def test_every_error_response_is_documented_with_its_status() -> None:
    page = REFERENCE / "errors.md"
    text = section(page, "Error responses") + section(page, "Errors of API Gateway")
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)
    assert set(rows) == {(kind.code, str(status)) for kind, status in HTTP_STATUSES.items()}


def test_every_error_of_a_file_is_documented() -> None:
    text = section(REFERENCE / "errors.md", "Errors of files")
    kinds = [value for value in vars(errors).values() if isinstance(value, FileErrorKind)]
    assert {*names_in_table(text), "object_changed"} == {kind.code for kind in kinds}
    assert "`object_changed`" in text


def test_every_metric_is_documented_with_its_unit_and_dimension() -> None:
    text = (REFERENCE / "metrics.md").read_text().partition("## Outcomes")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\S+) \|", text, re.MULTILINE)
    assert set(rows) == {(metric.value, metric.unit.value, metric.dimension or "–") for metric in Metric}


def test_every_outcome_of_the_sweep_is_documented() -> None:
    assert set(names_in_table(section(REFERENCE / "metrics.md", "Outcomes of the sweep"))) == set(SweepOutcome)


def test_every_processor_is_documented() -> None:
    text = section(REFERENCE / "processors.md", "Kinds of files")
    assert set(names_in_table(text)) == set(PROCESSORS)


def test_processors_outside_the_sandbox_are_documented() -> None:
    text = section(REFERENCE / "processors.md", "Limits")
    sentence = re.search(r"All processors except (.+?) run in a child process", text, re.DOTALL)
    assert sentence
    documented = set(re.findall(r"`(\w+)`", sentence[1]))
    assert documented == {name for name, spec in PROCESSORS.items() if not spec.sandboxed}


def test_every_make_target_is_documented() -> None:
    assert set(names_in_table((REFERENCE / "make-targets.md").read_text())) == make_targets()


def test_every_option_of_the_emulator_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    text = section(REFERENCE / "command-line.md", "`python -m emulator`")
    assert {cell.split()[0] for cell in names_in_table(text)} == emulator_options(capsys) - {"--help"}


def test_every_chaos_option_is_documented_with_its_default_and_maximum() -> None:
    text = section(REFERENCE / "command-line.md", "`--chaos`")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \|", text, re.MULTILINE)
    assert set(rows) == {
        (name, f"{spec.DEFAULTS[name]:g}", f"{spec.MAX_RATES[name]:g}") for name in spec.MAX_RATES
    }
    assert "\n| `seed` |" in text


def test_every_function_is_documented() -> None:
    functions = {"api_handler", *(event_source.name for event_source in app.event_sources)}
    functions |= {function.name for function in app.pure_lambda_functions}
    text = (REFERENCE / "functions.md").read_text().partition("## Reasons")[0]
    assert set(names_in_table(text)) == functions


def test_memory_timeout_and_concurrency_of_functions_are_those_of_the_configuration() -> None:
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    concurrency = config["stages"]["prod"]["lambda_functions"]
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| (\d+) MB \| (\d+) s \| (\d+|–) \|",
        (REFERENCE / "functions.md").read_text(),
        re.MULTILINE,
    )
    assert {name: tuple(numbers) for name, *numbers in rows} == {
        name: (
            str(function["lambda_memory_size"]),
            str(function["lambda_timeout"]),
            str(concurrency[name].get("reserved_concurrency", "–")),
        )
        for name, function in config["lambda_functions"].items()
    }


RENAMED = "Renamed before the first release"


def test_every_earlier_name_of_a_setting_is_in_the_changelog() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", section(PROJECT / "CHANGELOG.md", RENAMED), re.MULTILINE)
    assert settings.RENAMED_VARIABLES.items() <= dict(rows).items()


def test_every_decision_is_in_the_index_with_its_title_date_and_status() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    rows = []
    for page in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        header = re.match(r"# (\d+)\. (.+)\n\n- Date: (\d{4}-\d\d-\d\d)\n- Status: (.+)\n", page.read_text())
        assert header, f"{page.name} has another header"
        number, title, date, status = header.groups()
        assert int(number) == int(page.name[:4])
        rows.append(f"| {number} | [{title}]({page.name}) | {date} | {status} |")
    assert re.findall(r"^\| \d.*$", index, re.MULTILINE) == rows


def test_every_page_is_in_the_index() -> None:
    linked = set(links(DOCS / "README.md"))
    for page in sorted(DOCS.rglob("*.md")):
        if page.parent.name != "decisions" and page != DOCS / "README.md":
            assert page in linked, f"docs/README.md doesn't mention {page.relative_to(DOCS)}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_relative_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    for target, fragment in links(page).items():
        assert target.exists(), f"no such file: {target}"
        for anchor in fragment:
            assert anchor in anchors(target), f"{target.name} has no heading #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_files_of_the_project_that_are_named_exist(page: Path) -> None:
    words = re.findall(
        r"(?:[ `(]|^)((?:chalicelib|emulator|chaos|infra|tests|benchmarks|docs)/[\w./*-]*\w)", page.read_text()
    )
    for name in sorted(set(words) - EXAMPLE_FILES):
        assert [*PROJECT.glob(name)], f"{name} doesn't exist"


def test_no_page_has_the_marks_of_a_merge() -> None:
    pages = [*PROJECT.glob("*.md"), *DOCS.rglob("*.md")]
    assert [page for page in pages if re.search(r"^(<{7} |={7}$|>{7} )", page.read_text(), re.MULTILINE)] == []


def test_versions_of_python_are_the_same_everywhere() -> None:
    workflow = yaml.safe_load((PROJECT / ".github" / "workflows" / "ci.yml").read_text())
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    classifiers = [f"Programming Language :: Python :: {version}" for version in versions]
    assert project["project"]["classifiers"] == classifiers
    assert project["project"]["requires-python"] == f">={versions[0]}"
    assert project["tool"]["ruff"]["target-version"] == f"py{versions[0].replace('.', '')}"


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text().splitlines()) < 100


def test_readme_names_the_services_of_the_projects_description() -> None:
    description = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["description"]
    services = set(re.findall(r"\b[A-Z]\w+", description.partition(" on ")[2]))
    assert services == {"AWS", "Lambda", "S3", "PostgreSQL"}
    introduction = (PROJECT / "README.md").read_text().partition("\n## ")[0]
    assert services <= set(re.findall(r"\w+", introduction))


def links(page: Path) -> Mapping[Path, set[str]]:
    """Return the files that a page links to, each with the headings that are linked to."""
    targets: dict[Path, set[str]] = {}
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page.resolve()
        targets.setdefault(target, set()).update({anchor} if anchor else ())
    return targets


def anchors(page: Path) -> set[str]:
    """Return the headings' anchors as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
