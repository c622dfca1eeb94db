"""Schemas in words, and tables of their fields."""

from collections.abc import Collection, Iterable, Iterator

from docs.tools.api_page.links import OF_FIELDS, PAGES
from docs.tools.references import Node, component_name, resolve

FORMATS = {"uuid": "UUID", "date-time": "time", "uri": "URL", "binary": "bytes"}
MAX_LISTED_VALUES = 6
MAX_LISTED_NUMBER = 1_000_000
"""A limit above it is the limit of a number's type, and no reader needs it."""


def describe_type(schema: Node, document: Node) -> str:
    """Return what a value is: `integer, 1 to 1000`, `UUID or null`, `array of [file](#file-resource)`."""
    if "$ref" in schema:
        return _describe_component(component_name(schema["$ref"]), resolve(schema, document), document)
    if "anyOf" in schema:
        return " or ".join(describe_type(member, document) for member in schema["anyOf"])
    if "enum" in schema:
        values = [f"`{value}`" for value in schema["enum"]]
        if len(values) > MAX_LISTED_VALUES:
            return "string"
        return values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    if schema.get("type") == "array":
        return f"array of {describe_type(schema['items'], document)}"
    return FORMATS.get(schema.get("format", "")) or f"{schema.get('type', 'any')}{_describe_limits(schema)}"


def _describe_component(name: str, component: Node, document: Node) -> str:
    if name in PAGES:
        words, page = PAGES[name]
        return f"[{words}]({page})"
    if component.get("type") == "object":
        return link_to_section(name)
    return describe_type(component, document)


def _describe_limits(schema: Node) -> str:
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    if highest is not None and highest <= MAX_LISTED_NUMBER:
        return f", {lowest} to {highest}"
    if lowest:
        return f", from {lowest}"
    if "maxLength" in schema:
        return f", up to {schema['maxLength']} characters"
    return ""


def field_table(component: str, document: Node, without: Collection[str] = ()) -> str:
    """Return the table of a component's fields. The fields of an object in it have rows, too: `types.declared`."""
    rows = _field_rows(document["components"]["schemas"][component], component, "", document)
    wanted = (row for row in rows if row[0].strip("`") not in without)
    return table(("field", "type", "meaning"), wanted)


def _field_rows(schema: Node, component: str, prefix: str, document: Node) -> Iterator[tuple[str, ...]]:
    for name, field in schema["properties"].items():
        path = prefix + name
        nested = nested_object(field, document)
        listed = None if nested else listed_object(field, document)
        described = field if "description" in field else nested or resolve(field, document)
        meaning = first_paragraph(described.get("description", ""))
        if key := OF_FIELDS.get(f"{component}.{path}"):
            meaning += f" [{key[0]}]({key[1]})."
        optional = "" if name in schema.get("required", ()) else " (optional)"
        nullable = " or null" if {"type": "null"} in field.get("anyOf", ()) else ""
        field_type = describe_type(field, document)
        if nested or listed:
            field_type = f"{'object' if nested else 'array of objects'}{nullable}"
        yield f"`{path}`{optional}", field_type, meaning
        if inner := nested or listed:
            yield from _field_rows(inner, component, f"{path}." if nested else f"{path}[].", document)


def nested_object(field: Node, document: Node) -> Node | None:
    """Return the schema of a field that is an object with declared fields."""
    for member in field.get("anyOf", [field]):
        target = resolve(member, document)
        if "properties" in target:
            return target
    return None


def listed_object(field: Node, document: Node) -> Node | None:
    """Return the schema of the items of a field that is an array of objects with declared fields."""
    arrays = [member["items"] for member in field.get("anyOf", [field]) if "items" in member]
    return nested_object(arrays[0], document) if arrays else None


def section_title(component: str) -> str:
    """Return the heading of a component: `Timeline entry` for TimelineEntry."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in component).strip()
    return (words[0].upper() + words[1:]).replace("Open api", "OpenAPI")


def link_to_section(component: str) -> str:
    """Return a link to the section of a component."""
    title = section_title(component)
    return f"[{title[0].lower() + title[1:] if title[1].islower() else title}](#{title.lower().replace(' ', '-')})"


def first_paragraph(description: str) -> str:
    """Return a description without its list of values, in one line."""
    return description.partition("\n\n")[0].replace("\n", " ")


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return (
        "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines) + "\n"
    )
