"""Files as tables on a terminal, as lines with tabs between the values otherwise, or as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from filectl.output import Output
from filectl.text import human_size, local_time, pairs, printable

if TYPE_CHECKING:
    from file_loader_client import File

WIDTH_WITH_TIME = 100
WIDTH_WITH_TYPE = 130


def write_files(output: Output, files: Sequence["File"]) -> None:
    """Print a list of files."""
    if output.as_json:
        output.write_json(files)
    elif output.is_table:
        if files:
            _print_table(files)
    else:
        for file in files:
            output.write("\t".join(_values(file)))


def write_file(output: Output, file: "File") -> None:
    """Print all that is known of a file."""
    if output.as_json:
        return output.write_json(file)
    fields = _describe(file)
    if not output.is_table:
        for name, value in fields.items():
            output.write(f"{name}\t{value}")
        return None
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, value in fields.items():
        table.add_row(name, Text(value))
    return Console().print(table)


def _print_table(files: Sequence["File"]) -> None:
    """Print a table that fits into the terminal: the id is whole, because other commands need it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("ID", no_wrap=True, min_width=36)
    table.add_column("STATUS", no_wrap=True)
    table.add_column("SIZE", no_wrap=True, justify="right")
    has_time = console.width >= WIDTH_WITH_TIME
    has_type = console.width >= WIDTH_WITH_TYPE
    if has_type:
        table.add_column("TYPE", no_wrap=True, overflow="ellipsis")
    if has_time:
        table.add_column("UPLOADED", no_wrap=True)
    table.add_column("NAME", no_wrap=True, overflow="ellipsis", ratio=1)
    for file in files:
        type_cell = [Text(printable(file.types.detected or "–"))] if has_type else []
        time_cell = [local_time(file.uploaded_at)] if has_time else []
        cells: list[Text | str] = [file.id, file.status, human_size(file.size), *type_cell, *time_cell]
        table.add_row(*cells, Text(printable(file.name)))
    console.print(table)


def _values(file: "File") -> list[str]:
    """Return the values of a line. A time is RFC 3339 in UTC."""
    size = "" if file.size is None else str(file.size)
    time = f"{file.uploaded_at:%Y-%m-%dT%H:%M:%SZ}" if file.uploaded_at else ""
    return [file.id, file.status, size, printable(file.types.detected or ""), time, printable(file.name)]


def _describe(file: "File") -> Mapping[str, str]:
    """Return what people want to know of a file, in words."""
    size = "unknown" if file.size is None else f"{file.size} bytes ({human_size(file.size)})"
    mismatch = " (contradicts the declared type or the extension)" if file.types.mismatch else ""
    checksum = f"{file.checksum.algorithm} {file.checksum.value}" if file.checksum else "–"
    fields = {
        "name": file.name,
        "id": file.id,
        "status": file.status,
        **({"error": f"{file.error.code}: {file.error.message}"} if file.error else {}),
        "size": human_size(file.size) if file.size is not None and file.size < 1000 else size,
        "type": f"{file.types.detected or 'unknown'}{mismatch}",
        "declared type": file.types.declared or "–",
        "checksum": checksum,
        "metadata": pairs(file.metadata),
        "uploaded": local_time(file.uploaded_at),
        "processed": local_time(file.processed_at),
        "attempts": str(file.attempts),
        "owner": file.owner,
        "content": file.file,
        **({"thumbnail": file.thumbnail} if file.thumbnail else {}),
        **_describe_result(file.result or {}),
    }
    return {name: printable(value) for name, value in fields.items()}


def _describe_result(result: Mapping[str, Any]) -> dict[str, str]:
    """Return each fact under the name of its processor and its own, as `image.width`."""
    facts: dict[str, str] = {}
    for processor, values in result.items():
        for name, value in values.items() if isinstance(values, Mapping) else [("", values)]:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            facts[f"{processor}.{name}".rstrip(".")] = text
    return facts
