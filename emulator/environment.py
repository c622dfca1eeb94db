"""The environment variables with which the emulator and its child processes run.

A developer's environment is made for other servers: a proxy, a profile of an AWS account, a default database.
None of it may reach the clients of the emulator's own servers, which are in many processes. So it is removed once,
where the first of them begins, and every child inherits the rest. Tests do the same (tests/conftest.py).
"""

import os
from collections.abc import Iterator, Mapping

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    # Else boto3 would read ~/.aws, where a broken file or a setting such as `endpoint_url` also counts.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""MiniStack's credentials, and what keeps boto3 from looking for others."""

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1", "[::1]")
"""The last as Python's urllib takes it from a URL."""

MINISTACK_PREFIXES = ("MINISTACK_", "LOCALSTACK_", "LAMBDA_")
MINISTACK_VARIABLES = frozenset({"AUTH", "EDGE_PORT", "USE_SSL"})
"""Settings of MiniStack that a developer may have set for it or for LocalStack, such as how functions run."""

MALLOC_VARIABLES = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), "131072")
"""The defaults with which glibc begins. It raises them with the blocks that a program frees, and then keeps the
memory of later files and requests: mallopt(3)."""

PYTHON_VARIABLES = frozenset({"PYTHONSAFEPATH", "PYTHONINSPECT", "PYTHONOPTIMIZE"})
"""With these, `python -m` doesn't find the modules of the current directory, doesn't end with its program, or
removes the docstrings, which the API's description is made of."""


def clean_process_environment() -> None:
    """Replace this process's environment variables by `clean_environment`."""
    cleaned = clean_environment(os.environ)
    os.environ.clear()
    os.environ.update(cleaned)


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what leads clients to other servers than the emulator's.

    What belongs to a server that the developer names with DATABASE_URL or AWS_ENDPOINT_URL stays.
    """
    cleaned = {name: value for name, value in environ.items() if name not in PYTHON_VARIABLES}
    if not environ.get("DATABASE_URL"):
        cleaned = without_database_defaults(cleaned)
    if not environ.get("AWS_ENDPOINT_URL"):
        cleaned = without_real_credentials(cleaned)
    return {**cleaned, **_no_proxy_for_loopback(cleaned)}


def without_database_defaults(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the variables from which PostgreSQL's programs and libpq take defaults.

    They begin with PG: https://www.postgresql.org/docs/18/libpq-envars.html
    """
    return {name: value for name, value in environ.items() if not name.startswith("PG")}


def without_real_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with MiniStack's credentials, and without any variable that may lead to real ones."""
    kept = {name: value for name, value in environ.items() if not name.startswith("AWS_")}
    return {**kept, **CREDENTIALS}


def with_freed_memory_returned(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with which a Python process returns large blocks to the system once it frees them."""
    return {**MALLOC_VARIABLES, **environ}


def without_ministack_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without MiniStack's settings, except for those whose names other programs use too."""
    return {
        name: value
        for name, value in environ.items()
        if name not in MINISTACK_VARIABLES and not name.startswith(MINISTACK_PREFIXES)
    }


def _no_proxy_for_loopback(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `no_proxy` with the names of this machine added, in both spellings, because programs read either.

    Without it, urllib, requests and botocore would ask the proxy for a server on 127.0.0.1.
    """
    names = list(_split(environ.get("no_proxy") or environ.get("NO_PROXY") or ""))
    if "*" not in names:
        names += [name for name in LOOPBACK_NAMES if name not in names]
    return dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(names))


def _split(names: str) -> Iterator[str]:
    return (name.strip() for name in names.split(",") if name.strip())
