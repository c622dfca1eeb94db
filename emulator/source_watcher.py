"""Detects saved changes to the app's Python files."""

from pathlib import Path

SourceStates = dict[Path, tuple[int, int]]
"""Each file's modification time (ns) and size (bytes)."""


def scan_sources(tree: Path) -> SourceStates:
    """Return the state of app.py and chalicelib's Python files.

    Scanning some hundred files takes a millisecond, and works on shared and mounted folders too, where
    notifications of changes don't arrive.
    """
    states: SourceStates = {}
    for path in [tree / "app.py", *(tree / "chalicelib").rglob("*.py")]:
        try:
            state = path.stat()
        except FileNotFoundError:  # an editor that replaces a file removes it for a moment
            continue
        states[path] = (state.st_mtime_ns, state.st_size)
    return states
