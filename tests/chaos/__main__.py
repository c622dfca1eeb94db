"""`make chaos`: upload 2,000 files while events are lost, duplicated and reordered, workers are killed, PostgreSQL
restarts and S3 fails. Prints the injected faults and their effects. Exit code 1 if a promise was broken."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from emulator.environment import clean_process_environment
from tests.acceptance.emulator_process import start_emulator
from tests.chaos.outcome import format_outcome
from tests.chaos.run import VARIABLES, run

SPEC = "duplicate=0.1,reorder=0.1,delay=0.05,drop=0.05,kill=0.5,postgres=4,s3=0.01,s3_outage=10"
MIN_FAULTS = Counter({"postgres": 2, "s3_outage": 1, "kill": 20})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    clean_process_environment()
    with tempfile.TemporaryDirectory(prefix="file-loader-chaos-") as folder:
        data = Path(folder) / "data"
        with start_emulator(data, "--chaos", f"seed={options.seed},{SPEC}", variables=VARIABLES) as emulator:
            outcome = run(emulator, options.files, MIN_FAULTS, wait_for_takeover=True)
            print(format_outcome(emulator.faults(), outcome))
    for broken_promise in outcome.broken_promises:
        print(broken_promise, file=sys.stderr)
    return 1 if outcome.broken_promises else 0


if __name__ == "__main__":
    sys.exit(main())
