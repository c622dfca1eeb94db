"""What a page costs the browser: memory, and time of the processor."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def heap_bytes(tab: "Page") -> int:
    """Return how many bytes the page's objects take."""
    session = tab.context.new_cdp_session(tab)
    session.send("Performance.enable")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return int(metrics["JSHeapUsedSize"])


def task_seconds(trace: bytes) -> list[float]:
    """Return how long the page's tasks have used the processor."""
    events = json.loads(trace)["traceEvents"]
    [page_thread] = {
        (each["pid"], each["tid"])
        for each in events
        if each["name"] == "thread_name" and each["args"]["name"] == "CrRendererMain"
    } & {(each["pid"], each["tid"]) for each in events if each.get("tdur", 0) > 10_000}
    return [
        each.get("tdur", 0) / 1_000_000
        for each in events
        if (each["pid"], each["tid"]) == page_thread and each["name"].endswith("RunTask")
    ]
