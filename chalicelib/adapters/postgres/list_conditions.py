"""Which files a list has, and in which order: conditions in SQL, and their parameters."""

from datetime import datetime
from typing import Any

from msgspec import Struct
from psycopg2.extras import Json

from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import UNKNOWN_SIZE, ListQuery
from chalicelib.core.files.search_terms import (
    expected_share,
    family_term,
    name_terms,
    normalize_text,
    text_words,
    type_term,
)
from chalicelib.core.files.statuses import Status

SORT_KEYS = {
    "uploaded_at": "coalesce(files.uploaded_at, files.created_at)",
    "name": "files.name",
    "size": f"coalesce(files.size, {UNKNOWN_SIZE})",
}
"""By `Order.key`: `File.listed_at` and so on, as the indexes have them."""

OF_STATUS = "files.status = %(status)s"
OF_TYPE = "files.detected_type = %(type)s"
OF_FAMILY = "split_part(files.detected_type, '/', 1) = %(family)s"
MISMATCHED = "files.mismatch"
MATCHES = "(files.mismatch IS FALSE OR (files.mismatch IS NULL AND files.detected_type IS NULL))"
"""Null with a type means that the mismatch isn't stored yet; without one there is nothing to compare."""

HAS_NAME_PART = "files.search_name LIKE %(name_pattern)s"
HAS_NAME_PART_UNINDEXED = """
CASE WHEN files.search_name IS NULL THEN lower(files.name) LIKE lower(%(given_pattern)s)
ELSE files.search_name LIKE %(name_pattern)s END"""
"""Of files that have no terms yet, among them those of code that stores no `search_name`: such code compared names
in this way."""

HAS_WORDS = "files.search_words @@ (SELECT %(words)s::tsquery)"
"""What is searched for is in a SELECT, to hide it from the planner. It would take words for independent of each
other, expect far too few files, and leave out an index that this one has to be used with."""

HAS_METADATA = (
    "jsonb_set('{{}}'::jsonb, ARRAY[files.owner], files.metadata)"
    " @> jsonb_build_object({owner}::text, %(metadata)s::jsonb)"
)

STATUSES_IN_EACH_ORDER = frozenset({Status.FAILED, Status.REJECTED, Status.EXPIRED})
"""They have an index in each order. The others have one in the order of time: nearly all files are `processed`,
and few are on their way to it."""


class Element(Struct, frozen=True):
    """One of the terms or words that the files have.

    The share of files that have all of them is at most that of each with a weight of 0 or more, and is expected to
    be the product of all shares, each raised to its weight.
    """

    column: str
    value: str
    weight: int


class Conditions(Struct, frozen=True):
    """The conditions of a list, besides the one on the owner."""

    in_order: list[str]
    """The one, if any, whose files an index has in the list's order."""
    others: list[str]
    after: list[str]
    """The one, on all pages but the first, that a file comes after the last page's."""
    name_terms: list[int]
    """Terms of all files whose names have the part that is searched for."""
    type_terms: list[int]
    """The term of the type or the family, if the index of terms is of use for it."""
    words: list[str]
    elements: list[Element]
    """The terms and the words, which say how many files to expect."""
    is_search: bool
    """No index has the files in the list's order, so they are searched for."""
    is_of_names: bool
    """There is no condition but the one on names, which the indexes of two orders hold, too."""
    is_of_terms: bool
    """There is no condition but those on names and types, of which the index of terms has all."""
    parameters: dict[str, Any]
    """Without the owner, the terms and the words."""

    @property
    def all(self) -> list[str]:
        return [*self.in_order, *self.others, *self.after]


