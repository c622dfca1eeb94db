"""What S3 refuses of a multipart upload: the list of parts, sizes and checksums with which it is completed.

Parts are given as MiniStack's records of them (emulator/part_files.py).
"""

from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

from emulator import checksums

MIN_PART_BYTES = 5 * 1024 * 1024
"""Of every part but the last. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""
MAX_PARTS = 10_000

MALFORMED = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
WRONG_ORDER = (
    "InvalidPartOrder",
    "The list of parts was not in ascending order. Parts must be ordered by part number.",
)
WRONG_PART = (
    "InvalidPart",
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the "
    "specified entity tag may not match the part's entity tag.",
)
TOO_SMALL = ("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
"""Codes and messages of https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""


class RefusedError(Exception):
    """A request that S3 responds to with 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def find_checksum_type(algorithm: str, requested: str) -> str:
    """Return the type of the checksum of an upload that names this algorithm and type; either may be empty.

    Raises RefusedError for a type that the algorithm doesn't have.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    algorithm = algorithm or checksums.DEFAULT_ALGORITHM
    default = "FULL_OBJECT" if algorithm == checksums.DEFAULT_ALGORITHM else "COMPOSITE"
    possible = {default, "FULL_OBJECT"} if algorithm in checksums.MODELS else {default}
    if (requested or default) not in possible:
        raise RefusedError(
            "InvalidRequest",
            f"The {requested} checksum type cannot be used with the {algorithm.lower()} checksum algorithm.",
        )
    return requested or default


def select_parts(body: bytes, stored: dict[int, dict[str, Any]]) -> list[int]:
    """Return the numbers of the parts that the body of a CompleteMultipartUpload lists. Raises RefusedError."""
    parts = _read_parts(body)
    numbers = [number for number, _ in parts]
    if any(second <= first for first, second in pairwise(numbers)):
        raise RefusedError(*WRONG_ORDER)
    if not all(number in stored and _is_same(part, stored[number]) for number, part in parts):
        raise RefusedError(*WRONG_PART)
    if any(stored[number]["size"] < MIN_PART_BYTES for number in numbers[:-1]):
        raise RefusedError(*TOO_SMALL)
    return numbers


def _read_parts(body: bytes) -> list[tuple[int, dict[str, str]]]:
    """Return the number and the elements of each part. Raises RefusedError."""
    try:
        elements = [element for element in fromstring(body) if _name(element) == "Part"]
        parts = [{_name(child): child.text or "" for child in element} for element in elements]
        numbered = [(int(part["PartNumber"]), part) for part in parts if part["ETag"]]
    except (ParseError, KeyError, ValueError):
        raise RefusedError(*MALFORMED) from None
    if not 1 <= len(numbered) <= MAX_PARTS:
        raise RefusedError(*MALFORMED)
    return numbered


def _is_same(part: dict[str, str], stored: dict[str, Any]) -> bool:
    """Return whether the ETag and the checksums that the client lists are those of the part."""
    return part["ETag"].strip('"') == stored["etag"].strip('"') and all(
        part.get(f"Checksum{name}", value) == value for name, value in stored["checksums"].items()
    )


def check_size(parts: list[dict[str, Any]], headers: dict[str, str]) -> None:
    """Raise RefusedError if the client expects another size of the object."""
    expected, size = headers.get("x-amz-mp-object-size"), sum(part["size"] for part in parts)
    if expected is not None and expected != str(size):
        raise RefusedError(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: "
            f"{size}",
        )


def check_checksum(s3: Any, upload: dict[str, Any], parts: list[dict[str, Any]], headers: dict[str, str]) -> str:
    """Return the object's checksum. Raises RefusedError if the client expects another one.

    S3 verifies it only if the upload was created with the algorithm. One of the whole object needs its type.
    """
    algorithm, checksum_type = upload["checksum_algorithm"], upload["checksum_type"]
    values = [part["checksums"][algorithm] for part in parts]
    if checksum_type == "FULL_OBJECT":
        sizes = (part["size"] for part in parts)
        checksum = checksums.combine(algorithm, zip(values, sizes, strict=True))
    else:
        checksum = s3._composite_checksum(algorithm, values)
    requested, expected = headers.get("x-amz-checksum-type"), headers.get(f"x-amz-checksum-{algorithm.lower()}")
    named_type = checksum_type if upload.get("names_checksum", True) else "null"
    if requested is not None and requested.upper() != named_type:
        raise RefusedError(
            "InvalidRequest",
            f"The upload was created using the {named_type} checksum mode. The complete request must use the same "
            "checksum mode.",
        )
    has_no_type = requested is None and named_type == "FULL_OBJECT"
    if named_type != "null" and expected is not None and (expected != checksum or has_no_type):
        raise RefusedError(
            "BadDigest", f"The {algorithm.lower()} you specified did not match the calculated checksum."
        )
    return checksum


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
