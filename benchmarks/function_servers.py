"""The servers that functions talk to: PostgreSQL with a million files, and S3."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import boto3

from benchmarks.million_files import running_million_files
from benchmarks.postgres_cursor import open_cursor
from benchmarks.sample_requests import NAME
from emulator.ministack import MiniStack

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
}


@dataclass(frozen=True)
class Servers:
    """PostgreSQL with a million files, and S3."""

    url: str
    owner_url: str
    postgres_log: Path
    s3_url: str
    bucket: str

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a function."""
        return {
            **CREDENTIALS,
            "DATABASE_URL": self.url,
            "AWS_ENDPOINT_URL": self.s3_url,
            "BUCKET": self.bucket,
            "AUTH": "off",
            "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LANG": "C.UTF-8",
        }


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Run both on sockets and ports of their own. What a run adds to the million files is deleted."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_million_files() as postgres,
        MiniStack(Path(folder), port=0) as ministack,
    ):
        bucket = f"bucket-{uuid4().hex}"
        client = boto3.client(
            "s3",
            endpoint_url=ministack.url,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=CREDENTIALS["AWS_REGION"],
        )
        client.create_bucket(Bucket=bucket)
        servers = Servers(postgres.app_url, postgres.url, postgres.process.log, ministack.url, bucket)
        try:
            yield servers
        finally:
            delete_new_files(postgres.url)


def delete_new_files(url: str) -> None:
    """Delete what isn't of the million."""
    with open_cursor(url) as cursor:
        cursor.execute("DELETE FROM files WHERE object_key LIKE %s", [f"%/{NAME}"])
        cursor.execute("DELETE FROM tokens")
        cursor.execute("VACUUM files")
