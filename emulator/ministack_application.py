"""What MiniStack's process serves: MiniStack's application behind the request filter and the storage check."""

import os
from pathlib import Path

from emulator.asgi import Application
from emulator.form_check import FormCheck
from emulator.log_streams import limit_log_streams
from emulator.object_files import ObjectFiles
from emulator.request_filter import RequestFilter
from emulator.storage_check import StorageCheck


def create_application() -> RequestFilter:
    """Return the application, as hypercorn starts it."""
    return RequestFilter(import_ministack())


def import_ministack() -> Application:
    """Return MiniStack's own application with durable objects. Its import reads settings from the environment."""
    from ministack.app import app
    from ministack.services import s3

    ObjectFiles(s3).install()
    if "lambda" in os.environ["SERVICES"].split(","):
        limit_log_streams()
    directory = Path(os.environ["S3_DATA_DIR"])
    directory.mkdir(parents=True, exist_ok=True)
    checked = StorageCheck(app, directory, s3._multipart_uploads._data)
    return FormCheck(checked, os.environ["AWS_SECRET_ACCESS_KEY"])
