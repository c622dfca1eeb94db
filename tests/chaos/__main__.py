"""`make chaos`: 2,000 files while events are lost, doubled and reordered, workers die, PostgreSQL is restarted and
S3 fails. Prints what was injected and what came of it; exit code 1 if a promise was broken."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.acceptance.emulator_process import start_emulator
from tests.chaos.outcome import table
from tests.chaos.run import run

SPEC = "duplicate=0.1,reorder=0.1,delay=0.05,drop=0.05,kill=0.5,postgres=4,s3=0.01,s3_outage=10"
WANTED = Counter({"postgres": 2, "s3_outage": 1, "kill": 20})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="us-east-1",
        SWEEP_GRACE_SECONDS="2",
    )
    with tempfile.TemporaryDirectory(prefix="file-loader-chaos-") as folder:
        data = Path(folder) / "data"
        with start_emulator(data, "--chaos", f"seed={given.seed},{SPEC}") as emulator:
            outcome = run(emulator, given.files, WANTED, one_taken_over=True)
            print(table(emulator.faults(), outcome))
    for line in outcome.wrong:
        print(line, file=sys.stderr)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
