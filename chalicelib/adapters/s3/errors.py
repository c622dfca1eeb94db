"""The service's own errors for those of botocore."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import INSUFFICIENT_STORAGE, STORAGE_UNAVAILABLE, ServiceError

log = logging.getLogger(__name__)

_FULL = 507
"""The status with which MinIO and `make run` refuse an object for which they have no space. S3 is never full."""


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the service's own errors for those of a request.

    A refusal (no such bucket, access denied) becomes STORAGE_UNAVAILABLE like an outage, which it is to clients.
    """
    try:
        with translate_outages():
            yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == _FULL:
            log.error("the storage has no space left")  # noqa: TRY400  # the stack trace says nothing more
            raise ServiceError(INSUFFICIENT_STORAGE) from None
        log.error("S3 refused %s: %s", error.operation_name, error_code(error))  # noqa: TRY400  # its URL holds the name
        raise ServiceError(STORAGE_UNAVAILABLE) from None


@contextmanager
def translate_outages() -> Iterator[None]:
    """Raise STORAGE_UNAVAILABLE where S3 doesn't respond, or there are no credentials to sign with."""
    try:
        yield
    except BotoCoreError as error:
        log.error("S3 doesn't respond: %s", type(error).__name__)  # noqa: TRY400  # its URL holds the file's name
        raise ServiceError(STORAGE_UNAVAILABLE) from None


def error_code(error: ClientError) -> str | None:
    """Return S3's code of the error, such as `NoSuchKey`."""
    return error.response.get("Error", {}).get("Code")
