"""The report of changes that break clients of the previous version of the API."""

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from docs.tools.api_page.errors import error_codes
from docs.tools.api_page.operations import operations_of
from docs.tools.breaking_changes import __main__ as breaking_changes
from docs.tools.breaking_changes.__main__ import DESCRIPTION, PROJECT, main, report
from docs.tools.breaking_changes.changes import Direction, Severity
from docs.tools.breaking_changes.compare_documents import compare_documents
from docs.tools.breaking_changes.compare_schemas import SchemaComparison

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NULL = {"type": "null"}


def thing(**fields: Any) -> dict[str, Any]:
    """Return the schema of an object whose fields are all required."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def without(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != keyword}


def description(
    *, sent: Any = TEXT, received: Any = TEXT, components: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return a description with one operation, which receives one schema and responds with another."""
    return {
        "openapi": "3.1.0",
        "info": {"version": "1.2.3"},
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
                "put": {
                    "operationId": "put_thing",
                    "parameters": [{"name": "limit", "in": "query", "schema": {**NUMBER, "default": 100}}],
                    "requestBody": {"content": {"application/json": {"schema": sent}}},
                    "responses": {
                        "200": {
                            "headers": {"ETag": {"required": True, "schema": TEXT}},
                            "content": {"application/json": {"schema": received}},
                        },
                        "404": error("gone", "not_found"),
                    },
                },
            },
        },
        "components": {"schemas": components or {}},
    }


