"""Files as tables on a terminal, as lines with tabs between the values otherwise, or as JSON."""

import json
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from filectl.output import Column, Output
from filectl.text import human_size, local_time, pairs, printable, utc_time

if TYPE_CHECKING:
    from file_loader_client import File

TYPE_WIDTH = 24
WIDTH_WITH_TIME = 100
"""Columns of a terminal that has room for the time of the upload besides id, status, size and name."""
WIDTH_WITH_TYPE = WIDTH_WITH_TIME + TYPE_WIDTH


def write_files(output: Output, files: Sequence["File"]) -> None:
    """Print a list of files."""
    if output.as_json:
        output.write_json(files)
    elif output.is_table:
        _write_table(output, files)
    else:
        for file in files:
            output.write("\t".join(_values(file)))


def write_file(output: Output, file: "File") -> None:
    """Print all that is known of a file."""
    if output.as_json:
        output.write_json(file)
    else:
        output.write_fields(_describe(file))


def _write_table(output: Output, files: Sequence["File"]) -> None:
    """Print a table with as many columns as fit. The id is never cut: other commands need it."""
    width = get_terminal_size().columns
    has_time = width >= WIDTH_WITH_TIME
    has_type = width >= WIDTH_WITH_TYPE
    status_width = max((len(file.status) for file in files), default=0)
    columns = [
        Column("ID", 36),
        Column("STATUS", status_width),
        Column("SIZE", 9, is_number=True),
        *([Column("TYPE", TYPE_WIDTH)] if has_type else []),
        *([Column("UPLOADED", 19)] if has_time else []),
        Column("NAME"),
    ]
    for file in files:
        detected = printable(file.types.detected or "–")
        values = [
            file.id,
            file.status,
            human_size(file.size),
            *([detected if len(detected) <= TYPE_WIDTH else f"{detected[: TYPE_WIDTH - 1]}…"] if has_type else []),
            *([local_time(file.uploaded_at)] if has_time else []),
            printable(file.name),
        ]
        output.write_row(columns, values)


def _values(file: "File") -> list[str]:
    """Return the values of a line. A time is RFC 3339 in UTC."""
    size = "" if file.size is None else str(file.size)
    time = utc_time(file.uploaded_at)
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
        **({"scan": f"{file.scan.verdict}, {local_time(file.scan.scanned_at)}"} if file.scan else {}),
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
