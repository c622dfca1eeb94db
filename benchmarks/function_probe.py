"""A function's process: `python -I -S -B function_probe.py REQUEST RESULT`.

REQUEST is a JSON file: `root`, the unpacked package; `handler`, such as `app.app`; `events`, of which the first is
the cold start and the others are warm calls, again and again until `calls` of them; `calls`, 0 for a cold start
alone. RESULT is the JSON file to write. Only the standard library is imported here, and little of it.
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

    with open(sys.argv[1]) as file:  # noqa: PTH123  # pathlib would be an import that a function may not need
        request = json.load(file)
    sys.path.insert(0, request["root"])
    before, begin, processor = set(sys.modules), time.perf_counter(), time.process_time()
    module, _, name = request["handler"].rpartition(".")
    handler, context, events = getattr(importlib.import_module(module), name), Context(), request["events"]
    imported = time.perf_counter()
    response = handler(events[0], context)
    result = {
        "cold": time.perf_counter() - begin,
        "cold_processor": time.process_time() - processor,
        "import": imported - begin,
        "modules": len(set(sys.modules) - before),
        "response": response,
        "calls": [],
    }
    following = (events[1:] or events) * (1 + request["calls"] // len(events[1:] or events))
    for event in following[: request["calls"]]:
        wall, processor = time.perf_counter(), time.process_time()
        last = handler(event, context)
        result["calls"].append([time.process_time() - processor, time.perf_counter() - wall])
        assert last is None or last["statusCode"] < 400, last
    with open(sys.argv[2], "w") as file:  # noqa: PTH123
        json.dump(result, file)


main()
