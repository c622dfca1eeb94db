"""The code blocks of the Markdown pages, the checks of commands that are not run, and what reads the pages."""

import ast
import json
import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

from tests.pages.command_checks import check_aws, check_docker_compose, check_make, check_python
from tests.pages.console_commands import (
    PAGES,
    PROJECT,
    code_blocks,
    console_blocks,
    console_commands,
    inline_code,
    page_name,
)
from tests.pages.expected_output import matches
from tests.pages.other_commands import OTHER_COMMANDS, OtherCommand, find_other_command

HISTORY = [PROJECT / "CHANGELOG.md", *PROJECT.glob("docs/decisions/*.md")]
OTHER_NAMES_OF_SHELLS = {
    "",
    "bash",
    "bash-session",
    "console-session",
    "fish",
    "sh",
    "shell",
    "shell-session",
    "shellsession",
    "zsh",
}
COMMANDS = [(f"{page_name(page)}:{each.line}", each.text) for page in PAGES for each in console_commands(page)]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_are_in_console_blocks(page: Path) -> None:
    text = page.read_text()
    assert {block.language for block in code_blocks(text)} & OTHER_NAMES_OF_SHELLS == set()
    assert [code for code in inline_code(text) if re.match(r"(curl|aws) ", code)] == []


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_json_blocks_are_json(page: Path) -> None:
    for block in code_blocks(page.read_text()):
        if block.language == "json":
            json.loads(block.text)


@pytest.mark.parametrize(("place", "command"), COMMANDS, ids=str)
def test_commands_have_no_comments(place: str, command: str) -> None:
    """An interactive zsh, which is macOS's shell, passes them on as arguments."""
    assert shlex.split(command, comments=True) == shlex.split(command), place


@pytest.mark.parametrize("page", [page for page in PAGES if console_commands(page)], ids=page_name)
@pytest.mark.parametrize("name", ["URL", "ID"])
def test_page_says_what_its_variables_are(page: Path, name: str) -> None:
    """Where it doesn't set them in a command itself."""
    commands = [command.text for command in console_commands(page)]
    if any(f"${name}" in command for command in commands):
        says_it = {f"${name}", name} & set(inline_code(page.read_text()))
        assert says_it or any(command.startswith(f"{name}=") for command in commands)


@pytest.mark.parametrize(
    ("command", "other"),
    [(command, other) for _, command in COMMANDS if (other := find_other_command(command))],
    ids=lambda value: value.pattern if isinstance(value, OtherCommand) else value,
)
def test_commands_that_are_not_run_are_correct(command: str, other: OtherCommand) -> None:
    other.check(command)


@pytest.mark.parametrize("other", OTHER_COMMANDS, ids=lambda other: other.pattern)
def test_every_other_command_is_on_a_page_and_run_elsewhere(other: OtherCommand) -> None:
    assert any(find_other_command(command) is other for _, command in COMMANDS)
    path, _, function = other.run_by.partition("::")
    assert (PROJECT / path).is_file()
    if function:
        tree = ast.parse((PROJECT / path).read_text())
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("page", [page for page in PAGES if page not in HISTORY], ids=page_name)
def test_commands_in_the_text_are_correct(page: Path) -> None:
    """Only those without a placeholder such as `…`."""
    for code in inline_code(page.read_text()):
        command = re.split(r" [|>2]", code)[0]
        if re.search(r"[…\[]", command):
            continue
        if re.match(r"make [a-z]", command):
            check_make(command)
        elif re.match(r"(\.venv/bin/)?python -m ", command):
            _, _, name, *arguments = command.split()
            assert find_spec(name)
            if arguments:
                check_python(command)
        elif re.match(r"docker compose [a-z]", command):
            check_docker_compose(command)


@pytest.mark.parametrize(
    "command",
    ["make nothing", "make run PROT=1", "make destroy STAGE=prod CONFIRM='a b' X=1", "MAX_UPLOAD=1 make run"],
)
def test_wrong_make_command_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        check_make(command)


@pytest.mark.parametrize(
    "command",
    [
        "python -m nothing",
        "python -m emulator --prot 1",
        "python -m emulator --chaos=nothing",
        "python -m infra undeploy",
        "python -m infra deploy --stag prod --x",
        "python -m web --x",
    ],
)
def test_wrong_python_command_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        check_python(command)


@pytest.mark.parametrize(
    "command", ["aws lambda invoke out.json", "aws lambda invoke --function-name f --nothing 1 out.json"]
)
def test_wrong_aws_command_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        check_aws(command)


def test_wrong_service_of_docker_compose_is_found() -> None:
    with pytest.raises(AssertionError):
        check_docker_compose("docker compose up -d nothing")


def commands(text: str) -> list[tuple[str, str, int]]:
    return [(each.text, each.output, each.line) for block in console_blocks(dedent(text)) for each in block]


def test_command_and_output_are_told_apart() -> None:
    page = """\
    A page.

    ```console
    $ echo 'a
    b' | cat
    a
    b
    $ curl -s \\
        http://localhost
    $ echo c |
        cat
    c
    ```

    - in a list

      ```console
      $ true
      ```

    ```text
    $ no command
    ```
    """
    assert commands(page) == [
        ("echo 'a\nb' | cat", "a\nb", 4),
        ("curl -s \\\n    http://localhost", "", 8),
        ("echo c |\n    cat", "c", 10),
        ("true", "", 18),
    ]


def test_console_block_without_a_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: a console block begins with the prompt"):
        commands("```console\nls\n```\n")


@pytest.mark.parametrize(
    ("printed", "actual"),
    [
        ("a\nb", "a\nb\n"),
        ('{"id": "01a21e48-a242-74d6-99f8-c1e0e94d7024"}', '{"id": "00000000-0000-7000-8000-000000000000"}'),
        ("at 2026-11-27T18:42:06.728Z", "at 2027-01-01T00:00:00.000Z"),
        ('{"version": 3, "seq":4}', '{"version": 12, "seq":5}'),
        ('ETag: W/"4"', 'ETag: W/"5"\r'),
        ('{"status":"uploaded"}', '{"status":"failed"}'),
        ('{"requestId": "…"}', '{"requestId": "5"}'),
        ("a\n…\nd", "a\nb\nc\nd"),
        ("a\n…\nd", "a\nd"),
        ("2026-11-27T18:42:06.728Z\tstored\tuploaded\nb", "b"),
    ],
)
def test_output_matches(printed: str, actual: str) -> None:
    assert matches(printed, actual)


@pytest.mark.parametrize(
    ("printed", "actual"),
    [
        ("a", "b"),
        ("a", "a\nb"),
        ("a\nb", "a"),
        ("a.c", "abc"),
        ('{"id": "01a21e48-a242-74d6-99f8-c1e0e94d7024"}', '{"id": "1"}'),
        ("2026-11-27T18:42:06.728Z", "2026-11-27 18:42:06"),
        ('{"version": 3}', '{"version": "3"}'),
        ('{"size": 3}', '{"size": 4}'),
        ('{"status": "processed"}', '{"status": "failed"}'),
        ('{"status": "processing"}', '{"status": "uploaded"}'),
        ("a…c", "a\nc"),
        ("a\n…", "b\na"),
        ("2026-11-27T18:42:06.728Z\tclaimed\tprocessing\nb", "b"),
    ],
)
def test_other_output_does_not_match(printed: str, actual: str) -> None:
    assert not matches(printed, actual)
