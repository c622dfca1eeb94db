"""Decide whether a file's content contradicts its declared type or its extension."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from chalicelib.core.media_types.extensions import compressed_content_type, type_of_extension
from chalicelib.core.media_types.mismatch_tables import (
    ACCEPTED_NAMES,
    ALIKE_TEXT_FORMATS,
    ALWAYS_DETECTED,
    CONTAINERS,
    DETECTED_ZIPS,
    FAMILIES,
    MEDIA_PREFIXES,
    OWN_FORMATS,
    TEXT_FORMATS,
    TEXT_TYPES,
    TEXTUAL_MEDIA,
    TEXTUAL_SUFFIXES,
    UNSPECIFIC,
    ZIP_BASED,
)
from chalicelib.core.media_types.names import UNKNOWN, ZIP, essence


def is_mismatch(
    name: str, declared: str | None, detected: str | None, *, result: Mapping[str, Any] | None = None
) -> bool:
    """Return whether the content contradicts the declared type or the type of the name's extension.

    A compressed file may be declared by the type of its contents: urllib3 and the AWS CLI declare `a.csv.gz` as
    `text/csv`, as Python's `mimetypes` does.
    """
    looked_inside = "directory_too_large" not in (result or {}).get("archive", {})
    if conflicts(type_of_extension(name), detected, looked_inside):
        return True
    is_contents_type = declared is not None and essence(declared) == compressed_content_type(name)
    return not is_contents_type and conflicts(declared, detected, looked_inside)


@lru_cache(maxsize=1024)  # a list of files repeats the same few pairs
def conflicts(claimed: str | None, detected: str | None, looked_inside: bool = True) -> bool:
    """Return whether the detected type shows that the claimed one is wrong, as a person would judge.

    Any text may be called `text/plain`, and what is detected as plain text or a table may be any text; but JSON
    isn't CSV, and a page isn't a drawing. A text or an archive may be the file of an application that isn't known
    here. A document that is a zip inside may be called one; audio in a container may be called a video. Nothing
    conflicts with a claim of "some bytes", and such a detected type conflicts only with formats that are always
    detected. A plain zip is none of those that are detected by their entries, if its directory was read
    (`looked_inside`).
    """
    if claimed is None or detected is None:
        return False
    claimed, detected = essence(claimed), essence(detected)
    if detected == UNKNOWN:
        return claimed in ALWAYS_DETECTED or _is_one_of(claimed, DETECTED_ZIPS)
    if not UNSPECIFIC.isdisjoint({claimed, detected}) or _is_compatible(claimed, detected):
        return False
    if detected == ZIP and _is_zip(claimed):
        return looked_inside and _is_one_of(claimed, DETECTED_ZIPS)
    if _is_text(detected):
        return not _may_be_text(claimed) or _differ_in_format(claimed, detected)
    is_unknown_application = not (
        _is_text(claimed) or claimed.startswith(MEDIA_PREFIXES) or _has_its_own_format(claimed)
    )
    return not (is_unknown_application and detected in CONTAINERS)


def _is_compatible(claimed: str, detected: str) -> bool:
    return (
        claimed.replace("/x-", "/") == detected.replace("/x-", "/")
        or _is_one_of(claimed, ACCEPTED_NAMES.get(detected, ()))
        or any(_is_one_of(claimed, family) and _is_one_of(detected, family) for family in FAMILIES)
        or _share_container(claimed, detected)
        or (claimed == ZIP and _is_zip(detected))
    )


def _is_one_of(media_type: str, names: Iterable[str]) -> bool:
    return any(media_type == name or (name[-1] in "-./" and media_type.startswith(name)) for name in names)


def _share_container(claimed: str, detected: str) -> bool:
    top_levels, _, subtypes = zip(claimed.partition("/"), detected.partition("/"), strict=True)
    return set(top_levels) == {"audio", "video"} and subtypes[0] == subtypes[1]


def _is_zip(media_type: str) -> bool:
    return media_type == ZIP or (not _is_text(media_type) and any(mark in media_type for mark in ZIP_BASED))


def _has_its_own_format(media_type: str) -> bool:
    return _is_one_of(media_type, OWN_FORMATS) or _is_zip(media_type)


def _is_text(media_type: str) -> bool:
    return media_type.endswith(TEXTUAL_SUFFIXES) or _is_one_of(media_type, TEXT_TYPES)


def _may_be_text(media_type: str) -> bool:
    if _is_text(media_type) or _is_one_of(media_type, TEXTUAL_MEDIA):
        return True
    return not (media_type.startswith(MEDIA_PREFIXES) or _has_its_own_format(media_type))


def _differ_in_format(claimed: str, detected: str) -> bool:
    formats = _text_format(claimed), _text_format(detected)
    # That a text is a table is a guess.
    return (
        None not in formats
        and len(set(formats)) > 1
        and formats[1] != "table"
        and set(formats) not in ALIKE_TEXT_FORMATS
    )


def _text_format(media_type: str) -> str | None:
    return next((name for name, suffixes in TEXT_FORMATS.items() if media_type.endswith(suffixes)), None)
