"""The OpenAPI document is valid, and says all that the code declares."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from chalicelib.core import errors as core_errors
from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.errors import FILE_ERRORS, OBJECT_CHANGED, FileErrorKind
from chalicelib.core.files.file_list import Order
from chalicelib.core.files.statuses import Status
from chalicelib.core.health.check_health import ComponentStatus
from chalicelib.http.errors import HTTP_STATUSES, UNHEALTHY
from chalicelib.http.openapi.document import build_document
from chalicelib.http.openapi.error_responses import NAMES
from chalicelib.http.openapi.examples import load_examples
from chalicelib.http.openapi.info import TAGS
from chalicelib.http.router import operations
from chalicelib.version import VERSION

ROOT = Path(__file__).parents[2]
SERVERS = ["https://files.example.com", "https://files.example.org"]

Json = Any


@pytest.fixture(scope="module")
def document() -> Json:
    return json.loads(msgspec.json.encode(build_document(operations(app), SERVERS)))


def described_operations(document: Json) -> dict[str, Json]:
    return {each["operationId"]: each for path in document["paths"].values() for each in path.values()}


def schemas(node: Json) -> Iterator[Json]:
    """Yield every schema in the document; those of components, parameters, headers and media types."""
    if isinstance(node, dict):
        yield from node.get("schemas", {}).values()
        if isinstance(node.get("schema"), dict):
            yield node["schema"]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from schemas(child)


def test_document_is_valid(document: Json) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_schemas_are_valid_json_schemas(document: Json) -> None:
    found = list(schemas(document))
    assert len(found) > 50
    for schema in found:
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_enumerations_have_a_type(document: Json) -> None:
    """Generators of clients take an enumeration without a type for any JSON."""
    found = list(enumerations(document["paths"])) + list(enumerations(document["components"]))
    assert len(found) > 20
    assert [schema for schema in found if schema.get("type") != "string"] == []


def enumerations(node: Json) -> Iterator[Json]:
    if isinstance(node, dict) and isinstance(node.get("enum"), list):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from enumerations(child)


def test_generators_of_clients_need_one_class_for_errors(document: Json) -> None:
    """The codes are beside the reference to it; with `allOf`, each response had a class of its own."""
    for operation_id, operation in described_operations(document).items():
        for status, declared in operation["responses"].items():
            content = resolve(document, declared).get("content", {}).get("application/json")
            if status >= "4" and content:
                members = content["schema"].get("oneOf", [content["schema"]])
                references = {member["$ref"] for member in members}
                assert "#/components/schemas/ErrorResource" in references, f"{operation_id} {status}"


def test_servers_and_version(document: Json) -> None:
    assert document["servers"] == [{"url": url} for url in SERVERS]
    assert document["info"]["version"] == VERSION
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_types_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call for each of them takes twice as long."""
    calls = []
    schema_components = msgspec.json.schema_components

    def count(types: Any, **options: Any) -> Any:
        calls.append(types)
        return schema_components(types, **options)

    monkeypatch.setattr(msgspec.json, "schema_components", count)
    build_document(operations(app), SERVERS)
    assert len(calls) == 1


def test_document_is_small(document: Json) -> None:
    assert len(msgspec.json.encode(document)) < 220_000


def test_every_operation_is_described(document: Json) -> None:
    described = described_operations(document)
    for operation in operations(app):
        each = document["paths"][operation.path][operation.method.lower()]
        assert each is described[operation.operation_id]
        assert each["summary"]
        assert [(p["name"], p["in"]) for p in each.get("parameters", [])] == [
            (p.name, p.location) for p in operation.parameters
        ]
        assert each["tags"] == [operation.tag]
    assert (
        {tag["name"] for tag in document["tags"]} == {operation.tag for operation in operations(app)} == set(TAGS)
    )


def test_everything_has_a_description(document: Json) -> None:
    for operation in described_operations(document).values():
        for parameter in operation.get("parameters", []):
            assert parameter["description"], parameter["name"]
        for response in operation["responses"].values():
            assert "$ref" in response or response["description"]
            assert all(header["description"] for header in response.get("headers", {}).values())
    for name, component in document["components"]["schemas"].items():
        assert component["description"], name
        for field, schema in component.get("properties", {}).items():
            assert "description" in schema or "$ref" in schema, f"{name}.{field}"


def test_descriptions_are_not_indented(document: Json) -> None:
    for component in document["components"]["schemas"].values():
        assert "\n  " not in component["description"]


