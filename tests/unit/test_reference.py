"""docs/reference/api.md says what docs/reference/openapi.json does. test_docs.py checks that both are current."""

import json
import re
from typing import Any

import pytest

from docs.tools.api_page import links
from docs.tools.api_page.operations import operations_of
from docs.tools.api_page.page import render_page
from docs.tools.reference import REFERENCE

TEXT = {"type": "string"}


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads((REFERENCE / "openapi.json").read_text())


def test_every_operation_has_an_example(document: Any) -> None:
    for _, path, operation in operations_of(document):
        if operation["tags"] != ["Web page"] and not path.startswith("/api/docs"):  # for browsers
            assert "```console\n$ curl " in operation["description"], operation["operationId"]


def test_descriptions_have_no_links_to_pages(document: Any) -> None:
    """They are shown by the service, which doesn't have the pages."""
    assert not re.findall(r"\]\([^)]*\)", json.dumps(document))


def test_links_belong_to_something_in_the_document(document: Any) -> None:
    schemas = document["components"]["schemas"]
    operations = {operation["operationId"] for *_, operation in operations_of(document)}
    fields = {f"{name}.{field}" for name, schema in schemas.items() for field in schema.get("properties", ())}
    assert links.PAGES.keys() <= schemas.keys()
    assert links.OF_OPERATIONS.keys() <= operations
    assert {".".join(field.split(".")[:2]) for field in links.OF_FIELDS} <= fields
    page = (REFERENCE / "api.md").read_text()
    for words, target in links.OF_FIELDS.values():
        assert f"[{words}]({target})" in page


def test_headings_have_different_anchors() -> None:
    headings = re.findall(r"^#+ (.+)$", (REFERENCE / "api.md").read_text(), re.MULTILINE)
    assert len({heading.lower() for heading in headings}) == len(headings)


def small_document(**operation: Any) -> dict[str, Any]:
    """Return a description with one operation."""
    return {
        "info": {"description": "An API."},
        "tags": [{"name": "Things", "description": "All of them."}],
        "paths": {
            "/things": {
                "get": {"operationId": "list_things", "tags": ["Things"], "summary": "List things"} | operation
            }
        },
        "components": {
            "schemas": {
                "ThingResource": {
                    "description": "A thing.",
                    "type": "object",
                    "properties": {
                        "name": {**TEXT, "description": "What it's called."},
                        "kind": {"enum": ["a|b", "c"], "description": "Its kind.\n\n- `c`: the third."},
                        "parent": {"anyOf": [{"$ref": "#/components/schemas/Parent"}, {"type": "null"}]},
                    },
                    "required": ["name", "parent"],
                },
                "Parent": {
                    "description": "What it is in.",
                    "type": "object",
                    "properties": {
                        "count": {"type": "integer", "minimum": 0, "maximum": 9, "description": "How many."}
                    },
                    "required": ["count"],
                },
                "ErrorResource": {"type": "object"},
            }
        },
    }


def error_response(*codes: str) -> dict[str, Any]:
    schema = {
        "$ref": "#/components/schemas/ErrorResource",
        "properties": {"error": {"type": "string", "enum": list(codes)}},
    }
    examples = {code: {"value": {"error": code, "message": f"It is {code}."}} for code in codes}
    return {"description": "Errors.", "content": {"application/json": {"schema": schema, "examples": examples}}}


THINGS = {
    "description": "Some things.",
    "headers": {"Link": {"description": "The next page.", "required": False, "schema": TEXT}},
    "content": {
        "application/json": {
            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/ThingResource"}},
            "examples": {
                "things": {"value": [{"name": "größer", "parent": {"count": 1}}]},
                "something else": {"value": [{"name": "longer, but not a thing: it has no parent"}]},
            },
        }
    },
}


def test_fields_of_objects_are_rows_of_the_table() -> None:
    page = render_page(small_document(responses={"200": THINGS}))
    assert (
        """\
| field | type | meaning |
| --- | --- | --- |
| `name` | string | What it's called. |
| `kind` (optional) | one of `a\\|b`, `c` | Its kind. |
| `parent` | object or null | What it is in. |
| `parent.count` | integer, 0 to 9 | How many. |
"""
        in page
    )


def test_responses_have_headers_and_link_to_their_resource() -> None:
    page = render_page(small_document(responses={"200": THINGS}))
    assert (
        "| 200 | Some things. | `Link` (optional): The next page. | array of [thing resource](#thing-resource) |"
        in page
    )


def test_a_resource_has_an_example_from_a_response() -> None:
    page = render_page(small_document(responses={"200": THINGS}))
    assert (
        """```json
{
  "name": "größer",
  "parent": {"count": 1}
}
```"""
        in page
    )


def test_parameters_have_their_limits_and_defaults() -> None:
    limit = {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": 5, "default": 2},
    }
    header = {"name": "If-Match", "in": "header", "required": True, "schema": TEXT, "description": "A\ntag."}
    page = render_page(small_document(parameters=[limit, header], responses={}))
    assert "| `limit` | integer, 1 to 5 | `2` |  |\n| `If-Match` (header) | string | required | A tag. |\n" in page


def test_titled_paragraphs_come_after_the_tables() -> None:
    page = render_page(small_document(description="First.\n\n**Long polls.** Later.", responses={"200": THINGS}))
    assert page.index("First.") < page.index("| 200 | Some") < page.index("**Long polls.** Later.")


def test_errors_of_all_operations_are_told_once() -> None:
    document = small_document(responses={"200": THINGS, "400": error_response("bad", "worse")})
    document["paths"]["/others"] = {
        "get": {
            "operationId": "list_others",
            "tags": ["Things"],
            "summary": "List others",
            "responses": {"400": error_response("bad"), "404": error_response("not_found")},
        }
    }
    page = render_page(document)
    assert "[Errors](errors.md): 400 `worse`; and those of [any request](#errors)." in page
    assert "[Errors](errors.md): 404 `not_found`; and those of [any request](#errors)." in page
    assert page.endswith(
        "| 400 | `bad` | all | It is bad. |\n"
        "| 400 | `worse` | some | It is worse. |\n"
        "| 404 | `not_found` | some | It is not_found. |\n"
    )
