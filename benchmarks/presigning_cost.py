"""Print how long it takes to sign the URLs of 100 parts: with the adapter, and with boto3's own method.

    .venv/bin/python -m benchmarks.presigning_cost

No request is made. Compare the two: the times depend on the machine.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

from chalicelib.adapters.s3 import S3Storage

KEY = "uploads/01930000-0000-7000-8000-000000000000/film.mp4"
UPLOAD_ID = "x" * 120
PART_SIZE = 16 * 1024**2
PARTS = 100
RUNS = 20
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "x" * 900,  # as long as a role's
    "AWS_DEFAULT_REGION": "eu-central-1",
}


def main() -> None:
    """Print milliseconds of processor time for each way."""
    with patch.dict("os.environ", ENVIRONMENT):
        storage = S3Storage("bucket")

        def sign(number: int) -> str:
            return storage.part_url(KEY, UPLOAD_ID, number, size=PART_SIZE, lifetime=timedelta(hours=1))

        def sign_with_boto3(number: int) -> str:
            parameters = {
                "Bucket": "bucket",
                "Key": KEY,
                "UploadId": UPLOAD_ID,
                "PartNumber": number,
                "ContentLength": PART_SIZE,
            }
            return storage._client.generate_presigned_url("upload_part", Params=parameters)

        for name, function in (("adapter", sign), ("boto3", sign_with_boto3)):
            print(f"{name}: {measure(function):.1f} ms for {PARTS} URLs")


def measure(sign: Callable[[int], str]) -> float:
    """Return the milliseconds for all parts, of the fastest run."""
    times = []
    for _ in range(RUNS):
        begin = time.process_time()
        for number in range(1, PARTS + 1):
            sign(number)
        times.append(time.process_time() - begin)
    return 1000 * min(times)


if __name__ == "__main__":
    main()
