"""What MiniStack's process serves: MiniStack's application behind the request filter and the storage check."""

import os
from pathlib import Path

from emulator import service_models
from emulator.asgi import Application
from emulator.checksums import ObjectChecksums
from emulator.exit import skip_last_collection
from emulator.form_check import FormCheck
from emulator.function_workers import FunctionWorkers
from emulator.log_streams import LogStreams
from emulator.multipart_uploads import MultipartUploads
from emulator.object_files import ObjectFiles
from emulator.post_forms import PostForms
from emulator.queue_polling import QueuePolling
from emulator.request_filter import RequestFilter
from emulator.storage_check import StorageCheck
from emulator.storage_thread import StorageThread

MULTIPART_DIRECTORY = "multipart"


def create_application() -> RequestFilter:
    """Return the application."""
    return RequestFilter(import_ministack())


def import_ministack() -> Application:
    """Return MiniStack's own application with durable objects. Its import reads settings from the environment."""
    skip_last_collection()
    from ministack.app import app
    from ministack.core import lambda_runtime, responses
    from ministack.services import lambda_svc, s3

    from emulator.stored_bodies import StoredBodies

    service_models.install(responses)

    directory = Path(os.environ["S3_DATA_DIR"])
    ObjectFiles(s3).install()
    ObjectChecksums(s3).install()
    StoredBodies(s3).install()
    PostForms(s3).install()
    MultipartUploads(s3, directory.with_name(MULTIPART_DIRECTORY)).install()
    StorageThread(s3).install()
    if "lambda" in os.environ["SERVICES"].split(","):
        from ministack.services import cloudwatch_logs

        LogStreams(lambda_svc, cloudwatch_logs).install()
        QueuePolling(lambda_svc).install()
        FunctionWorkers(lambda_runtime, lambda_svc).install()
        lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0  # half a second after each change of each function
    directory.mkdir(parents=True, exist_ok=True)
    checked = StorageCheck(app, directory)
    return FormCheck(checked, os.environ["AWS_SECRET_ACCESS_KEY"])
