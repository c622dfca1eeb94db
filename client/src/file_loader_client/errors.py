"""What the client raises."""

from file_loader_client.models import File


class FileLoaderError(Exception):
    """Any failure of the service, of the network, or of a transfer."""


class ServiceError(FileLoaderError):
    """An error response of the service."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        request_id: str | None = None,
        *,
        was_repeated: bool = False,
        retry_after: float | None = None,
        base_url: str = "",
    ) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status = status
        """Of HTTP."""
        self.code = code
        """See docs/reference/errors.md."""
        self.message = message
        """What is wrong, and what to do."""
        self.request_id = request_id
        """The request's id, which is also in the service's log."""
        self.was_repeated = was_repeated
        """Whether the same request was sent before, and its response was lost or asked to try again."""
        self.retry_after = retry_after
        """Seconds after which the call may succeed, if the service says so."""
        self.base_url = base_url
        """The service."""


class AuthenticationError(ServiceError):
    """The service needs a token (`unauthorized`), or the token can't be used (any more): `invalid_token`,
    `token_expired`, `token_revoked`."""


class PermissionDeniedError(ServiceError):
    """The token doesn't allow this: `insufficient_scope`, `forbidden_owner`."""


class QuotaExceededError(ServiceError):
    """The owner has no files or bytes left: `quota_exceeded`, or until midnight (UTC) `daily_quota_exceeded`."""


class TooManyRequestsError(ServiceError):
    """More requests than the owner may send in a minute, also after the pauses that the service asked for."""


_BY_STATUS: dict[int, type[ServiceError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    429: TooManyRequestsError,
}
_BY_CODE: dict[str, type[ServiceError]] = {
    "quota_exceeded": QuotaExceededError,
    "daily_quota_exceeded": QuotaExceededError,
}


def service_error_class(status: int, code: str) -> type[ServiceError]:
    """Return the class for an error response. What a newer service adds is a ServiceError."""
    return _BY_CODE.get(code) or _BY_STATUS.get(status, ServiceError)


class UnreachableError(FileLoaderError):
    """The service, or S3, didn't respond, also not to further attempts."""


class InvalidResponseError(FileLoaderError):
    """The response isn't one of this service."""


class WaitTimeoutError(FileLoaderError):
    """The file wasn't processed in time."""

    def __init__(self, file: File, seconds: float) -> None:
        super().__init__(f"{file.name} ({file.id}) is still {file.status} after {seconds:g} s")
        self.file = file
        """As it was at the end."""


class TransferError(FileLoaderError):
    """S3 refused the bytes of a file, or has no such bytes."""


class SourceChangedError(TransferError):
    """The file was changed while it was uploaded."""


class VerificationError(TransferError):
    """The stored or downloaded bytes aren't the ones that were sent: another size or checksum."""
