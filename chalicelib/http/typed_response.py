"""Typed responses: classes that declare a status, headers and a body, from which the response is built."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar, get_args, get_origin

import msgspec
from chalice.app import Response

from chalicelib.http.declarations import Header

T = TypeVar("T")

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Json(Generic[T]):
    """A body that is JSON of the type `T`, encoded."""

    text: str

    @classmethod
    def encode(cls, value: T) -> "Json[T]":
        """Return the value's JSON."""
        return cls(msgspec.json.encode(value).decode())


@dataclass(frozen=True, kw_only=True)
class TypedResponse:
    """A response.

    A subclass declares its status, and in its fields its headers (`Annotated[str, Header("ETag")]`) and its
    `body`, if it has one. Its docstring describes it. A header that is None isn't sent.
    """

    status_code: ClassVar[int]
    media_type: ClassVar[str] = JSON


@cache
def headers_of(response_class: type[TypedResponse]) -> dict[str, tuple[Header, Any]]:
    """Return the response's headers by the name of the field, each with its annotation."""
    annotated = [field for field in fields(response_class) if get_origin(field.type) is Annotated]
    return {
        field.name: (extra, field.type)
        for field in annotated
        for extra in get_args(field.type)[1:]
        if isinstance(extra, Header)
    }


def body_type_of(response_class: type[TypedResponse]) -> Any:
    """Return the type of the response's body, of JSON that of the value; None if it has no body."""
    for field in fields(response_class):
        if field.name == "body":
            return get_args(field.type)[0] if get_origin(field.type) is Json else field.type
    return None


def build_response(typed: TypedResponse) -> Response:
    """Return Chalice's response. Without a body it has no Content-Type."""
    headers: dict[str, str | list[str]] = {}
    for field, (header, _) in headers_of(type(typed)).items():  # type: ignore[arg-type]  # python/mypy#11470
        if (value := getattr(typed, field)) is not None:
            headers[header.name] = str(value)
    body = getattr(typed, "body", None)
    if body is None:
        return Response("", status_code=typed.status_code, headers=headers)
    text = body.text if isinstance(body, Json) else body
    return Response(text, status_code=typed.status_code, headers={"Content-Type": typed.media_type, **headers})
