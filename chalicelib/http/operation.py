"""Operations: what a route's handler declares with its path, its arguments, its return type and its docstring.

An operation is a method of a path, as in OpenAPI. Its declaration is read when it is first called or described,
not when the app starts.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, get_args, get_origin

from msgspec import Struct

from chalicelib.core.accounts.model import Scope
from chalicelib.core.errors import ErrorKind
from chalicelib.http.annotations import alternatives, metadata_of, without_none
from chalicelib.http.declarations import Dependency, Header, JsonBody, Path, Query, QueryMap, RawBody
from chalicelib.http.errors import AUTHENTICATION_ERRORS, COMMON_ERRORS, INVALID_PARAMETER
from chalicelib.http.typed_response import JSON, TypedResponse

Handler = Callable[..., TypedResponse]

Marker = Path | Query | QueryMap | Header | Dependency | JsonBody | RawBody

Location = Literal["path", "query", "header"]

_LOCATIONS: Mapping[type, Location] = {Path: "path", Query: "query", QueryMap: "query", Header: "header"}


class Parameter(Struct, frozen=True, dict=True):
    """A parameter in the path, the query string or a header, or several in the query string as one."""

    name: str
    argument: str
    """The handler's argument that gets its value."""
    location: Location
    annotation: Any
    """Its type with `msgspec.Meta`, as the handler annotates it."""
    required: bool
    default: Any
    marker: Path | Query | QueryMap | Header

    @cached_property
    def value_type(self) -> Any:
        """Its type without annotations and without None, which a missing parameter is."""
        return get_args(self.schema_type)[0] if get_origin(self.schema_type) is Annotated else self.schema_type

    @cached_property
    def schema_type(self) -> Any:
        """Its type with its limits and its description, and without None."""
        return without_none(self.annotation)


class Body(Struct, frozen=True):
    """The request's body."""

    argument: str
    annotation: Any
    marker: JsonBody | RawBody
    required: bool

    @property
    def types(self) -> Mapping[str, Any]:
        """The types that it can have, by media type."""
        return (
            self.marker.media_types if isinstance(self.marker, RawBody) else {JSON: without_none(self.annotation)}
        )


class Operation(Struct, frozen=True, dict=True):
    """A method of a path, with the handler that responds to it."""

    method: str
    path: str
    handler: Handler
    route_errors: tuple[ErrorKind, ...]
    """What the handler itself can raise."""
    ignored: tuple[Parameter, ...]
    """Parameters that are validated and have no effect."""
    tag: str
    scope: Scope | None = Scope.READ
    """What the caller needs; None if no credential is needed."""
    takes_upload_token: bool = False
    """Whether an upload token is enough, in place of an API token or a JWT."""

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
        found = [
            self._parameter(argument, marker)
            for argument, marker in self._markers.items()
            if isinstance(marker, Path | Query | QueryMap | Header)
        ]
        return (*sorted(found, key=lambda parameter: parameter.location != "path"), *self.ignored)

    @cached_property
    def body(self) -> Body | None:
        for argument, marker in self._markers.items():
            if isinstance(marker, JsonBody | RawBody):
                declared = self._signature.parameters[argument]
                return Body(argument, declared.annotation, marker, declared.default is inspect.Parameter.empty)
        return None

    @cached_property
    def dependencies(self) -> dict[str, Dependency]:
        """The dependencies by the name of the argument."""
        return {argument: marker for argument, marker in self._markers.items() if isinstance(marker, Dependency)}

    @cached_property
    def responses(self) -> tuple[type[TypedResponse], ...]:
        """The classes of its responses, without those of errors."""
        return alternatives(self._signature.return_annotation)

    @cached_property
    def errors(self) -> frozenset[ErrorKind]:
        """Every error that it can respond with."""
        of_path = {parameter.marker.error for parameter in self.parameters if isinstance(parameter.marker, Path)}
        of_body = self.body.marker.errors if self.body else ()
        computed = {kind for dependency in self.dependencies.values() for kind in dependency.errors}
        of_caller = AUTHENTICATION_ERRORS if self.scope else ()
        return frozenset(
            {*self.route_errors, *of_path, *of_body, *computed, *of_caller, INVALID_PARAMETER, *COMMON_ERRORS}
        )

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.handler, eval_str=True)

    @cached_property
    def _markers(self) -> dict[str, Marker]:
        """The marker of each of the handler's arguments."""
        return {name: self._marker(name, each.annotation) for name, each in self._signature.parameters.items()}

    def _marker(self, argument: str, annotation: Any) -> Marker:
        for metadata in metadata_of(annotation):
            if isinstance(metadata, Marker):
                return metadata
        return Path() if f"{{{argument}}}" in self.path else Query()

    def _parameter(self, argument: str, marker: Path | Query | QueryMap | Header) -> Parameter:
        name = marker.name if isinstance(marker, Query | Header) else None
        declared = self._signature.parameters[argument]
        has_default = declared.default is not inspect.Parameter.empty
        required = not has_default and not isinstance(marker, QueryMap)
        return Parameter(
            name=name or argument,
            argument=argument,
            location=_LOCATIONS[type(marker)],
            annotation=declared.annotation,
            required=required,
            default=declared.default if has_default else None,
            marker=marker,
        )
