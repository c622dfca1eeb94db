"""What ends a command, or fails one of its files, as a message and an exit status."""

import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from filectl.exit_statuses import ExitStatus

TOKEN_VARIABLE = "FILE_LOADER_TOKEN"  # noqa: S105  # a variable's name


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in words."""

    status: ExitStatus
    code: str
    """For programs. Of an error response, the service's code."""
    message: str
    request_id: str | None = None
    """Of an error response: it is also in the service's log."""
    refuses_token: bool = False
    """Whether every further request would fail as well, until there is another token."""

    def to_json(self) -> dict[str, Any]:
        """Return the form of the service's error responses, with the exit status."""
        request = {"requestId": self.request_id} if self.request_id else {}
        return {"error": self.code, "message": self.message, **request, "exitStatus": int(self.status)}


class CommandError(Exception):
    """A problem that ends the command."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class UsageError(CommandError):
    """Wrong options, arguments or configuration."""

    def __init__(self, message: str) -> None:
        super().__init__(Problem(ExitStatus.USAGE, "usage", message))


class FileProblemError(CommandError):
    """A file on this machine that can't be read or written as asked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(Problem(ExitStatus.FILE_FAILED, code, message))


class StoppedError(Exception):
    """An upload ends because the command does."""


class OutputClosedError(Exception):
    """The reader of standard output has closed it."""


class SignalError(BaseException):
    """SIGINT (Ctrl-C) or SIGTERM was received. It isn't an Exception: nothing treats it as a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = ExitStatus(128 + number)


def describe_error(error: Exception) -> Problem | None:
    """Return the problem of an error that a user can do something about; None if it is a fault of filectl."""
    if isinstance(error, CommandError):
        return error.problem
    from file_loader_client import AuthenticationError, FileLoaderError, PermissionDeniedError, ServiceError

    if isinstance(error, AuthenticationError):
        reason = "The service needs a token." if error.code == "unauthorized" else error.message
        message = f"{reason} {_how_to_log_in(error.base_url)}"
        return Problem(ExitStatus.SERVICE_FAILED, error.code, message, error.request_id, refuses_token=True)
    if isinstance(error, ServiceError):
        return Problem(
            _service_status(error.status),
            error.code,
            error.message,
            error.request_id,
            refuses_token=isinstance(error, PermissionDeniedError),
        )
    if isinstance(error, FileLoaderError):
        return _describe_client_error(error)
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return Problem(ExitStatus.FILE_FAILED, "local_file", f"{name}{error.strerror or error}")
    return None


def _how_to_log_in(url: str) -> str:
    if os.environ.get(TOKEN_VARIABLE):
        return f"filectl sends the one in {TOKEN_VARIABLE}."
    return f"Run: filectl login {url}"


def _service_status(status: int) -> ExitStatus:
    """Return the exit status for an error response."""
    if status == HTTPStatus.NOT_FOUND:
        return ExitStatus.NOT_FOUND
    refusals = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
    is_service = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in refusals
    return ExitStatus.SERVICE_FAILED if is_service else ExitStatus.FILE_FAILED


def _describe_client_error(error: Exception) -> Problem:
    from file_loader_client import SourceChangedError, TransferError, VerificationError, WaitTimeoutError

    codes = {
        SourceChangedError: "source_changed",
        VerificationError: "verification_failed",
        WaitTimeoutError: "wait_timeout",
        TransferError: "transfer_failed",
    }
    for kind, code in codes.items():
        if isinstance(error, kind):
            return Problem(ExitStatus.FILE_FAILED, code, str(error))
    return Problem(ExitStatus.SERVICE_FAILED, "unreachable", str(error))