def error(*codes: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": thing(error={"enum": list(codes)})}}}


NOW_A_NUMBER = ["the type was `string`, is `integer`"]
A_NOW_A_NUMBER = ["`a`: the type was `string`, is `integer`"]
NOW_NULL = ["the type was `string`, is `null`"]
B_REMOVED = ["the field `b` was removed"]

SCHEMAS = [
    # before, after, what is reported of it in requests, what in responses
    (TEXT, TEXT, [], []),
    (TEXT, {**TEXT, "description": "other words", "title": "Text"}, [], []),
    (TEXT, NUMBER, NOW_A_NUMBER, NOW_A_NUMBER),
    (NUMBER, {"type": "number"}, [], ["the type was `integer`, is `number`"]),
    ({"type": "number"}, NUMBER, ["the type was `number`, is `integer`"], []),
    (TEXT, {}, [], ["the type was `string`, is `any type`"]),
    (True, TEXT, ["the type was `any type`, is `string`"], []),
    (TEXT, {"type": ["string", "null"]}, [], ["`null` is new"]),
    ({"type": ["string", "null"]}, TEXT, ["`null` is no longer allowed"], []),
    ({"type": ["string", "null"]}, {"anyOf": [TEXT, NULL]}, [], []),
    ({"anyOf": [TEXT, NULL]}, {"oneOf": [NULL, TEXT]}, [], []),
    ({"anyOf": [TEXT, NUMBER]}, {"anyOf": [NUMBER, NULL]}, NOW_NULL, NOW_NULL),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}, [], []),
    ({"enum": ["a", "b"]}, {"enum": ["a"]}, ["the value `b` was removed"], ["the value `b` was removed"]),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, [], ["warning: the value `b` is new"]),
    ({"const": "a"}, {"enum": ["a"]}, [], []),
    ({"type": "number", "enum": [1]}, {"type": "number", "enum": [1, 2]}, [], ["warning: the value `2` is new"]),
    ({"enum": ["a", None]}, {"anyOf": [{"const": "a"}, NULL]}, [], []),
    (TEXT, {"enum": ["a"]}, ["the values were any, are ['a']"], []),
    ({"enum": ["a"]}, TEXT, [], ["the values were ['a'], are any"]),
    ({**NUMBER, "maximum": 9}, {**NUMBER, "maximum": 5}, ["maximum was 9, is 5"], []),
    ({**NUMBER, "maximum": 5}, {**NUMBER, "maximum": 9}, [], ["maximum was 5, is 9"]),
    (NUMBER, {**NUMBER, "maximum": 5}, ["maximum is new, is 5"], []),
    ({**NUMBER, "minimum": 0}, {**NUMBER, "minimum": 1}, ["minimum was 0, is 1"], []),
    ({**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 0}, [], ["minimum was 1, is 0"]),
    ({**TEXT, "maxLength": 9}, TEXT, [], ["maxLength was 9, is removed"]),
    (TEXT, {**TEXT, "pattern": "^a"}, ["pattern is new, is ^a"], []),
    ({**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^b"}, ["pattern was ^a, is ^b"], ["pattern was ^a, is ^b"]),
    ({**TEXT, "format": "uuid"}, TEXT, [], ["format was uuid, is removed"]),
    ({**NUMBER, "default": 1}, {**NUMBER, "default": 2}, ["warning: the default was 1, is 2"], []),
    ({**NUMBER, "default": 0}, NUMBER, ["warning: the default was 0, is removed"], []),
    (thing(a=TEXT, b=TEXT), thing(a=TEXT), B_REMOVED, B_REMOVED),
    (thing(a=TEXT), thing(a=TEXT, b=TEXT), ["the field `b` is new and required"], []),
    (thing(a=TEXT), {**thing(a=TEXT, b=TEXT), "required": ["a"]}, [], []),
    (thing(a=TEXT), without(thing(a=TEXT), "required"), [], ["the field `a` may be missing now"]),
    (without(thing(a=TEXT), "required"), thing(a=TEXT), ["the field `a` is required now"], []),
    (thing(a=TEXT), thing(a=NUMBER), A_NOW_A_NUMBER, A_NOW_A_NUMBER),
    (thing(), {**thing(), "additionalProperties": False}, ["other fields are refused now"], []),
    ({**thing(), "additionalProperties": False}, thing(), [], []),
    (
        thing(),
        {**thing(), "propertyNames": {"pattern": "^a"}},
        ["each name: pattern is new, is ^a"],
        [],
    ),
    (
        {**thing(), "patternProperties": {"^a": TEXT, "^b": TEXT}},
        {**thing(), "patternProperties": {"^a": {**TEXT, "maxLength": 9}}},
        ["fields like `^a`: maxLength is new, is 9", "fields like `^b` were removed"],
        ["fields like `^b` were removed"],
    ),
    (
        {**thing(), "additionalProperties": NUMBER},
        {**thing(), "additionalProperties": {"type": "number"}},
        [],
        ["other fields: the type was `integer`, is `number`"],
    ),
    (
        {"type": "array", "items": thing(a=TEXT)},
        {"type": "array", "items": thing()},
        ["each item: the field `a` was removed"],
        ["each item: the field `a` was removed"],
    ),
    ({"allOf": [thing(a=TEXT), thing(b=TEXT)]}, thing(a=TEXT, b=TEXT), [], []),
    ({"allOf": [thing(a=TEXT), thing(a={"enum": ["x"]})]}, thing(a={**TEXT, "enum": ["x"]}), [], []),
    ({"allOf": [thing(a=TEXT), thing(b=TEXT)]}, thing(a=TEXT), B_REMOVED, B_REMOVED),
    (
        TEXT,
        {**TEXT, "not": {"const": "a"}},
        ["warning: `not` has changed in a way that isn't compared"],
        ["warning: `not` has changed in a way that isn't compared"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "in_requests", "in_responses"), SCHEMAS)
def test_a_change_of_a_schema(before: Any, after: Any, in_requests: list[str], in_responses: list[str]) -> None:
    assert changes(before, after, Direction.REQUEST) == in_requests
    assert changes(before, after, Direction.RESPONSE) == in_responses


def changes(before: Any, after: Any, direction: Direction) -> list[str]:
    found = SchemaComparison({}, {}, direction).compare(before, after, "")
    return [
        ("warning: " if change.severity is Severity.WARNING else "")
        + f"{change.place}: {change.what}".removeprefix(", ").removeprefix(": ")
        for change in found
    ]


def changed(document: dict[str, Any], *path: Any, to: Any = None) -> dict[str, Any]:
    """Return a copy in which a member has another value, or is missing."""
    copy = deepcopy(document)
    *parents, last = path
    node: Any = copy
    for step in parents:
        node = node[step]
    if to is None:
        del node[last]
    else:
        node[last] = to
    return copy


PUT = ("paths", "/things/{id}", "put")
OK = (*PUT, "responses", "200")
KEY: dict[str, list[str]] = {"ApiKey": []}
REQUIRED = {"name": "q", "in": "query", "required": True, "schema": TEXT}
OPTIONAL = {"name": "q", "in": "query", "schema": TEXT}


@pytest.mark.parametrize(
    ("path", "to", "expected"),
    [
        (PUT, None, ["the operation: was removed"]),
        (("paths", "/others"), {"get": {"responses": {}}}, []),
        ((*PUT, "operationId"), "replace_thing", ["warning: operationId: was `put_thing`, is `replace_thing`"]),
        ((*PUT, "summary"), "Other words", []),
        ((*PUT, "parameters"), [], ["the query parameter `limit`: was removed"]),
        ((*PUT, "parameters", 0, "name"), "size", ["the query parameter `limit`: was removed"]),
        ((*PUT, "parameters", 0, "in"), "header", ["the query parameter `limit`: was removed"]),
        ((*PUT, "parameters", 0, "required"), True, ["the query parameter `limit`: is required now"]),
        ((*PUT, "parameters", 0, "explode"), False, ["the query parameter `limit`: explode was None, is False"]),
        (
            (*PUT, "parameters", 0, "schema"),
            {**NUMBER, "default": 100, "maximum": 9},
            ["the query parameter `limit`: maximum is new, is 9"],
        ),
        (
            (*PUT, "parameters", 0, "schema", "default"),
            50,
            ["warning: the query parameter `limit`: the default was 100, is 50"],
        ),
        ((*PUT, "requestBody"), None, ["the request body: was removed"]),
        ((*PUT, "requestBody", "required"), True, ["the request body: is required now"]),
        (
            (*PUT, "requestBody", "content"),
            {"text/csv": {}},
            ["the request body: application/json was removed"],
        ),
        ((*PUT, "requestBody", "content", "text/csv"), {"schema": TEXT}, []),
        (OK, None, ["the response 200: was removed"]),
        ((*PUT, "responses", "202"), {}, ["warning: the response 202: is new"]),
        ((*PUT, "responses", "409"), error("conflict"), []),
        ((*OK, "content"), {"text/csv": {}}, ["the response 200: application/json was removed"]),
        ((*OK, "headers"), None, ["the response 200: the header `ETag` was removed"]),
        ((*OK, "headers"), {"etag": {"required": True, "schema": TEXT}}, []),
        ((*OK, "headers", "ETag", "required"), False, ["the response 200: the header `ETag` may be missing now"]),
        (
            (*OK, "headers", "ETag", "schema"),
            NUMBER,
            ["the response 200, the header `ETag`: the type was `string`, is `integer`"],
        ),
        ((*PUT, "responses", "404"), error("gone", "not_found", "hidden"), []),
        ((*PUT, "responses", "404"), error("not_found"), ["the error code `gone`: was removed"]),
        ((*PUT, "responses", "404"), error("was_here", "not_found"), ["the error code `gone`: was removed"]),
        (
            (*PUT, "responses"),
            {
                **description()["paths"]["/things/{id}"]["put"]["responses"],
                "404": error("not_found"),
                "410": error("gone"),
            },
            ["the error code `gone`: had the status 404, has 410"],
        ),
        (("security",), [KEY], ["security: no credentials are no longer enough"]),
        (("security",), [{}, KEY], []),
    ],
)  # fmt: skip
def test_a_change_of_an_operation(path: tuple[Any, ...], to: Any, expected: list[str]) -> None:
    before = description()
    lines = report(before, changed(before, *path, to=to))
    severities = [line if line.startswith("warning: ") else f"breaking: {line}" for line in expected]
    assert lines == [f"{line} (PUT /things/{{id}})" for line in severities]


def test_a_new_parameter_breaks_clients_only_if_it_is_required() -> None:
    before = description()
    limit = before["paths"]["/things/{id}"]["put"]["parameters"][0]
    optional = changed(before, *PUT, "parameters", to=[limit, OPTIONAL])
    required = changed(before, *PUT, "parameters", to=[limit, REQUIRED])
    assert report(before, optional) == []
    assert report(before, required) == [
        "breaking: the query parameter `q`: is new and required (PUT /things/{id})"
    ]


def test_the_name_of_a_path_parameter_is_not_seen_by_clients() -> None:
    before = description()
    after = json.loads(json.dumps(before).replace("{id}", "{thing_id}").replace('"id"', '"thing_id"'))
    assert report(before, after) == []


def test_a_path_parameter_is_compared_by_its_position() -> None:
    before = description()
    after = changed(before, "paths", "/things/{id}", "parameters", 0, "schema", to=NUMBER)
    assert report(before, after) == [
        "breaking: the path parameter `id`: the type was `string`, is `integer` (PUT /things/{id})"
    ]


def test_a_change_of_a_component_is_one_line_with_its_operations() -> None:
    reference = {"$ref": "#/components/schemas/Thing"}
    before = description(received=reference, components={"Thing": thing(a=TEXT, b=TEXT)})
    for number in range(4):
        before["paths"][f"/others/{number}"] = {
            "get": {"responses": {"200": {"content": {"application/json": {"schema": reference}}}}}
        }
    after = changed(before, "components", "schemas", "Thing", to=thing(a=TEXT))
    assert report(before, after) == [
        "breaking: Thing in responses: the field `b` was removed "
        "(PUT /things/{id}, GET /others/0, GET /others/1 and 2 more)"
    ]


def test_a_component_that_is_sent_and_received_is_compared_in_both_directions() -> None:
    described = {"allOf": [{"$ref": "#/components/schemas/Thing"}], "description": "A thing."}
    reference = {"anyOf": [described, NULL]}
    before = description(sent=reference, received=reference, components={"Thing": thing(a=NUMBER)})
    wider = changed(before, "components", "schemas", "Thing", to=thing(a={"type": "number"}))
    [line] = report(before, wider)
    assert line.startswith("breaking: Thing in responses, `a`: the type was `integer`, is `number`")
    [line] = report(wider, before)
    assert line.startswith("breaking: Thing in requests, `a`: the type was `number`, is `integer`")


def test_a_component_with_another_name_is_the_same_on_the_wire() -> None:
    before = description(received={"$ref": "#/components/schemas/Thing"}, components={"Thing": thing(a=TEXT)})
    after = json.loads(json.dumps(before).replace("Thing", "Item"))
    assert report(before, after) == []
    assert report(before, changed(before, *OK, "content", "application/json", "schema", to=thing(a=TEXT))) == []


def test_another_component_is_named() -> None:
    before = description(
        received={"$ref": "#/components/schemas/Thing"},
        components={"Thing": thing(a=TEXT, b=TEXT), "Part": thing(a=TEXT)},
    )
    after = changed(before, *OK, "content", "application/json", "schema", "$ref", to="#/components/schemas/Part")
    assert report(before, after) == [
        "breaking: Thing, now Part, in responses: the field `b` was removed (PUT /things/{id})"
    ]


def test_an_error_may_join_another_one_of_its_status() -> None:
    after = description()
    responses = after["paths"]["/things/{id}"]["put"]["responses"]
    schema = responses["404"]["content"]["application/json"]["schema"]
    others = error("not_here")["content"]["application/json"]["schema"]
    before = deepcopy(after)
    responses["404"]["content"]["application/json"]["schema"] = {"oneOf": [schema, others]}
    assert report(before, after) == []
    assert report(after, before) == ["breaking: the error code `not_here`: was removed (PUT /things/{id})"]


def test_codes_of_no_operation_are_missed(api: dict[str, Any]) -> None:
    schema = ("components", "responses", "MethodNotAllowed", "content", "application/json", "schema")
    after = changed(api, *schema, "properties", "error", "enum", to=["wrong_method"])
    assert report(api, after) == ["breaking: the error code `method_not_allowed`: was removed (no operation)"]


def test_alternatives_are_compared_with_those_of_the_same_name() -> None:
    one, other = ({"$ref": f"#/components/schemas/{name}"} for name in ("One", "Other"))
    before = description(
        received={"oneOf": [one, other]}, components={"One": thing(a=TEXT, d=TEXT), "Other": thing(b=TEXT, c=TEXT)}
    )
    after = description(
        received={"oneOf": [other, one]}, components={"One": thing(a=TEXT), "Other": thing(b=TEXT)}
    )
    assert report(before, after) == [
        "breaking: One in responses: the field `d` was removed (PUT /things/{id})",
        "breaking: Other in responses: the field `c` was removed (PUT /things/{id})",
    ]


def test_recursive_components_are_compared_once() -> None:
    parent = {"anyOf": [{"$ref": "#/components/schemas/Thing"}, NULL]}
    before = description(received=parent, components={"Thing": thing(parent=parent, a=TEXT)})
    after = changed(before, "components", "schemas", "Thing", to=thing(parent=parent))
    assert report(before, after) == ["breaking: Thing in responses: the field `a` was removed (PUT /things/{id})"]


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    """Return the description of this API."""
    document: dict[str, Any] = json.loads((PROJECT / DESCRIPTION).read_text())
    return document


def test_the_api_does_not_break_its_own_clients(api: dict[str, Any]) -> None:
    assert report(api, deepcopy(api)) == []


def test_every_field_of_the_api_is_missed(api: dict[str, Any]) -> None:
    for name, schema in api["components"]["schemas"].items():
        if "properties" in schema:
            lines = "\n".join(report(api, changed(api, "components", "schemas", name, "properties", to={})))
            fields = set(schema["properties"])
            if name == "ErrorResource":
                fields.remove("error")  # each response declares it again, with its codes
            assert {field for field in fields if f"the field `{field}` was removed" in lines} == fields, name


def test_every_parameter_status_and_code_of_the_api_is_missed(api: dict[str, Any]) -> None:
    after = deepcopy(api)
    expected = {("the error code `unhealthy`: was removed", "GET /api/health")}  # in a schema of its own
    for method, path, operation in operations_of(api):
        name = f"{method.upper()} {path}"
        for parameter in operation.get("parameters", ()):
            expected.add((f"the {parameter['in']} parameter `{parameter['name']}`: was removed", name))
        expected |= {
            (f"the response {status}: was removed", name) for status in operation["responses"] if status < "4"
        }
        for codes in error_codes(operation, api).values():
            expected |= {(f"the error code `{code}`: was removed", name) for code in codes}
        after["paths"][path][method] |= {"parameters": [], "responses": {}}
    found = {
        (f"{change.place}: {change.what}", operation)
        for operation, change in compare_documents(api, after)
        if change.severity is Severity.BREAKING
    }
    assert len(expected) > 100
    assert found == expected


def test_breaking_changes_come_first() -> None:
    before = description(received=thing(a={"enum": ["x"]}, b=TEXT))
    after = description(received=thing(a={"enum": ["x", "y"]}))
    assert [line.partition(":")[0] for line in report(before, after)] == ["breaking", "warning"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a description and of one without a field of a response."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(description(received=thing(a=TEXT))))
    new.write_text(json.dumps(description(received=thing())))
    return old, new


def test_the_exit_status_is_1_if_a_change_is_breaking(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = files
    assert main([str(old), str(new)]) == 1
    assert (
        "the field `a` was removed (PUT /things/{id})\nbreaking changes: 1, warnings: 0" in capsys.readouterr().out
    )
    assert main([str(new), str(old)]) == 0
    assert capsys.readouterr().out == "breaking changes: 0, warnings: 0\n"


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [("1.2.3", "1.3.0", 1), ("1.2.3", "2.0.0", 0), ("0.1.0", "0.1.1", 1), ("0.1.0", "0.2.0", 0)],
)
def test_a_new_major_version_may_break_clients(
    before: str, after: str, status: int, files: tuple[Path, Path]
) -> None:
    for file, version in zip(files, (before, after), strict=True):
        file.write_text(file.read_text().replace("1.2.3", version))
    assert main([str(file) for file in files]) == status


def test_the_description_of_a_commit_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(breaking_changes, "PROJECT", tmp_path)
    page = tmp_path / breaking_changes.DESCRIPTION
    page.parent.mkdir(parents=True)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "no description yet"], check=True)
    page.write_text(json.dumps(description(received=thing(a=TEXT))))
    assert main([]) == 0
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "a description"], check=True)
    page.write_text(json.dumps(description(received=thing())))
    assert main([]) == 1
    assert main(["--base", "HEAD^"]) == 0
    page.write_text(json.dumps(description(received=thing(a=TEXT, b=TEXT))))
    subprocess.run([*git, "commit", "--quiet", "--all", "--message", "a field"], check=True)
    subprocess.run([*git, "branch", "other"], check=True)
    subprocess.run([*git, "reset", "--quiet", "--hard", "HEAD^"], check=True)
    assert main(["--base", "other"]) == 0  # which has a field more since this branch left it
    page.write_text(json.dumps(description(received=thing())))
    assert main(["--base", "other"]) == 1
    with pytest.raises(SystemExit, match="no such commit: nowhere"):
        main(["--base", "nowhere"])
