"""A function's process: `python -I -S -B function_probe.py RESULT`.

Its input is JSON: `root`, the unpacked package; `handler`, such as `app.app`; `events`, of which the first is the
cold start and the others are warm calls, again and again until `calls` of them; `calls`, 0 for a cold start alone.
RESULT is the JSON file to write: functions print their log lines. Only the standard library is imported here, and
little of it.
"""

import sys
import time


class Context:
    """Lambda's context, with a minute left."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"
    function_name = "benchmark"
    function_version = "1"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:benchmark"

    def get_remaining_time_in_millis(self) -> int:
        """Return a minute."""
        return 60_000


def main() -> None:
    """Measure the cold start and the warm calls."""
    import importlib
    import json
    from itertools import cycle, islice

    request = json.load(sys.stdin)
    sys.path.insert(0, request["root"])
    begin, processor = time.perf_counter(), time.process_time()
    module, _, name = request["handler"].rpartition(".")
    handler, context, events = getattr(importlib.import_module(module), name), Context(), request["events"]
    imported, imported_processor = time.perf_counter(), time.process_time()
    response = handler(events[0], context)
    responded, responded_processor = time.perf_counter(), time.process_time()
    result = {
        "cold": responded - begin,
        "cold_processor": responded_processor - processor,
        "first": responded - imported,
        "first_processor": responded_processor - imported_processor,
        "response": response,
        "calls": [],
    }
    for event in islice(cycle(events[1:] or events), request["calls"]):
        processor = time.process_time()
        last = handler(event, context)
        result["calls"].append(time.process_time() - processor)
        assert last is None or last["statusCode"] < 400, last
    from pathlib import Path  # not before: a function that doesn't import it would be measured with it

    Path(sys.argv[1]).write_text(json.dumps(result))


main()
