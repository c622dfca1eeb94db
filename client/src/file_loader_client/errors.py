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
