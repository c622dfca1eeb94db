"""A short run of `make chaos`."""

from collections import Counter
from pathlib import Path

import pytest

from tests.acceptance.emulator_process import start_emulator
from tests.chaos.behaviours import UNFINISHED, Behaviour
from tests.chaos.outcome import format_outcome
from tests.chaos.run import VARIABLES, run

SPEC = "seed=4,duplicate=0.2,reorder=0.1,delay=0.1,drop=0.1,kill=1,postgres=10,s3=0.03,s3_outage=3"
MIN_FAULTS = Counter({"duplicate": 1, "drop": 1, "kill": 3, "postgres": 1, "s3_outage": 1})


@pytest.mark.slow(23)
def test_every_accepted_file_is_processed_correctly(tmp_path: Path) -> None:
    with start_emulator(tmp_path / "data", "--chaos", SPEC, variables=VARIABLES) as emulator:
        outcome = run(emulator, 120, MIN_FAULTS, wait_for_takeover=False)
        print(format_outcome(emulator.faults(), outcome))
    left = sum(outcome.behaviours[behaviour] for behaviour in UNFINISHED)
    assert outcome.behaviours.keys() == {behaviour.value for behaviour in Behaviour}
    assert len(outcome.accepted) == outcome.behaviours.total() - left >= 90
    assert outcome.statuses == {"processed": len(outcome.accepted)}
    assert outcome.unaccepted_statuses.keys() <= {"processed", "expired"}
    assert outcome.broken_promises == []
