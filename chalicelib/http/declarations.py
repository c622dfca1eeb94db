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
    """Query parameters that are the entries of a map: of `metadata.order=7`, or of `metadata[order]=7`, the
    argument has the entry `order`. It is a dict of texts, which is empty if there are none, without a default."""

    prefix: str
    """What an entry's name begins with."""
    suffix: str = ""
    """What it ends with."""
    find_fault: Callable[[Mapping[str, str]], str | None] | None = None
    """Returns what isn't allowed in the map, as a clause for a message; None if the use case says it."""
    other_names: tuple[str, ...] = ()
    """What other APIs call an entry."""

    @property
    def style(self) -> str:
        """OpenAPI's name for it. With the style `form`, the map's properties have the whole names of its entries.
        https://spec.openapis.org/oas/v3.1.1.html#style-values"""
        return "deepObject" if self.suffix else "form"

    def key_of(self, name: str) -> str | None:
        """Return the key of the entry that has this name in the query; None if it isn't one of the map's."""
        is_entry = name.startswith(self.prefix) and name.endswith(self.suffix)
        return name[len(self.prefix) : len(name) - len(self.suffix)] if is_entry else None


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
