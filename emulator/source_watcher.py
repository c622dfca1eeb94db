"""The Python files that the app is made of, and whether one was saved."""

from pathlib import Path

Sources = dict[Path, tuple[int, int]]
"""Each file's time of change (ns) and size (bytes)."""


def read_sources(tree: Path) -> Sources:
    """Return the state of app.py and chalicelib's Python files.

    Looking at some hundred files takes a millisecond, and works on shared and mounted folders too, where
    notifications of changes don't come.
    """
    sources: Sources = {}
    for path in [tree / "app.py", *(tree / "chalicelib").rglob("*.py")]:
        try:
            state = path.stat()
        except FileNotFoundError:  # an editor that replaces a file has it away for a moment
            continue
        sources[path] = (state.st_mtime_ns, state.st_size)
    return sources
