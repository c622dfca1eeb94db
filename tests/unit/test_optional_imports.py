"""Imports of libraries without what they can do without."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, threading
from chalicelib.optional_imports import import_without
{before}
import_without("optional", "library")
import library
print(library.has_optional, "optional" in sys.modules)
import optional
"""

LIBRARY = """
try:
    import optional
    has_optional = True
except ImportError:
    has_optional = False
"""


def printed(tmp_path: Path, before: str) -> str:
    """Return what the program prints in a fresh interpreter."""
    (tmp_path / "library.py").write_text(LIBRARY)
    (tmp_path / "optional.py").write_text("")
    root = Path(__file__).parents[2]
    code = f"import sys; sys.path[:0] = [{str(root)!r}, {str(tmp_path)!r}]\n" + PROGRAM.format(before=before)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_a_library_is_imported_as_if_the_module_were_missing_which_can_be_imported_later(tmp_path: Path) -> None:
    assert printed(tmp_path, before="") == "False False"


@pytest.mark.parametrize(
    "before",
    ["import optional", "threading.Thread(target=threading.Event().wait, daemon=True).start()"],
    ids=["imported already", "several threads"],
)
def test_otherwise_the_library_is_imported_with_it(tmp_path: Path, before: str) -> None:
    assert printed(tmp_path, before) == "True True"
