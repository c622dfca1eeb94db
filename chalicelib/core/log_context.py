"""Context of log lines: the ids of the current request and the current file.

Both belong to the running thread or task only, so threads that serve requests at the same time don't mix. A thread
that is started inside begins without them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_file_id: ContextVar[str] = ContextVar("file_id", default="")
_in_request: ContextVar[str] = ContextVar("in_request", default="")


@contextmanager
def request(request_id: str) -> Iterator[None]:
    """Add this `request_id`, unless it is empty, and the file of `bind_request_file` to every line logged
    inside."""
    with _set(_request_id, request_id), _set(_file_id, ""), _set(_in_request, "yes"):
        yield


def bind_request_file(file_id: UUID) -> None:
    """Add this `file_id` to every line logged from here to the end of the request."""
    if _in_request.get():  # outside of a request nothing would reset it
        _file_id.set(str(file_id))


@contextmanager
def bind_file(file_id: UUID | str) -> Iterator[None]:
    """Add this `file_id` to every line logged inside."""
    with _set(_file_id, str(file_id)):
        yield


def current() -> dict[str, str]:
    """Return `request_id` and `file_id` of a line logged now, each if there is one."""
    context = {"request_id": _request_id.get(), "file_id": _file_id.get()}
    return {name: value for name, value in context.items() if value}


@contextmanager
def _set(variable: ContextVar[str], value: str) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
