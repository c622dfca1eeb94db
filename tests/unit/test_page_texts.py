"""The page's texts are in one file for each language: no template of an element has words of its own."""

import re
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "web" / "src"

_TEMPLATE = re.compile(r"html`")
_READ_ALOUD = re.compile(r'\b(?:aria-label|alt|title|placeholder|label)="([^"]*)"')


def read_template(source: str, start: int) -> tuple[str, int]:
    """Return the template that begins after a backtick, with a space for each `${…}`, and where it ends."""
    text, position = [], start
    while source[position] != "`":
        if source.startswith("${", position):
            position = end_of_expression(source, position + 2)
            text.append(" ")
        else:
            text.append(source[position])
            position += 1
    return "".join(text), position + 1


def end_of_expression(source: str, position: int) -> int:
    """Return where the expression ends that begins here. It may have templates and braces of its own."""
    depth = 1
    while depth:
        if source[position] == "`":
            _, position = read_template(source, position + 1)
            continue
        depth += {"{": 1, "}": -1}.get(source[position], 0)
        position += 1
    return position


def words_in_templates(source: str) -> Iterator[str]:
    """Yield the texts of all templates that people see or hear."""
    for match in _TEMPLATE.finditer(source):
        template, _ = read_template(source, match.end())
        yield from _READ_ALOUD.findall(template)
        yield from re.split(r"<[^>]*>", template)


def test_no_template_has_words() -> None:
    found = {
        f"{path.relative_to(SOURCES)}: {text.strip()}"
        for path in SOURCES.rglob("*.ts")
        if path.parent.name != "texts"
        for text in words_in_templates(path.read_text())
        if re.search(r"[^\W\d_]{2}", text)
    }
    assert found == set()


def test_words_are_found_wherever_people_see_them() -> None:
    inner = 'html`<b aria-label="Close">${texts.b}</b>`'
    source = f'html`<p class="large" title="${{texts.a}}">Hello ${{{inner}}} ${{{{a: 1}}.a}}</p>`'
    assert {text.strip() for text in words_in_templates(source)} - {""} == {"Hello", "Close"}
