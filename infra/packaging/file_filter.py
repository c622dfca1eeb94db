"""Selecting the files of installed dependencies that a deployed function needs."""

from pathlib import PurePosixPath

AWS_SERVICES = frozenset({"s3", "sts"})
"""The services whose descriptions are kept for botocore; the others make up most of its size. A boto3 client of a
service that is missing here raises UnknownServiceError, and only in Lambda: add each service that code uses.
botocore uses `sts` where credentials come from an assumed role."""

_SERVICE_DATA = frozenset({("botocore", "data"), ("boto3", "data")})

_UNUSED_FOLDERS = frozenset({"test", "tests"})

_UNUSED_TREES = frozenset(
    {
        ("bin",),  # command line scripts
        ("boto3", "examples"),
        ("alembic", "testing"),
        ("mako", "testing"),
        ("olefile", "olefile2.py"),  # for Python 2: no other can compile it
        ("sqlalchemy", "testing"),
    }
)
"""Full paths, because some packages import their `testing` or `docs` at run time, as boto3 does its `docs`."""

_UNUSED_SUFFIXES = frozenset({".pyc", ".pyi", ".c", ".h", ".pyx", ".pxd"})

_UNUSED_NAMES = frozenset({"py.typed", "examples-1.json"})

_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def is_needed(path: PurePosixPath) -> bool:
    """Return whether Lambda needs the file at this path below the package's root.

    Of a distribution's metadata, three things are kept: the licence texts, since most licences require that they
    are distributed with the code; `METADATA`, which importlib.metadata and vulnerability scanners read; and the
    lists of bundled C libraries (PEP 770), for the same scanners. Entry points are dropped: they only declare
    command line tools, and plugins for tools that aren't deployed.
    """
    parts = path.parts
    if parts[0].endswith(".dist-info"):
        return parts[1] in {"METADATA", "licenses", "sboms"} or parts[1].startswith(_LICENCES)
    if parts[:2] in _SERVICE_DATA and len(parts) > 3 and parts[2] not in AWS_SERVICES:
        return False
    return not (
        path.name in _UNUSED_NAMES
        or path.suffix in _UNUSED_SUFFIXES
        or _UNUSED_FOLDERS.intersection(parts[:-1])
        or any(parts[: len(tree)] == tree for tree in _UNUSED_TREES)
    )
