"""The never-arrows of the design. pyproject.toml holds them; app.py, which isn't a package, is looked at here."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_never_arrows() -> None:
    lint_imports = Path(sys.executable).parent / "lint-imports"
    checked = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_app_is_a_table_of_contents() -> None:
    """It imports no adapter and no library of theirs, and no body is longer than a few lines."""
    module = ast.parse((ROOT / "app.py").read_text())
    imported = {node.module for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(module) if isinstance(node, ast.Import) for name in node.names}
    known = ("typing", "uuid_utils.compat", "chalice.app", "chalicelib.core", "chalicelib.http")
    assert [name for name in imported if name != "chalicelib" and not str(name).startswith(known)] == []
    assert [f.name for f in module.body if isinstance(f, ast.FunctionDef) and len(f.body) > 3] == []


def test_every_environment_variable_is_read_in_settings() -> None:
    sources = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    readers = {path.relative_to(ROOT).as_posix() for path in sources if "os.environ" in path.read_text()}
    assert readers == {"chalicelib/container.py"}, "only the container passes the environment to settings"
