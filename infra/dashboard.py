"""Reading the dashboard in infra/templates/monitoring.yaml."""

import json
from collections.abc import Iterator
from typing import Any

from infra import template_reader

FUNCTION_METRICS = ("Invocations", "Duration", "Errors", "ConcurrentExecutions")
"""The metrics that the dashboard shows of every function."""


def read_widgets(stage: str) -> list[dict[str, Any]]:
    """Return the properties of the dashboard's widgets, for a stage."""
    body = template_reader.read("monitoring")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    return [widget["properties"] for widget in json.loads(body.replace("${Stage}", stage))["widgets"]]


def expand_metrics(metrics: list[list[Any]]) -> Iterator[list[str]]:
    """Yield each metric of a widget in full: namespace, name, then names and values of dimensions.

    In the widget "." repeats the part above it, and "..." all parts before the last ones.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    above: list[str] = []
    for metric in metrics:
        parts = [part for part in metric if isinstance(part, str)]
        if parts[:1] == ["..."]:
            parts = above[: len(above) - len(parts) + 1] + parts[1:]
        if parts:
            above = [above[place] if part == "." else part for place, part in enumerate(parts)]
            yield above


def read_function_metrics(stage: str) -> set[tuple[str, str]]:
    """Return the metric and the function's name in AWS, for all that the dashboard shows of Lambda functions."""
    return {
        (metric[1], metric[3])
        for widget in read_widgets(stage)
        for metric in expand_metrics(widget.get("metrics", []))
        if metric[0] == "AWS/Lambda" and metric[2] == "FunctionName"
    }
