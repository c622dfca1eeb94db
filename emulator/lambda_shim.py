"""The only file in a function's zip. It calls the working tree's code, so that nothing has to be packaged.

WORKING_TREE is in the function's environment, and _HANDLER, which on AWS has the same value. Only Lambda imports
this file.
"""

import atexit
import gc
import importlib
import json
import os
import sys
import traceback
from typing import Any

atexit.register(gc.freeze)  # as in emulator/exit.py, which another app's function can't import
sys.path.insert(0, os.environ["WORKING_TREE"])
_function = getattr(importlib.import_module("app"), os.environ["_HANDLER"].removeprefix("app."))


def invoke(event: Any, context: Any) -> Any:
    """Call the function."""
    return _function(event, context)


def invoke_for_each_message(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Call the function with the S3 event in each SQS message, and report which messages failed.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    failures = []
    for message in event["Records"]:
        try:
            s3_event = json.loads(message["body"])
            # S3 sends `s3:TestEvent` to a new queue, which a function that S3 calls directly never gets.
            if s3_event.get("Event") != "s3:TestEvent":
                _function(s3_event, context)
        except Exception:  # noqa: BLE001  # whatever the error is, only this message is to be retried
            traceback.print_exc()
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}