def test_parameter_with_limits_default_and_enum(document: Json) -> None:
    parameters = {each["name"]: each for each in described_operations(document)["list_files"]["parameters"]}
    assert parameters["limit"] == {
        "name": "limit",
        "in": "query",
        "description": "How many to return. A page may have fewer, because it ends at 5 MB.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    }
    assert parameters["status"]["schema"] == {"$ref": "#/components/schemas/Status"}
    assert parameters["order"]["schema"]["default"] == "-uploaded_at"
    assert parameters["mismatch"]["schema"] == {"type": "boolean"}


def test_path_parameter_is_required(document: Json) -> None:
    [file_id] = described_operations(document)["delete_file"]["parameters"]
    assert file_id["required"] is True
    assert file_id["schema"] == {"type": "string", "format": "uuid"}


@pytest.mark.parametrize("operation", ["list_files", "upload_file"])
def test_parameters_with_a_prefix_are_described_as_an_object(document: Json, operation: str) -> None:
    """Each of its properties is a parameter of its own in the query string."""
    described = described_operations(document)[operation]["parameters"]
    [metadata] = [each for each in described if each["name"] == "metadata"]
    assert (metadata["in"], metadata["style"], metadata["explode"]) == ("query", "form", True)
    assert "required" not in metadata
    schema = jsonschema_rs.Draft202012Validator(metadata["schema"])
    assert schema.is_valid({"metadata.order": "7", "metadata.a.b-c_D": "x" * 500, "metadata..": ""})
    for invalid in ({"order": "7"}, {"metadata.": "7"}, {"metadata.a b": "7"}, {"metadata.a": "x" * 501}):
        assert not schema.is_valid(invalid)
    assert not schema.is_valid({f"metadata.{n}": "" for n in range(21)})
    assert not schema.is_valid({"metadata.a": "\0"})


def test_bodies(document: Json) -> None:
    content = described_operations(document)["upload_file"]["requestBody"]["content"]
    binary = {"type": "string", "format": "binary"}
    assert content["application/octet-stream"]["schema"] == binary
    fields = content["multipart/form-data"]["schema"]
    assert fields["$ref"] == "#/components/schemas/FileForm"
    assert list(fields["patternProperties"]) == [r"^metadata\.[A-Za-z0-9_.\-]{1,64}$"]
    form = document["components"]["schemas"]["FileForm"]
    assert form["properties"] == {"file": {**binary, "description": "The file, with its name."}}
    assert form["required"] == ["file"]
    patch = described_operations(document)["update_file"]["requestBody"]
    assert patch["required"] is True
    assert patch["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/FilePatch"}
    assert document["components"]["schemas"]["FilePatch"]["additionalProperties"] is False


def test_response_has_its_headers_and_body(document: Json) -> None:
    response = described_operations(document)["get_file"]["responses"]["200"]
    assert response["headers"]["ETag"]["required"] is True
    assert response["headers"]["Retry-After"] == {
        "description": "Seconds. The request did not wait, because too many others were waiting.",
        "required": False,
        "schema": {"type": "integer"},
    }
    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/FileResource"}
    assert "content" not in described_operations(document)["delete_file"]["responses"]["204"]


def resolve(document: Json, node: Json) -> Json:
    if "$ref" not in node:
        return node
    for key in node["$ref"].removeprefix("#/").split("/"):
        document = document[key]
    return document


def codes(schema: Json) -> set[str]:
    """Return the codes of an error response's schema."""
    alternatives = schema.get("oneOf", [schema])
    return {code for each in alternatives if "properties" in each for code in each["properties"]["error"]["enum"]}


def test_every_error_of_an_operation_is_described_with_its_message(document: Json) -> None:
    for operation in operations(app):
        responses = described_operations(document)[operation.operation_id]["responses"]
        for kind in operation.errors:
            response = resolve(document, responses[str(HTTP_STATUSES[kind])])
            assert f"- `{kind.code}`: {kind.message}" in response["description"]
            assert kind.code in codes(response["content"]["application/json"]["schema"])
        expected = {str(HTTP_STATUSES[kind]) for kind in operation.errors}
        expected |= {str(response.status_code) for response in operation.responses}
        assert set(responses) == expected


def test_every_error_code_is_in_the_document_with_its_message(document: Json) -> None:
    described = json.dumps(document)
    for kind in HTTP_STATUSES:
        assert json.dumps(f"`{kind.code}`: {kind.message}")[1:-1] in described or kind.code == "unhealthy", kind
    assert "`unhealthy`" in described


def test_responses_with_the_same_status_are_alternatives(document: Json) -> None:
    response = described_operations(document)["check_health"]["responses"]["503"]
    unhealthy, unavailable = response["content"]["application/json"]["schema"]["oneOf"]
    assert unhealthy == {"$ref": "#/components/schemas/UnhealthyResource"}
    assert codes({"oneOf": [unavailable]}) == {"unavailable"}
    assert "`unavailable`" in response["description"]
    assert response["headers"]["Cache-Control"]["required"] is False


@pytest.mark.parametrize("enum", [ComponentStatus, HistoryEventType, Order, Status])
def test_every_value_has_its_meaning(document: Json, enum: type[DescribedEnum]) -> None:
    schema = document["components"]["schemas"][enum.__name__]
    assert schema["enum"] == [member.value for member in enum]
    for member in enum:
        assert member.meaning
        assert f"- `{member}`: {member.meaning}" in schema["description"]


def test_every_error_of_a_file_has_its_message(document: Json) -> None:
    schema = document["components"]["schemas"]["FileErrorResource"]["properties"]["code"]
    kinds = [value for value in vars(core_errors).values() if isinstance(value, FileErrorKind)]
    assert {*FILE_ERRORS, OBJECT_CHANGED} == set(kinds)
    assert schema["enum"] == [kind.code for kind in FILE_ERRORS]
    for kind in FILE_ERRORS:
        assert f"- `{kind.code}`: {kind.message}" in schema["description"]


def examples(document: Json) -> Iterator[tuple[str, Json, Json]]:
    """Yield every example of a body: its place, its schema and its value."""
    for operation_id, operation in described_operations(document).items():
        described = {"request": operation.get("requestBody", {}), **operation["responses"]}
        for status, each in described.items():
            for media_type in resolve(document, each).get("content", {}).values():
                for name, example in media_type.get("examples", {}).items():
                    value = resolve(document, example)["value"]
                    yield f"{operation_id} {status} {name}", media_type["schema"], value


def validator(document: Json, schema: Json) -> jsonschema_rs.Validator:
    """Return a validator of a schema that refers to the document's components."""
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": document["components"]}, validate_formats=True
    )


