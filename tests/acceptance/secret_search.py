"""The search for secrets in what an emulator has printed, and in its servers' logs.

Every emulator is searched when it stops (`start_emulator`): for what looks like a secret, whoever sent it, for the
secrets that the tests' clients have sent and received until then, and for its own.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from emulator.signing_secret import FILE_NAME

SIGNATURE = re.compile(r"x-amz-signature\W+([0-9a-f]{64})", re.IGNORECASE | re.ASCII)
"""Of a presigned URL, or of a form's fields."""

CREDENTIALS = re.compile(
    r"""(?x) (flt_[0-9A-Za-z]{20,})                    # an API token
      | (eyJ[\w-]+\.[\w-]+\.[\w-]+)                    # a JWT
      | /u/([^/{\s"'?]{16,})                           # an upload token
      | (?i:bearer)\ +([^\s"']{8,})                    # whatever else is in Authorization
      | "token":\s*"([^"\s]{16,})"                     # any token that a response has
      | ://[^\s/:@"']*:([^\s/@"']{8,})@       # a password in a URL
    """,
    re.ASCII,
)

_used: set[str] = set()
_HEX = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def remember(*texts: str) -> None:
    """Remember the secrets in parts of a request or a response, to search for them later."""
    for text in texts:
        _used.update(SIGNATURE.findall(text))
        _used.update(_credentials(text))


def find_secrets(log: str, secrets: set[str] | None = None) -> list[str]:
    """Return the lines of a log that have one of these secrets, by default this run's, or what looks like one."""
    secrets = _used if secrets is None else secrets
    signatures = {secret for secret in secrets if _HEX.fullmatch(secret)}
    found = set(SIGNATURE.findall(log)) | set(_credentials(log))
    found |= signatures & set(_HEX.findall(log))
    found |= {secret for secret in secrets - signatures if secret in log}
    return [line for line in log.splitlines() if any(secret in line for secret in found)] if found else []


def check_logs(printed: str, data: Path, variables: Mapping[str, str]) -> None:
    """Fail if what an emulator printed, or a log in its data directory, has a secret. `variables` are its own."""
    secrets = _used | {value for name, value in variables.items() if "SECRET" in name}
    if (file := data / FILE_NAME).exists():
        secrets.add(file.read_text())
    logs = [printed, *(path.read_text(errors="replace") for path in data.glob("*.log*"))]
    assert [line for log in logs for line in find_secrets(log, secrets)] == [], "the log has secrets"


def _credentials(text: str) -> Iterator[str]:
    return (group for match in CREDENTIALS.finditer(text) for group in match.groups() if group)
