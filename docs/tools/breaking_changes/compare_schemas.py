"""Compare two versions of a schema.

A difference makes a schema narrower, wider, or both. In a request only the narrower one breaks clients, which
may send what isn't allowed any more; in a response only the wider one, which clients may not expect.
"""

import operator
from collections.abc import Iterator, Mapping
from typing import Any

from docs.tools.breaking_changes.alternatives import ANY, Alternative, Schema, allowed_values, alternatives
from docs.tools.breaking_changes.changes import Change, Direction, Severity

UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
CONSTRAINTS = ("format", "pattern", "multipleOf", "uniqueItems")
"""Neither of two different values allows what the other one does."""

COMPARED = {
    *UPPER_LIMITS, *LOWER_LIMITS, *CONSTRAINTS, "type", "enum", "const", "properties", "required",
    "additionalProperties", "items", "propertyNames", "patternProperties",
}  # fmt: skip
ANNOTATIONS = {
    "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
    "externalDocs", "contentMediaType", "contentEncoding", "discriminator", "xml",
}  # fmt: skip

NARROWER = {Direction.REQUEST}
WIDER = {Direction.RESPONSE}
CHANGED = {Direction.REQUEST, Direction.RESPONSE}


class SchemaComparison:
    """The comparison of what clients send, or of what they receive, in two versions of a description."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction) -> None:
        self.old, self.new, self._direction = old, new, direction
        self._components: set[tuple[str, str]] = set()

    def compare(self, old: Schema | bool, new: Schema | bool, place: str) -> Iterator[Change]:
        """Yield the changes that clients notice. Components, which may be recursive, are compared once."""
        before, after = alternatives(old, self.old), alternatives(new, self.new)
        pairs = _pair(before, after)
        for old_one, new_one in pairs:
            yield from self._compare_pair(old_one, new_one, place)
        removed = _without(before, [old_one for old_one, _ in pairs])
        added = _without(after, [new_one for _, new_one in pairs])
        if len(removed) == len(added) == 1:
            yield from self._noticed(CHANGED, place, f"the type was {_name(removed[0])}, is {_name(added[0])}")
            return
        for alternative in removed:
            yield from self._noticed(NARROWER, place, f"{_name(alternative)} is no longer allowed")
        for alternative in added:
            yield from self._noticed(WIDER, place, f"{_name(alternative)} is new")

    def _compare_pair(self, old: Alternative, new: Alternative, place: str) -> Iterator[Change]:
        if old.component and new.component:
            if (old.component, new.component) in self._components:
                return
            self._components.add((old.component, new.component))
            renamed = "" if old.component == new.component else f", now {new.component},"
            place = f"{old.component}{renamed} in {self._direction}"
        yield from self._compare_types(old.type, new.type, place)
        for compare in (self._compare_values, self._compare_constraints, self._compare_fields, self._compare_rest):
            yield from compare(old.schema, new.schema, place)
        yield from self._compare_nested(old.schema, new.schema, place)

    def _compare_types(self, old: str, new: str, place: str) -> Iterator[Change]:
        if old != new:
            narrower = old == ANY or (old, new) == ("number", "integer")
            yield from self._noticed(NARROWER if narrower else WIDER, place, f"the type was `{old}`, is `{new}`")

    def _compare_values(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        before, after = allowed_values(old), allowed_values(new)
        if before is None or after is None:
            if before != after:
                yield from self._noticed(
                    WIDER if after is None else NARROWER,
                    place,
                    f"the values were {before or 'any'}, are {after or 'any'}",
                )
            return
        removed = [value for value in before if value not in after]
        added = [value for value in after if value not in before]
        for value in removed:
            yield Change(Severity.BREAKING, place, f"the value `{value}` was removed")
        for value in added if self._direction is Direction.RESPONSE else ():
            yield Change(Severity.WARNING, place, f"the value `{value}` is new")

    def _compare_constraints(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        for keywords, is_narrower in (
            (UPPER_LIMITS, operator.gt),
            (LOWER_LIMITS, operator.lt),
            (CONSTRAINTS, None),
        ):
            for keyword in keywords:
                before, after = old.get(keyword), new.get(keyword)
                if before == after:
                    continue
                if before is None or after is None:
                    effect = NARROWER if before is None else WIDER
                elif is_narrower:
                    effect = NARROWER if is_narrower(before, after) else WIDER
                else:
                    effect = CHANGED
                yield from self._noticed(effect, place, f"{keyword} {_was(before)}, {_is(after)}")

    def _compare_fields(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            if name not in after:
                yield Change(Severity.BREAKING, place, f"the field `{name}` was removed")
            elif name in is_required - was_required:
                yield from self._noticed(NARROWER, place, f"the field `{name}` is required now")
            elif name in was_required - is_required:
                yield from self._noticed(WIDER, place, f"the field `{name}` may be missing now")
        for name in after:
            if name not in before and name in is_required:
                yield from self._noticed(NARROWER, place, f"the field `{name}` is new and required")

    def _compare_nested(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """Compare the schemas of fields and items. That responses have more fields is no change."""
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before:
            if name in after:
                yield from self.compare(before[name], after[name], f"{place}, `{name}`")
        if "items" in old or "items" in new:
            yield from self.compare(old.get("items", True), new.get("items", True), f"{place}, each item")
        yield from self._compare_names(old, new, place)
        others = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if others[1] is False and others[0] is not False:
            yield from self._noticed(NARROWER, place, "other fields are refused now")
        elif others[0] is not False and others != (True, True):
            yield from self.compare(*others, f"{place}, other fields")

    def _compare_names(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        """Compare the schemas of fields that are described by the pattern of their names."""
        if "propertyNames" in old or "propertyNames" in new:
            names = old.get("propertyNames", True), new.get("propertyNames", True)
            yield from self.compare(*names, f"{place}, each name")
        like_before, like_now = old.get("patternProperties", {}), new.get("patternProperties", {})
        for pattern in like_before:
            if pattern in like_now:
                fields = like_before[pattern], like_now[pattern]
                yield from self.compare(*fields, f"{place}, fields like `{pattern}`")
            else:
                yield Change(Severity.BREAKING, place, f"fields like `{pattern}` were removed")

    def _compare_rest(self, old: Schema, new: Schema, place: str) -> Iterator[Change]:
        default = old.get("default"), new.get("default")
        if default[0] != default[1] and self._direction is Direction.REQUEST:
            yield Change(Severity.WARNING, place, f"the default {_was(default[0])}, {_is(default[1])}")
        for keyword in sorted((old.keys() | new.keys()) - COMPARED - ANNOTATIONS):
            if old.get(keyword) != new.get(keyword) and not keyword.startswith("x-"):
                yield Change(Severity.WARNING, place, f"`{keyword}` has changed in a way that isn't compared")

    def _noticed(self, effect: set[Direction], place: str, what: str) -> Iterator[Change]:
        if self._direction in effect:
            yield Change(Severity.BREAKING, place, what)


def _pair(before: list[Alternative], after: list[Alternative]) -> list[tuple[Alternative, Alternative]]:
    """Return each old alternative with the new one that corresponds to it, if one does."""
    left = list(after)
    pairs: list[tuple[Alternative, Alternative]] = []
    for similar in (_is_equal, _has_name, _has_type, _has_similar_type):
        for old in _without(before, [paired for paired, _ in pairs]):
            match = next((new for new in left if similar(old, new)), None)
            if match is not None:
                left = _without(left, [match])
                pairs.append((old, match))
    return pairs


def _is_equal(old: Alternative, new: Alternative) -> bool:
    return old == new


def _has_name(old: Alternative, new: Alternative) -> bool:
    return old.component is not None and (old.component, old.type) == (new.component, new.type)


def _has_type(old: Alternative, new: Alternative) -> bool:
    return old.type == new.type


def _has_similar_type(old: Alternative, new: Alternative) -> bool:
    return ANY in {old.type, new.type} or {old.type, new.type} == {"integer", "number"}


def _without(all_of_them: list[Alternative], some: list[Alternative]) -> list[Alternative]:
    identities = {id(one) for one in some}
    return [one for one in all_of_them if id(one) not in identities]


def _name(alternative: Alternative) -> str:
    return f"`{alternative.component or alternative.type}`"


def _was(value: object) -> str:
    return "is new" if value is None else f"was {value}"


def _is(value: object) -> str:
    return "is removed" if value is None else f"is {value}"
