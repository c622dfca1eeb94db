"""The fault log, which several processes write."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chaos.fault_log import FaultLog, format_counts, read_faults
from tests.fault_counts import count_faults

WRITER = """
import sys
from pathlib import Path
from chaos.fault_log import FaultLog
for number in range(300):
    FaultLog(Path(sys.argv[1])).add("s3", mode="503", path="/" + "x" * 900, number=number)
"""


def test_fault_is_logged_with_its_time_and_details(tmp_path: Path) -> None:
    fault_log = FaultLog(tmp_path / "chaos.jsonl")
    fault_log.add("drop", key="in/ä\n")
    fault_log.add("kill", pid=7)
    first, second = read_faults(tmp_path / "chaos.jsonl")
    assert datetime.now(UTC) - datetime.fromisoformat(first.pop("at")) < timedelta(seconds=5)
    assert (first, second["pid"]) == ({"fault": "drop", "key": "in/ä\n"}, 7)


def test_two_processes_append_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "chaos.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert count_faults(path) == {"s3": 600}


def test_table_counts_each_mode_of_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "chaos.jsonl"
    for fault, mode in (("s3", "503"), ("s3", "slow"), ("s3", "503"), ("drop", "")):
        FaultLog(path).add(fault, **({"mode": mode} if mode else {}))
    rows = [line.split() for line in format_counts(path)]
    assert rows == [
        ["drop", "1"],
        ["s3", "503", "2"],
        ["s3", "slow", "1"],
    ]
