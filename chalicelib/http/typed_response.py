"""Typed responses: classes that declare a status, headers and a body, from which the response is built.

They, and the markers of arguments, are msgspec's Structs. Python takes 0.6 ms to make a dataclass and 0.02 ms to
make a Struct, and a cold start makes all of them.
"""

from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from chalice.app import Response
from msgspec import Struct

from chalicelib.http.annotations import metadata_of
from chalicelib.http.declarations import Header

T = TypeVar("T")

JSON = "application/json"


class Json(Struct, Generic[T], frozen=True):
    """A body that is JSON of the type `T`, encoded."""

    text: str

    @classmethod
    def encode(cls, value: T) -> "Json[T]":
        """Return the value's JSON."""
        return cls(msgspec.json.encode(value).decode())


class TypedResponse(Struct, frozen=True, kw_only=True):
    """A response.

    A subclass declares its status, and in its fields its headers (`Annotated[str, Header("ETag")]`) and its
    `body`, if it has one. Its docstring describes it. A header that is None isn't sent.
    """

    status_code: ClassVar[int]
    media_type: ClassVar[str] = JSON


@cache
def headers_of(response_class: type[TypedResponse]) -> dict[str, tuple[Header, Any]]:
    """Return the response's headers by the name of the field, each with its annotation."""
    hints = _hints_of(response_class)
    return {
        name: (extra, hints[name])
        for name in response_class.__struct_fields__
        for extra in metadata_of(hints[name])
        if isinstance(extra, Header)
    }


def body_type_of(response_class: type[TypedResponse]) -> Any:
    """Return the type of the response's body, of JSON that of the value; None if it has no body."""
    body = _hints_of(response_class).get("body")
    return get_args(body)[0] if get_origin(body) is Json else body


@cache
def _hints_of(response_class: type[TypedResponse]) -> dict[str, Any]:
    return get_type_hints(response_class, include_extras=True)


def build_response(typed: TypedResponse) -> Response:
    """Return Chalice's response. Without a body it has no Content-Type."""
    headers: dict[str, str | list[str]] = {}
    for field, (header, _) in headers_of(type(typed)).items():
        if (value := getattr(typed, field)) is not None:
            headers[header.name] = str(value)
    body = getattr(typed, "body", None)
    if body is None:
        return Response("", status_code=typed.status_code, headers=headers)
    text = body.text if isinstance(body, Json) else body
    return Response(text, status_code=typed.status_code, headers={"Content-Type": typed.media_type, **headers})
