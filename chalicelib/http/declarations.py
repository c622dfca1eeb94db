"""What an argument's annotation in a route's handler says besides its type.

    def list_files_route(owner: Owner, limit: Annotated[int, Meta(ge=1, le=1000)] = 100) -> FileList

An argument that the path names is a path parameter. Any other without one of these markers is a query parameter.
An argument without a default is required. `msgspec.Meta` has the limits and the description.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from chalice.app import Request
from msgspec import Struct

from chalicelib.core.errors import ErrorKind
from chalicelib.http.errors import (
    INVALID_FIELD,
    INVALID_PARAMETER,
    LENGTH_REQUIRED,
    MALFORMED_BODY,
    UNSUPPORTED_MEDIA_TYPE,
)

BODY_ERRORS = (MALFORMED_BODY, LENGTH_REQUIRED, UNSUPPORTED_MEDIA_TYPE)


class Query(Struct, frozen=True):
    """A query parameter."""

    name: str | None = None
    """In the request; None if the argument has the same name."""
    other_names: tuple[str, ...] = ()
    """What other APIs call it. A request with such a name is refused, and the message has the right one."""
    requirement: str | None = None
    """What the message says of an invalid value, such as "must be a media type"; None derives it from the type."""


class QueryMap(Struct, frozen=True):
    """All query parameters whose names begin with a prefix. The argument is a map of their values by the rest of
    their names; it is empty if there are none, so the argument has no default."""

    prefix: str
    find_fault: Callable[[Mapping[str, str]], str | None]
    """Returns what isn't allowed in the map, as a clause for a message."""
    other_names: tuple[str, ...] = ()
    """What other APIs call one of them."""


class Path(Struct, frozen=True):
    """A path parameter."""

    error: ErrorKind = INVALID_PARAMETER
    """The error of an invalid value."""
    bind: Callable[[Any], object] | None = None
    """Called with the valid value, for example to add it to the log's lines."""


class Header(Struct, frozen=True):
    """A header of the request; in the class of a response, a header of the response."""

    name: str


class Dependency(Struct, frozen=True):
    """An argument that is computed from the request, and isn't described."""

    compute: Callable[[Request], Any]
    errors: tuple[ErrorKind, ...] = ()
    """What computing it can raise."""


class JsonBody(Struct, frozen=True):
    """The request's body: JSON of the argument's type, a msgspec Struct. With a default, it may be empty."""

    errors: ClassVar[tuple[ErrorKind, ...]] = (*BODY_ERRORS, INVALID_FIELD)


class RawBody(Struct, frozen=True):
    """The request's body as it was sent. The argument is a ReceivedBody."""

    media_types: Mapping[str, Any]
    """The accepted media types, each with the type that describes the body."""
    expected: str
    """What the message says of another media type: what to send."""
    errors: ClassVar[tuple[ErrorKind, ...]] = BODY_ERRORS


class BinaryContent:
    """The type of bytes that are sent as they are, for the description of a body."""


class ReceivedBody(Struct, frozen=True):
    """A body whose format the handler's use case doesn't know."""

    content: bytes
    content_type: str
    """The whole header, with its parameters."""
