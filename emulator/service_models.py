"""The protocols of the AWS services that the emulator runs, for which MiniStack would load botocore.

MiniStack reads them from botocore's service models, to set the Content-Type of responses. That takes 20 MiB and
half a second.

Only MiniStack's process uses this module. It replaces a function of ministack/core/responses.py (1.5.33).
"""

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

PROTOCOLS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "events": {"protocol": "json", "jsonVersion": "1.1"},
        "iam": {"protocol": "query"},
        "lambda": {"protocol": "rest-json"},
        "logs": {"protocol": "json", "jsonVersion": "1.1"},
        "s3": {"protocol": "rest-xml"},
        "sqs": {"protocol": "json", "jsonVersion": "1.0"},
        "sts": {"protocol": "query"},
    }
)
"""By service, what MiniStack reads from its model."""


def install(responses: Any) -> None:
    """Let MiniStack call the function below instead of its own. `responses` is its module."""
    responses._service_model = find_model  # MiniStack has no hooks


def find_model(service: str) -> SimpleNamespace | None:
    """Return a service's model as far as MiniStack reads it, None for a service that the emulator doesn't run."""
    metadata = PROTOCOLS.get(service)
    return None if metadata is None else SimpleNamespace(metadata=metadata)
