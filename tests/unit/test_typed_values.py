"""Threads that convert to the same class for the first time."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from signal import SIGSEGV

import pytest

ROOT = Path(__file__).parents[2]

FIRST_CONVERSIONS = """
import sys
from threading import Barrier, Thread
from typing import Annotated
from msgspec import Meta, Struct
{imports}

VALUE = {"number": 1, "inner": [{"size": 1, "name": "a"}], "name": "b"}
JSON = b'{"number": 1, "inner": [{"size": 1, "name": "a"}], "name": "b"}'

sys.setswitchinterval(1e-6)
for _ in range(150):
    class Inner(Struct):
        size: int
        name: "str | None" = None
        entries: "list[dict[str, int]] | None" = None

    class Outer(Struct):
        number: Annotated[int, Meta(ge=0)]
        inner: "list[Inner] | None" = None
        name: "str | None" = None

    together, results = Barrier(4), []

    def run():
        together.wait()
        results.append({call})

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
"""
"""Each class is new, as each is once in every process."""


def run_first_conversions(imports: str, call: str) -> tuple[int, str]:
    """Return the exit code and the errors of a process that does so."""
    code = FIRST_CONVERSIONS.replace("{imports}", imports).replace("{call}", call)
    path = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'client' / 'src')!r}]\n"
    run = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=False)
    return run.returncode, run.stderr


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from chalicelib.typed_values import decode_json", "decode_json(JSON, Outer)"),
        ("from chalicelib.typed_values import convert_value", "convert_value(VALUE, Outer)"),
        ("from file_loader_client.json_types import decode_json", "decode_json(JSON, Outer)"),
    ],
)
def test_threads_may_be_the_first_to_convert_to_a_class(imports: str, call: str) -> None:
    assert run_first_conversions(imports, call) == (0, "")


@pytest.mark.parametrize("call", ["msgspec.json.decode(JSON, type=Outer)", "msgspec.convert(VALUE, Outer)"])
def test_without_the_lock_msgspec_ends_the_process(call: str) -> None:
    """Once this fails, msgspec has mended it, and the lock can go."""
    assert run_first_conversions("import msgspec", call)[0] == -SIGSEGV


SAFE = {"chalicelib/typed_values.py", "client/src/file_loader_client/json_types.py"}

WITHOUT_A_STRUCT = {
    "chalicelib/adapters/postgres/connection.py": 1,  # a UUID
    "chalicelib/http/arguments.py": 1,  # the types of parameters
    "chalicelib/http/openapi/responses.py": 1,
    "chalicelib/processors/detection/text_types.py": 1,
}
"""How many conversions each has to types whose annotations msgspec doesn't read."""


def test_nothing_else_converts_to_classes() -> None:
    found: dict[str, int] = {}
    for folder in ("chalicelib", "client/src"):
        for path in (ROOT / folder).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name not in SAFE and (count := len(list(typed_conversions(path.read_text())))):
                found[name] = count
    assert found == WITHOUT_A_STRUCT


def typed_conversions(source: str) -> Iterator[ast.Call]:
    """Return the calls of msgspec's functions that take a type."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            is_typed = len(node.args) > 1 or any(keyword.arg == "type" for keyword in node.keywords)
            if called in {"msgspec.convert", "Decoder", "msgspec.json.Decoder"} or (
                called == "msgspec.json.decode" and is_typed
            ):
                yield node
