"""Client of the file-loader service."""

from file_loader_client.client import Client
from file_loader_client.errors import (
    FileLoaderError,
    InvalidResponseError,
    ServiceError,
    SourceChangedError,
    TransferError,
    UnreachableError,
    VerificationError,
    WaitTimeoutError,
)
from file_loader_client.models import (
    Change,
    Checksum,
    File,
    FileError,
    PartUrl,
    PartUrls,
    PresignedRequest,
    Scan,
    Types,
    Upload,
    UploadedPart,
)
from file_loader_client.progress import Phase, Progress

__all__ = [
    "Change",
    "Checksum",
    "Client",
    "File",
    "FileError",
    "FileLoaderError",
    "InvalidResponseError",
    "PartUrl",
    "PartUrls",
    "Phase",
    "PresignedRequest",
    "Progress",
    "Scan",
    "ServiceError",
    "SourceChangedError",
    "TransferError",
    "Types",
    "UnreachableError",
    "Upload",
    "UploadedPart",
    "VerificationError",
    "WaitTimeoutError",
]
