"""All that a function's zip holds: it calls the working tree's code, which is today's without packaging.

WORKING_TREE and ATTRIBUTE are in the function's environment. Outside of Lambda nobody imports this file.
"""

import importlib
import json
import os
import sys
import traceback
from typing import Any

sys.path.insert(0, os.environ["WORKING_TREE"])
_function = getattr(importlib.import_module("app"), os.environ["ATTRIBUTE"])


def invoke(event: Any, context: Any) -> Any:
    """Call the function."""
    return _function(event, context)


def invoke_for_each_message(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Call the function with the S3 event in each SQS message, and report which messages failed.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    failed = []
    for message in event["Records"]:
        s3_event = json.loads(message["body"])
        # S3 greets a new queue with `s3:TestEvent`, which a function wired directly never sees.
        if s3_event.get("Event") == "s3:TestEvent":
            continue
        try:
            _function(s3_event, context)
        except Exception:  # noqa: BLE001  # whatever it is, this one message is to be retried
            traceback.print_exc()
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}
