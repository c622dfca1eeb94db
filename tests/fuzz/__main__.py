"""`make fuzz`: try the API's description with thousands of requests to an emulator of its own.

Exit code 1 if a response isn't as described.
"""

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from emulator.environment import clean_process_environment
from tests.acceptance.emulator_process import start_emulator
from tests.fuzz.run import REPOSITORY, run_schemathesis

FOLDER = REPOSITORY / "build" / "fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="of the requests; a random one if it is missing")
    parser.add_argument("--examples", type=int, default=50, help="requests per operation, in each round")
    parser.add_argument("--seconds", type=int, default=180, help="rounds follow until these are over")
    options = parser.parse_args()
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    clean_process_environment()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory(prefix="file-loader-fuzz-") as data,
        start_emulator(Path(data) / "data") as emulator,
    ):
        run = run_schemathesis(
            emulator.url,
            seed=seed,
            examples=options.examples,
            seconds=options.seconds,
            folder=FOLDER,
            echo=sys.stdout.write,
        )
    arguments = f"SEED={seed} EXAMPLES={options.examples} SECONDS={options.seconds}"
    print(f"{run.requests} requests. Repeat them: make fuzz {arguments}")
    if run.exit_code:
        print("To repeat one: make run, and its curl command above with the address http://127.0.0.1:8000")
    return run.exit_code


if __name__ == "__main__":
    sys.exit(main())
