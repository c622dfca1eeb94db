"""Reports the requests to S3 that a storage makes, by boto3 or without it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from chalicelib.adapters.s3 import S3Storage
from chalicelib.adapters.s3.connection_pool import ConnectionPool, Response
from chalicelib.adapters.s3.operations import documented_name
from chalicelib.adapters.s3.signed_requests import Request, SignedRequests
from chalicelib.adapters.s3.timeouts import Timeouts

Report = Callable[[str, str], None]


def observe_requests(storage: S3Storage, report: Report) -> None:
    """Call the function with the method and the URL of each request before it is sent."""

    def report_boto3(request: Any, **_: Any) -> None:
        report(request.method, request.url)

    storage._client.meta.events.register("before-send.s3", report_boto3)
    pool: Any = storage._requests._pool
    pool.request = _observed(pool, report)


def _observed(pool: ConnectionPool, report: Report) -> Callable[..., Response]:
    send = pool.request

    def report_and_send(
        method: str, target: str, headers: Mapping[str, str], body: bytes | None, timeouts: Timeouts
    ) -> Response:
        report(method, f"http://{headers['Host']}{target}")
        return send(method, target, headers, body, timeouts)

    return report_and_send


def observe_operations(storage: S3Storage, report: Report, patch: pytest.MonkeyPatch) -> None:
    """Call the function with the name of each operation, such as `PutObject`, and its key if it has one."""

    def report_boto3(event_name: str, params: dict[str, Any], **_: Any) -> None:
        report(event_name.rpartition(".")[2], params.get("Key", ""))

    storage._client.meta.events.register("provide-client-params.s3", report_boto3)
    send = SignedRequests.send

    def report_and_send(requests: SignedRequests, request: Request, *options: Any) -> Response:
        report(documented_name(request.operation), unquote(request.path))
        return send(requests, request, *options)

    patch.setattr(SignedRequests, "send", report_and_send)
