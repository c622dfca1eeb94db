"""The API's description, `GET /api/openapi.json`, with which the responses of the same server are compared."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any

import jsonschema_rs

Json = Any

GENERAL_HEADERS = re.compile(
    r"content-(?:type|length|encoding)|date|server|connection|transfer-encoding|vary|via|access-control-.*|x-amz.*"
    r"|x-localstack|cache-control|x-content-type-options"
)
"""Headers that servers, gateways, the CORS protocol and the service itself add to any response."""


class UndescribedResponseError(AssertionError):
    """A response isn't one of those that the description has for its request."""


class Description:
    """An OpenAPI document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def check(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Raise UndescribedResponseError unless the response is described.

        `path` begins with `/api`, or as the document's paths do. The names of `headers` are in lower case.
        """
        try:
            self._check(method, path, status, headers, body)
        except UndescribedResponseError as error:
            text = body[:500].decode(errors="replace")
            message = f"{method} {path}: {error}\n{status} {dict(headers)}\n{text}"
            raise UndescribedResponseError(message) from None

    def _check(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        operations = self._find_path(path)
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if operation is not None:
            response = self._find_response(operation, status)
            _check_headers(response.get("headers", {}), headers)
            self._check_content(method, response.get("content", {}), headers.get("content-type"), body)
        elif method == "OPTIONS" and operations:
            _check_options(operations, status, headers, body)
        else:
            self._check_content(method, self._error_of_no_operation(status), headers.get("content-type"), body)

    def _find_path(self, path: str) -> Mapping[str, Json]:
        """Return the operations of a path by method; none if it isn't described."""
        wanted = path.removesuffix("/") or path
        return next((each for pattern, each in self._paths if pattern.fullmatch(wanted)), {})

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], Mapping[str, Json]]]:
        """The paths; those with fewer parameters come first, because they are preferred."""
        paths = sorted(self._document["paths"].items(), key=lambda item: item[0].count("{"))
        return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), each) for path, each in paths]

    @cached_property
    def _closed_schemas(self) -> Json:
        """The schemas of the components, with which an object has no other properties than they describe.

        The document doesn't say so, because later versions may add some.
        """
        schemas = self._document["components"]["schemas"]
        return {
            name: {**each, "additionalProperties": False} if "properties" in each else each
            for name, each in schemas.items()
        }

    def _find_response(self, operation: Json, status: int) -> Json:
        response = operation["responses"].get(str(status))
        if response is None:
            raise UndescribedResponseError(f"{operation['operationId']} has no response with this status")
        return self._resolve(response)

    def _resolve(self, response: Json) -> Json:
        name = response.get("$ref", "").rpartition("/")[2]
        return self._document["components"]["responses"][name] if name else response

    def _error_of_no_operation(self, status: int) -> Json:
        """Return the content of an error response to a request that no operation matches."""
        codes = {404: ["not_found"], 405: ["method_not_allowed"], 401: ["unauthorized"]}.get(status)
        if codes is None:  # a gateway, which doesn't know the routes, refuses it
            codes = self._codes_of_any_operation(status)
        schema = {"$ref": "#/components/schemas/ErrorResource", "properties": {"error": {"enum": codes}}}
        return {"application/json": {"schema": schema}}

    def _codes_of_any_operation(self, status: int) -> list[str]:
        operations = [each for path in self._document["paths"].values() for each in path.values()]
        described = [
            self._resolve(each["responses"][str(status)])
            for each in operations
            if str(status) in each["responses"]
        ]
        if not described or status < 400:
            raise UndescribedResponseError("no operation matches the request")
        schemas = [each["content"]["application/json"]["schema"] for each in described]
        return sorted(set(_error_codes(schemas)))

    def _check_content(self, method: str, content: Json, content_type: str | None, body: bytes) -> None:
        if not content:
            if body:
                raise UndescribedResponseError("it is described without a body")
            return  # `chalice local` and API Gateway add a Content-Type nevertheless
        if content_type not in content and "*/*" not in content:
            raise UndescribedResponseError(f"its media type is {content_type}, not {' or '.join(content)}")
        if method == "HEAD":
            if body:
                raise UndescribedResponseError("a response to HEAD has a body")
        elif content_type == "application/json":
            self._validate(content[content_type]["schema"], _parse(body))

    def _validate(self, schema: Json, value: Json) -> None:
        key = json.dumps(schema)
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {**schema, "components": {"schemas": self._closed_schemas}}, validate_formats=True
            )
        if errors := [
            f"{error.instance_path}: {error.message}" for error in self._validators[key].iter_errors(value)
        ]:
            raise UndescribedResponseError("; ".join(errors))


def _error_codes(schema: Json) -> Iterator[str]:
    """Yield the values of the property `error` in a schema and in those within it."""
    if isinstance(schema, list):
        yield from chain.from_iterable(map(_error_codes, schema))
    elif isinstance(schema, dict):
        yield from schema.get("error", {}).get("enum", ())
        yield from chain.from_iterable(map(_error_codes, schema.values()))


def _check_options(operations: Json, status: int, headers: Mapping[str, str], body: bytes) -> None:
    methods = (
        {method.upper() for method in operations} | {"OPTIONS"} | ({"HEAD"} if "get" in operations else set())
    )
    allowed = {each.strip() for each in headers.get("allow", "").split(",")}
    if (status, allowed, body) != (204, methods, b""):
        raise UndescribedResponseError(f"a response to OPTIONS has status 204, no body, and Allow: {methods}")


def _check_headers(described: Json, headers: Mapping[str, str]) -> None:
    by_name = {name.lower(): header for name, header in described.items()}
    for name, header in by_name.items():
        if name in headers:
            is_number = header["schema"].get("type") == "integer"
            value = int(headers[name]) if is_number and headers[name].isdecimal() else headers[name]
            if not jsonschema_rs.is_valid(header["schema"], value, validate_formats=True):
                raise UndescribedResponseError(f"its header {name} is invalid: {value!r}")
        elif header["required"]:
            raise UndescribedResponseError(f"it lacks the header {name}")
    if undescribed := [name for name in headers if name not in by_name and not GENERAL_HEADERS.fullmatch(name)]:
        raise UndescribedResponseError(f"it has undescribed headers: {undescribed}")


def _parse(body: bytes) -> Json:
    try:
        return json.loads(body)
    except ValueError as error:
        raise UndescribedResponseError(f"its body isn't JSON: {error}") from None
