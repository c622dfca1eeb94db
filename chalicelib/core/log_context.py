"""What log lines are about: the request that is answered, the file that is worked on.

Both belong to the running thread or task and to none beside it, so threads that serve requests at the same time
don't mix. A thread that is started inside begins without them.
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
    """Let every line that is written inside carry this `request_id`, unless it is empty, and the file that
    `note_file` names."""
    with _set(_request_id, request_id), _set(_file_id, ""), _set(_in_request, "yes"):
        yield


def note_file(file_id: UUID) -> None:
    """Let every line from here to the end of the request carry this `file_id`."""
    if _in_request.get():  # outside of one nobody would take it back
        _file_id.set(str(file_id))


@contextmanager
def about(file_id: UUID | str) -> Iterator[None]:
    """Let every line that is written inside carry this `file_id`."""
    with _set(_file_id, str(file_id)):
        yield


def current() -> dict[str, str]:
    """Return what a line written now is about: `request_id` and `file_id`, each where it is known."""
    known = {"request_id": _request_id.get(), "file_id": _file_id.get()}
    return {name: value for name, value in known.items() if value}


@contextmanager
def _set(variable: ContextVar[str], value: str) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
