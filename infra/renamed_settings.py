"""Earlier names of settings, which the service and the deployment refuse."""

from collections.abc import Iterator, Mapping

RENAMED_VARIABLES = {
    "DEAD_LETTERS": "DEAD_LETTER_QUEUE",
    "DIGEST_LIMIT": "MAX_CHECKSUM_BYTES",
    "DIRECT_LIMIT": "MAX_UPLOAD_BYTES",
    "OWNER": "DEFAULT_OWNER",
    "SWEEP_AFTER": "SWEEP_GRACE_SECONDS",
    "UNWELL_AFTER": "HEALTH_MAX_QUEUE_AGE_SECONDS",
}
"""Those of chalicelib/settings/, which infra doesn't import; tests/unit/test_settings.py compares the two."""

RENAMED_PLACEHOLDERS = {
    "DEPLOYED_PUBLIC_URL": "LAMBDA_PUBLIC_URL",
    "DEPLOYED_S3_PUBLIC_URL": "LAMBDA_S3_PUBLIC_URL",
}
"""Those of environment variables that only `.chalice/config.json` reads, in the stage `localstack`."""


def check_environment(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the earlier names in the environment of a deployment that the app itself doesn't refuse."""
    for old, new in RENAMED_PLACEHOLDERS.items():
        if environ.get(old):
            yield f"{old} is now called {new}; set {new} instead"


def merge_variables(deployed: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables that suit a function's deployed code and its new code.

    They are the new ones and the deployed ones of other names. The deployed code reads a renamed setting by the
    earlier name, and the new code refuses that name unless the current one is set too.
    """
    merged = {**deployed, **new}
    for old, current in RENAMED_VARIABLES.items():
        if merged.get(old) and not merged.get(current):
            merged[current] = merged[old]
    return merged
