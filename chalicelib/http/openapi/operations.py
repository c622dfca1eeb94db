"""The description of an operation: its parameters, its request body and its responses."""

from collections.abc import Iterator
from enum import Enum
from inspect import cleandoc
from typing import Any

from chalicelib.http.annotations import can_be_none, without_none
from chalicelib.http.declarations import QueryMap
from chalicelib.http.openapi.error_responses import ErrorResponses, describe_errors, group_by_status
from chalicelib.http.openapi.examples import add_examples
from chalicelib.http.openapi.info import SECURITY_SCHEME
from chalicelib.http.openapi.schemas import Schemas
from chalicelib.http.operation import Body, Operation, Parameter
from chalicelib.http.typed_response import TypedResponse, body_type_of, headers_of


def types_of(operation: Operation) -> Iterator[Any]:
    """Yield the types that the operation declares: of its parameters, its bodies and its headers."""
    for parameter in operation.parameters:
        yield parameter.schema_type
    if operation.body:
        yield from operation.body.types.values()
    for response_class in operation.responses:
        for _, annotation in headers_of(response_class).values():
            yield without_none(annotation)
        if (body_type := body_type_of(response_class)) is not None:
            yield body_type


def describe_operation(operation: Operation, schemas: Schemas, errors: ErrorResponses) -> dict[str, Any]:
    """Return the Operation Object."""
    described: dict[str, Any] = {
        "operationId": operation.operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
    }
    if operation.description:
        described["description"] = operation.description
    if operation.parameters:
        described["parameters"] = [describe_parameter(each, schemas) for each in operation.parameters]
    if operation.body:
        described["requestBody"] = describe_body(operation.body, schemas)
    described["security"] = [{SECURITY_SCHEME: [operation.scope]}] if operation.scope else []
    described["responses"] = describe_responses(operation, schemas, errors)
    add_examples(operation.operation_id, described)
    return described


def describe_parameter(parameter: Parameter, schemas: Schemas) -> dict[str, Any]:
    """Return the Parameter Object."""
    schema = schemas.of(parameter.schema_type)
    described: dict[str, Any] = {"name": parameter.name, "in": parameter.location}
    if "description" in schema:
        described["description"] = schema.pop("description")
    if parameter.required:
        described["required"] = True
    if isinstance(parameter.marker, QueryMap):
        # Without an example, Swagger UI fills in keys that the API doesn't know.
        described |= {"style": parameter.marker.style, "explode": True, "example": {}}
    if parameter.default is not None:
        default = parameter.default
        schema["default"] = default.value if isinstance(default, Enum) else default
    return {**described, "schema": schema}


def describe_body(body: Body, schemas: Schemas) -> dict[str, Any]:
    """Return the Request Body Object."""
    content = {name: {"schema": schemas.of(each)} for name, each in body.types.items()}
    return {"required": body.required, "content": content}


def describe_responses(operation: Operation, schemas: Schemas, errors: ErrorResponses) -> dict[str, Any]:
    """Return the Responses Object. Responses that have the same status are one of its entries."""
    found: dict[int, dict[str, Any]] = {}
    for response_class in operation.responses:
        described = describe_response(response_class, schemas)
        status = response_class.status_code
        found[status] = combine_responses(found[status], described) if status in found else described
    for status, kinds in group_by_status(operation.errors).items():
        if status in found:
            found[status] = combine_responses(found[status], describe_errors(kinds))
        else:
            found[status] = errors.of(kinds)
    return {str(status): found[status] for status in sorted(found)}


def describe_response(response_class: type[TypedResponse], schemas: Schemas) -> dict[str, Any]:
    """Return the Response Object."""
    described: dict[str, Any] = {"description": cleandoc(response_class.__doc__ or "")}
    headers = {
        header.name: describe_header(annotation, schemas)
        for header, annotation in headers_of(response_class).values()
        if header.name != "Content-Type"  # it is the media type of the content
    }
    if headers:
        described["headers"] = headers
    if (body_type := body_type_of(response_class)) is not None:
        described["content"] = {response_class.media_type: {"schema": schemas.of(body_type)}}
    return described


def describe_header(annotation: Any, schemas: Schemas) -> dict[str, Any]:
    """Return the Header Object of a response's header. One that can be None is not always sent."""
    schema = schemas.of(without_none(annotation))
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {**described, "required": not can_be_none(annotation), "schema": schema}


def combine_responses(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return the Response Object of responses that have the same status."""
    content = {**one.get("content", {}), **other.get("content", {})}
    for name in one.get("content", {}).keys() & other.get("content", {}).keys():
        both = [response["content"][name] for response in (one, other)]
        content[name] = {"schema": {"oneOf": [each["schema"] for each in both]}}
        if examples := {**both[0].get("examples", {}), **both[1].get("examples", {})}:
            content[name]["examples"] = examples
    headers = {
        name: {**header, "required": False}
        for each in (one, other)
        for name, header in each.get("headers", {}).items()
    }
    combined: dict[str, Any] = {"description": f"{one['description']}\n\n{other['description']}"}
    if headers:
        combined["headers"] = headers
    return {**combined, "content": content} if content else combined
