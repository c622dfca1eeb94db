"""The record of the faults, which several processes write."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chaos.fault_log import Record, counts, faults, table

WRITER = """
import sys
from pathlib import Path
from chaos.fault_log import Record
for number in range(300):
    Record(Path(sys.argv[1])).add("s3", way="503", path="/" + "x" * 900, number=number)
"""


def test_a_fault_is_a_line_with_its_time(tmp_path: Path) -> None:
    record = Record(tmp_path / "chaos.jsonl")
    record.add("drop", key="in/ä\n")
    record.add("kill", pid=7)
    first, second = faults(tmp_path / "chaos.jsonl")
    assert datetime.now(UTC) - datetime.fromisoformat(first.pop("at")) < timedelta(seconds=5)
    assert (first, second["pid"]) == ({"fault": "drop", "key": "in/ä\n"}, 7)


def test_two_processes_do_not_break_each_others_lines(tmp_path: Path) -> None:
    path = tmp_path / "chaos.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert counts(path) == {"s3": 600}


def test_the_table_counts_each_way(tmp_path: Path) -> None:
    path = tmp_path / "chaos.jsonl"
    for fault, way in (("s3", "503"), ("s3", "slow"), ("s3", "503"), ("drop", "")):
        Record(path).add(fault, **({"way": way} if way else {}))
    assert [line.split() for line in table(path)] == [["drop", "1"], ["s3", "503", "2"], ["s3", "slow", "1"]]
