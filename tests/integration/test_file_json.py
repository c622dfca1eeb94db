"""The JSON of files, byte for byte: what clients have parsed stays as it is, however rows become JSON."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.processing.result_size import MAX_RESULT_BYTES
from tests.database_access import connect_to_url
from tests.integration.conftest import Service

EXPECTED = Path(__file__).with_name("expected_files.jsonl")
"""The responses of the version that took 12 ms for a list of 100: a line for each file."""

MIDNIGHT = "2026-01-01T00:00:00Z"

ROW = {
    "owner": "everyone",
    "size": 1,
    "status": "processed",
    "attempts": 1,
    "created_at": MIDNIGHT,
    "uploaded_at": MIDNIGHT,
    "processed_at": MIDNIGHT,
}

NUMBERS = (
    '"zeros": 1.10, "exponent": 1E+5, "small": 1e-7, "float": 12345678901234567890.5, "infinite": 1e400, '
    '"64 bits": 18446744073709551615, "65 bits": 18446744073709551616, "negative": -9223372036854775809, '
    '"long": 123456789012345678901234567890, "largest": 1.7976931348623157e308, "zero": -0.0'
)

TEXTS = (
    r'"escaped": "\u0001\u001f\u007f\u2028 \ud83d\ude00 \"q\" \\ \/ \b\f\n\r\t", "": [1, [2, [null, true]], {}]'
)

ROWS: list[dict[str, Any]] = [
    {"name": "1 awaited", "status": "awaiting_upload", "size": None, "uploaded_at": None, "processed_at": None},
    {
        "name": "2 complete.jpg",
        "size": 2**62,
        "attempts": 12,
        "version": 34,
        "processed_at": "2026-02-03T04:05:06.789999+05:30",
        "declared_type": "image/jpeg",
        "detected_type": "image/jpeg",
        "mismatch": False,
        "checksum_algorithm": "sha256",
        "checksum_value": "abcd",
        "result": '{"image": {"version": 3, "exif": {"make": "ö"}}}',
        "thumbnail_key": "derived/2/t",
        "metadata": '{"order": "7", "ö\\"": ""}',
        "scan_verdict": "clean",
        "scanned_at": "2026-01-01T00:00:00.0009Z",
        "scan_etag": "e",
    },
    {
        "name": '3 "\\" ä 日本 \N{GRINNING FACE}.tar.gz',
        "owner": 'ö"w\\n',
        "status": "failed",
        "uploaded_at": "1969-12-31T23:59:59.999Z",
        "processed_at": "9999-12-31T23:59:59.999999Z",
        "declared_type": "TEXT/csv; charset=x",
        "detected_type": "image/png",
        "checksum_algorithm": "crc64nvme",
        "checksum_value": "ef",
        "error_code": "corrupt_file",
        "error_message": 'It is "corrupt": ü.',
    },
    {
        "name": "4 numbers.json",
        "detected_type": "application/json",
        "mismatch": True,
        "result": f'{{"json": {{{NUMBERS}}}}}',
        "scan_verdict": "infected",
        "scanned_at": MIDNIGHT,
        "scan_etag": "of another object",
        "etag": "e",
    },
    {
        "name": "5 texts.TXT",
        "status": "rejected",
        "detected_type": "text/plain",
        "result": f'{{"text": {{{TEXTS}}}}}',
        "metadata": "{}",
        "scan_verdict": "unsupported",
        "scanned_at": MIDNIGHT,
    },
    {
        "name": "6 large.csv",
        "result": f'{{"csv": {{"preview": "{"ä" * MAX_RESULT_BYTES}", "numbers": {[1.0] * 50_000}}}}}',
    },
]


@pytest.fixture
def _rows(owner_database_url: str) -> None:
    """ROWS in the database of the test."""
    with connect_to_url(owner_database_url) as connection:
        for number, others in enumerate(ROWS, 1):
            file_id = f"01930000-0000-7000-8000-{number:012}"
            row = {"id": file_id, "object_key": f"uploads/{file_id}/x", **ROW, **others}
            columns, values = ", ".join(row), ", ".join(f"%({name})s" for name in row)
            statement = f"INSERT INTO files ({columns}) VALUES ({values})"  # noqa: S608  # names in ROWS
            connection.exec_driver_sql(statement, row)


@pytest.mark.usefixtures("_rows")
def test_lists_and_files_are_the_same_bytes_as_ever(service: Service) -> None:
    files = EXPECTED.read_bytes().splitlines()
    assert service.http.get("/api/files/?order=name").body == b"[" + b",".join(files) + b"]"
    for number, file in enumerate(files, 1):
        assert service.http.get(f"/api/files/01930000-0000-7000-8000-{number:012}").body == file
