"""The short run of what `make chaos` does at length."""

from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.emulator_process import start_emulator
from tests.chaos.outcome import table
from tests.chaos.run import run

SPEC = "seed=4,duplicate=0.2,reorder=0.1,delay=0.1,drop=0.1,kill=1,postgres=10,s3=0.03,s3_outage=3"
WANTED = Counter({"duplicate": 1, "drop": 1, "kill": 3, "postgres": 1, "s3_outage": 1})


@pytest.mark.slow(80)
def test_every_accepted_file_ends_and_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_GRACE_SECONDS", "2")
    with start_emulator(tmp_path / "data", "--chaos", SPEC) as emulator:
        outcome = run(emulator, 200, WANTED, one_taken_over=False)
        print(table(emulator.faults(), outcome))
    assert len(outcome.accepted) >= 200
    assert outcome.statuses == {"processed": len(outcome.accepted)}
    assert outcome.not_accepted.keys() <= {"processed", "expired"}
    assert outcome.wrong == []
