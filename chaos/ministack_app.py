"""MiniStack's application with an S3 that fails, for hypercorn: `chaos.ministack_app:app`."""

import os
from pathlib import Path

from ministack.app import app as ministack

from chaos import fault_log, s3_fault_config, spec
from chaos.faulty_s3 import FaultyS3

_directory = Path(os.environ[s3_fault_config.DIRECTORY])
app = FaultyS3(
    ministack,
    spec.parse(os.environ[s3_fault_config.SPEC]).random("s3"),
    _directory / s3_fault_config.FILE,
    fault_log.Record(_directory / fault_log.FILE),
)