def list_conditions(owners: Owners, query: ListQuery) -> Conditions:
    """Return the conditions of a list. Those of all owners' lists refer to a table `owners`."""
    owner = "owners.name" if isinstance(owners, AllOwners) else "%(owner)s"
    narrow = _narrow_conditions(query)
    in_order = [condition for condition in narrow if _has_index(condition, query)][:1]
    name_part = normalize_text(query.name_contains) if query.name_contains else ""
    words = text_words(query.text) if query.text else []
    type_terms = _type_terms(query) if name_part or len(narrow) > 1 else []
    others = [condition for condition in narrow if condition not in in_order]
    if query.status is Status.PROCESSED and OF_STATUS not in narrow:
        others.append(OF_STATUS)
    if query.mismatch is False:
        others.append(MATCHES)
    if name_part:
        others.append(HAS_NAME_PART)
    if query.text:
        others.append(HAS_WORDS)
    if query.metadata:
        others.append(HAS_METADATA.format(owner=owner))
    is_search = bool(name_part or query.text or (not query.metadata and len(narrow) > len(in_order)))
    return Conditions(
        in_order=in_order,
        others=others,
        after=_after(query),
        name_terms=name_terms(name_part),
        type_terms=type_terms,
        words=words,
        elements=_elements(query, name_part, words) if name_part or type_terms or words else [],
        is_search=is_search,
        is_of_names=[*in_order, *others] == [HAS_NAME_PART] and query.order.key != "size",
        is_of_terms={*in_order, *others} <= {OF_TYPE, OF_FAMILY, HAS_NAME_PART},
        parameters=_parameters(query, name_part),
    )


def _narrow_conditions(query: ListQuery) -> list[str]:
    """Return the conditions that few files may fulfil, those first whose files an index has in each order."""
    conditions = []
    if query.type is not None:
        conditions.append(OF_FAMILY if query.type.endswith("/*") else OF_TYPE)
    if query.mismatch:
        conditions.append(MISMATCHED)
    # Nearly all files are `processed`: of use is only their index in the order of time, without another condition.
    is_narrow = query.status is not Status.PROCESSED or (not conditions and query.order.key == "uploaded_at")
    if query.status is not None and is_narrow:
        conditions.append(OF_STATUS)
    return conditions


def _has_index(condition: str, query: ListQuery) -> bool:
    return condition != OF_STATUS or query.order.key == "uploaded_at" or query.status in STATUSES_IN_EACH_ORDER


def _type_terms(query: ListQuery) -> list[int]:
    if query.type is None:
        return []
    return [family_term(query.type[:-2]) if query.type.endswith("/*") else type_term(query.type)]


def _elements(query: ListQuery, name_part: str, words: list[str]) -> list[Element]:
    return [
        *(Element("search_terms", str(term), weight) for term, weight in expected_share(name_part)),
        *(Element("search_terms", str(term), 0) for term in _type_terms(query)),
        *(Element("search_words", word, 0) for word in words),
    ]


def _after(query: ListQuery) -> list[str]:
    if query.after is None:
        return []
    comparison = "<" if query.order.descending else ">"
    return [f"({SORT_KEYS[query.order.key]}, files.id) {comparison} (%(last_key)s, %(last_id)s)"]


def _parameters(query: ListQuery, name_part: str) -> dict[str, Any]:
    parameters = _position_parameters(query)
    if query.status is not None:
        parameters["status"] = query.status
    if query.type is not None:
        parameters |= {"type": query.type, "family": query.type.removesuffix("/*")}
    if query.metadata:
        parameters["metadata"] = Json(query.metadata)
    if query.name_contains:
        parameters |= {
            "name_pattern": like_pattern(name_part),
            "given_pattern": like_pattern(query.name_contains),
        }
    return parameters


def _position_parameters(query: ListQuery) -> dict[str, Any]:
    if query.after is None:
        return {}
    key, is_time = query.after.key, query.order.key == "uploaded_at"
    return {"last_key": datetime.fromisoformat(str(key)) if is_time else key, "last_id": query.after.id}


def like_pattern(part: str) -> str:
    """Return the pattern of texts that contain this part, in which no character has a meaning of its own."""
    escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def join_conditions(conditions: list[str]) -> str:
    """Return the conditions as they follow another one."""
    return "".join(f" AND {condition}" for condition in conditions)