def test_examples_are_as_described(document: Json) -> None:
    found = list(examples(document))
    assert len(found) > 50
    for place, schema, value in found:
        errors = [error.message for error in validator(document, schema).iter_errors(value)]
        assert errors == [], place


def test_every_response_has_examples(document: Json) -> None:
    """Of the body, if it is JSON, and of each header that is always sent."""
    for operation_id, operation in described_operations(document).items():
        for status, reference in operation["responses"].items():
            response = resolve(document, reference)
            body = response.get("content", {}).get("application/json")
            assert body is None or body["examples"], f"{operation_id} {status}"
            for name, header in response.get("headers", {}).items():
                assert "example" in header or not header["required"], f"{operation_id} {status} {name}"


def test_every_recorded_example_is_in_the_document(document: Json) -> None:
    """One of an operation, a status or an error that is no longer declared is recorded for nothing."""
    shown = {name.rpartition(" ")[0] for name, *_ in examples(document)}
    recorded = load_examples()
    for operation_id, found in recorded.operations.items():
        for example in found:
            response = described_operations(document)[operation_id]["responses"][str(example.status)]
            assert set(example.headers) <= set(response.get("headers", {}))
            assert example.body is msgspec.UNSET or f"{operation_id} {example.status}" in shown
    assert set(recorded.errors) <= set(NAMES.values())
    for kind, name in NAMES.items():
        if name in recorded.errors:
            pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(kind.message))
            assert re.fullmatch(pattern, recorded.errors[name]["message"]), name
            assert recorded.errors[name]["error"] == kind.code


def test_every_error_has_an_example(document: Json) -> None:
    assert set(document["components"]["examples"]) == {
        NAMES[kind]
        for kind in HTTP_STATUSES
        if kind is not UNHEALTHY  # its response has more fields
    }


def test_classes_with_a_schema_have_different_names() -> None:
    """A component is named after its class. Of the core, only enums are part of the description."""
    structs = [cls for cls in subclasses(msgspec.Struct) if cls.__module__.startswith("chalicelib.http")]
    enums = [
        cls for cls in subclasses(StrEnum) if cls.__module__.startswith(("chalicelib.http", "chalicelib.core"))
    ]
    names = [cls.__name__ for cls in (*structs, *enums)]
    assert len(names) > 10
    assert [name for name, count in Counter(names).items() if count > 1] == []


def subclasses(base: type) -> Iterator[type]:
    direct: list[type] = type.__subclasses__(base)
    for cls in direct:
        yield cls
        yield from subclasses(cls)


def test_error_of_no_operation_is_a_component(document: Json) -> None:
    responses = document["components"]["responses"]
    assert {"MethodNotAllowed", "RouteNotFound", "Unauthorized"} <= set(responses)
    assert responses["MethodNotAllowed"]["headers"]["Allow"]["required"] is True


def test_text_with_a_nul_character_is_not_described_as_valid(document: Json) -> None:
    """Parameters of the path and the query refuse it, because PostgreSQL can't hold it."""
    accepting = [
        f"{operation_id} {parameter['name']}"
        for operation_id, operation in described_operations(document).items()
        for parameter in operation.get("parameters", [])
        if parameter["in"] != "header" and parameter["schema"].get("type") == "string"
        if jsonschema_rs.is_valid(
            {"components": document["components"], **parameter["schema"]}, "a\0b", validate_formats=True
        )
    ]
    assert accepting == []


def test_description_without_docstrings() -> None:
    """PYTHONOPTIMIZE=2 removes them."""
    code = """
from app import app
from chalicelib.http.openapi.document import build_document
from chalicelib.http.router import operations
print(build_document(operations(app), [])["paths"]["/api/files"]["get"]["summary"])
"""
    run = subprocess.run([sys.executable, "-OO", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "list_files\n"
