"""Operations: what a route's handler declares with its path, its arguments, its return type and its docstring.

An operation is a method of a path, as in OpenAPI. Its declaration is read when it is first called or described,
not when the app starts.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from chalicelib.core.errors import ErrorKind
from chalicelib.http.declarations import Dependency, Header, JsonBody, Path, Query, RawBody
from chalicelib.http.errors import COMMON_ERRORS, INVALID_PARAMETER
from chalicelib.http.typed_response import JSON, TypedResponse

Handler = Callable[..., TypedResponse]

_MARKERS = (Query, Path, Header, Dependency, JsonBody, RawBody)


@dataclass(frozen=True)
class Parameter:
    """A parameter in the path, the query string or a header."""

    name: str
    argument: str
    """The handler's argument that gets its value."""
    location: Literal["path", "query", "header"]
    annotation: Any
    """Its type with `msgspec.Meta`, as the handler annotates it."""
    required: bool
    default: Any
    marker: Query | Path | Header

    @cached_property
    def value_type(self) -> Any:
        """Its type without annotations and without None, which a missing parameter is."""
        return get_args(self.schema_type)[0] if get_origin(self.schema_type) is Annotated else self.schema_type

    @cached_property
    def schema_type(self) -> Any:
        """Its type with its limits and its description, and without None."""
        return without_none(self.annotation)


@dataclass(frozen=True, slots=True)
class Body:
    """The request's body."""

    argument: str
    annotation: Any
    marker: JsonBody | RawBody

    @property
    def types(self) -> Mapping[str, Any]:
        """The types that it can have, by media type."""
        return self.marker.media_types if isinstance(self.marker, RawBody) else {JSON: self.annotation}


@dataclass(frozen=True)
class Operation:
    """A method of a path, with the handler that responds to it."""

    method: str
    path: str
    handler: Handler
    route_errors: tuple[ErrorKind, ...]
    """What the handler itself can raise."""
    ignored: tuple[Parameter, ...]
    """Parameters that are validated and have no effect."""
    tag: str

    @property
    def operation_id(self) -> str:
        return self.handler.__name__.removesuffix("_route")

    @property
    def summary(self) -> str:
        """The first line of the docstring, without its full stop; the id where Python has removed docstrings."""
        return (inspect.getdoc(self.handler) or self.operation_id).partition("\n")[0].removesuffix(".")

    @property
    def description(self) -> str:
        """The docstring after its first line."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[2].strip()

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters: those of the path first, then in the order of the handler's arguments."""
        declared = (self._parameter(argument, marker) for argument, marker in self._arguments())
        found = [parameter for parameter in declared if parameter]
        return (*sorted(found, key=lambda parameter: parameter.location != "path"), *self.ignored)

    @cached_property
    def body(self) -> Body | None:
        for argument, marker in self._arguments():
            if isinstance(marker, JsonBody | RawBody):
                return Body(argument, self._signature.parameters[argument].annotation, marker)
        return None

    @cached_property
    def dependencies(self) -> dict[str, Dependency]:
        """The dependencies by the name of the argument."""
        return {argument: marker for argument, marker in self._arguments() if isinstance(marker, Dependency)}

    @cached_property
    def responses(self) -> tuple[type[TypedResponse], ...]:
        """The classes of its responses, without those of errors."""
        returned = self._signature.return_annotation
        return tuple(get_args(returned)) if get_origin(returned) in {UnionType, Union} else (returned,)

    @cached_property
    def errors(self) -> frozenset[ErrorKind]:
        """Every error that it can respond with."""
        of_path = {parameter.marker.error for parameter in self.parameters if isinstance(parameter.marker, Path)}
        of_body = self.body.marker.errors if self.body else ()
        return frozenset({*self.route_errors, *of_path, *of_body, INVALID_PARAMETER, *COMMON_ERRORS})

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.handler, eval_str=True)

    def _arguments(self) -> Iterator[tuple[str, Any]]:
        """Yield the handler's arguments, each with its marker."""
        for name, argument in self._signature.parameters.items():
            markers = [extra for extra in _extras(argument.annotation) if isinstance(extra, _MARKERS)]
            default = Path() if f"{{{name}}}" in self.path else Query()
            yield name, markers[0] if markers else default

    def _parameter(self, argument: str, marker: Any) -> Parameter | None:
        locations: dict[type, Literal["path", "query", "header"]] = {
            Path: "path",
            Query: "query",
            Header: "header",
        }
        location = locations.get(type(marker))
        if location is None:
            return None
        declared = self._signature.parameters[argument]
        required = declared.default is inspect.Parameter.empty
        name = getattr(marker, "name", None) or argument
        default = None if required else declared.default
        return Parameter(name, argument, location, declared.annotation, required, default, marker)


def _extras(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()


def without_none(annotation: Any) -> Any:
    """Return the type without None, with its annotations: `Annotated[int, …]` for `Annotated[int | None, …]`."""
    if get_origin(annotation) is Annotated:
        inner, *extras = get_args(annotation)
        return Annotated[(without_none(inner), *extras)]
    if get_origin(annotation) in {UnionType, Union}:
        (member,) = (member for member in get_args(annotation) if member is not NoneType)
        return without_none(member)
    return annotation
