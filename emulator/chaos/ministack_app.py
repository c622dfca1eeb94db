"""MiniStack's application with an S3 that fails, for hypercorn: `emulator.chaos.ministack_app:app`."""

import os
from pathlib import Path

from ministack.app import app as ministack

from emulator.chaos import orders, record, spec
from emulator.chaos.faulty_s3 import FaultyS3

_directory = Path(os.environ[orders.DIRECTORY])
app = FaultyS3(
    ministack,
    spec.parse(os.environ[orders.SPEC]).random("s3"),
    _directory / orders.FILE,
    record.Record(_directory / record.FILE),
)
