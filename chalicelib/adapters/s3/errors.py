"""What S3 responds instead of a success, and the service's own errors for it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.adapters.aws.credentials import MissingCredentialsError, MissingRegionError
from chalicelib.core.errors import INSUFFICIENT_STORAGE, STORAGE_UNAVAILABLE, ServiceError

log = logging.getLogger(__name__)

_FULL = 507
"""The status with which MinIO and `make run` refuse an object for which they have no space. S3 is never full."""


class RefusedError(Exception):
    """S3 refused a request."""

    def __init__(self, operation: str, status: int, code: str, message: str = "") -> None:
        """`code` is S3's, such as `NoSuchKey`, or the status if the response has none."""
        super().__init__(f"{operation}: {code}")
        self.operation, self.status, self.code, self.message = operation, status, code, message


class NoResponseError(Exception):
    """S3 doesn't respond, or not as S3. The text says why, with nothing of the request, such as its URL."""


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise the service's own errors for those of a request.

    A refusal (no such bucket, access denied) becomes STORAGE_UNAVAILABLE like an outage, which it is to clients.
    """
    try:
        with translate_outages():
            yield
    except RefusedError as error:
        if error.status == _FULL:
            log.error("the storage has no space left")  # noqa: TRY400  # the stack trace says nothing more
            raise ServiceError(INSUFFICIENT_STORAGE) from None
        log.error("S3 refused %s: %s", error.operation, error.code)  # noqa: TRY400  # its URL holds the name
        raise ServiceError(STORAGE_UNAVAILABLE) from None


@contextmanager
def translate_outages() -> Iterator[None]:
    """Raise STORAGE_UNAVAILABLE where S3 doesn't respond, or nothing can be signed in this environment."""
    try:
        yield
    except NoResponseError as error:
        log.error("S3 doesn't respond: %s", error)  # noqa: TRY400  # its URL holds the file's name
        raise ServiceError(STORAGE_UNAVAILABLE) from None
    except (MissingCredentialsError, MissingRegionError) as error:
        log.error("no request to S3 can be signed: %s", type(error).__name__)  # noqa: TRY400  # it is enough
        raise ServiceError(STORAGE_UNAVAILABLE) from None
