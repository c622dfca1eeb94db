"""The code blocks of the Markdown pages, and the commands of those in `console`, with what the pages print."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

PROJECT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "client/*.md", "docs/**/*.md", ".github/**/*.md")
    for path in PROJECT.glob(pattern)
)

PROMPT = "$ "


@dataclass(frozen=True)
class CodeBlock:
    """A fenced code block, and the line of the page on which its text begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A command of a console block, without its prompt, and the output that the page prints after it."""

    text: str
    output: str
    line: int


def page_name(page: Path) -> str:
    """Return the page's path from the project's folder."""
    return str(page.relative_to(PROJECT))


def code_blocks(text: str) -> Iterator[CodeBlock]:
    """Yield the fenced code blocks of a page, also those in lists."""
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map:
            yield CodeBlock(token.info.strip(), token.content, token.map[0] + 2)


def inline_code(text: str) -> Iterator[str]:
    """Yield what stands between backticks in the running text and the tables of a page."""
    for token in MarkdownIt().enable("table").parse(text):
        for child in token.children or ():
            if child.type == "code_inline":
                yield child.content


def console_blocks(text: str) -> Iterator[list[Command]]:
    """Yield the commands of each console block of a page."""
    for block in code_blocks(text):
        if block.language == "console":
            yield list(_commands(block))


@cache
def console_commands(page: Path) -> list[Command]:
    """Return all commands of a page."""
    return [command for block in console_blocks(page.read_text()) for command in block]


def _commands(block: CodeBlock) -> Iterator[Command]:
    """Yield what follows each prompt. Raises ValueError if the block begins with anything else."""
    lines = list(enumerate(block.text.splitlines(), block.line))
    while lines:
        number, line = lines.pop(0)
        if not line.startswith(PROMPT):
            raise ValueError(f"line {number}: a console block begins with the prompt {PROMPT!r}")
        command = line.removeprefix(PROMPT)
        while lines and not _is_complete(command):
            command += "\n" + lines.pop(0)[1]
        output = []
        while lines and not lines[0][1].startswith(PROMPT):
            output.append(lines.pop(0)[1])
        yield Command(command, "\n".join(output), number)


def _is_complete(command: str) -> bool:
    """Return whether a shell would run the command, instead of waiting for another line."""
    check = ["bash", "-n", "-c", command]
    return not command.endswith("\\") and subprocess.run(check, capture_output=True, check=False).returncode == 0
