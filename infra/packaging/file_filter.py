"""Which of the files that pip installs a deployed function needs."""

from pathlib import PurePosixPath

AWS_SERVICES = frozenset({"s3", "sts"})
"""The services whose descriptions botocore may load in Lambda; the others make up most of its size. A boto3 client
of a service that is missing here raises UnknownServiceError in Lambda only, so name it here when code uses it.
`sts` is what botocore asks where credentials come from an assumed role."""

_SERVICE_DATA = frozenset({("botocore", "data"), ("boto3", "data")})

_UNUSED_FOLDERS = frozenset({"test", "tests"})

_UNUSED_TREES = frozenset(
    {
        ("bin",),  # command line scripts
        ("boto3", "examples"),
        ("alembic", "testing"),
        ("aws_lambda_powertools", "event_handler"),  # with the scripts of a web page
        ("aws_lambda_powertools", "utilities", "data_classes"),
        ("aws_lambda_powertools", "utilities", "parser"),
        ("mako", "testing"),
        ("sqlalchemy", "testing"),
    }
)
"""By their full paths: other packages import their `testing` or `docs` at run time, as boto3 does its `docs`."""

_UNUSED_SUFFIXES = frozenset({".pyc", ".pyi", ".c", ".h", ".pyx", ".pxd"})

_UNUSED_NAMES = frozenset({"py.typed", "examples-1.json"})

_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def is_needed(path: PurePosixPath) -> bool:
    """Tell whether the file at this path below the package's root is of use in Lambda.

    Of a distribution's metadata, three things stay: the licence texts, since most licences allow passing the code
    on only together with them; `METADATA`, which importlib.metadata and vulnerability scanners read; and the lists
    of bundled C libraries (PEP 770), for the same scanners. Entry points go: they only announce command line tools
    and plugins for tools that aren't deployed.
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
