"""The credentials and the region of this process.

Lambda and the emulator have them in environment variables. Elsewhere (a role of a container or of a machine, a
profile, SSO) botocore finds and refreshes them; it is loaded only then, because that takes longer than a request.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

import os
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from botocore.session import Session


class MissingCredentialsError(Exception):
    """There are no credentials in this environment, or what gives them doesn't respond."""


class MissingRegionError(Exception):
    """No region is configured in this environment, or its configuration can't be read."""


class Credentials(Struct, frozen=True):
    """What signs requests."""

    access_key: str
    secret_key: str
    token: str | None = None
    """Of a role's credentials, which expire."""


def find_credentials() -> Credentials:
    """Return the present credentials. They may be others the next time. Raises MissingCredentialsError."""
    environ = os.environ
    if (access_key := environ.get("AWS_ACCESS_KEY_ID")) and (secret_key := environ.get("AWS_SECRET_ACCESS_KEY")):
        return Credentials(access_key, secret_key, environ.get("AWS_SESSION_TOKEN") or None)
    from botocore.exceptions import BotoCoreError

    try:
        found = _session().get_credentials()
        frozen = found.get_frozen_credentials() if found else None
    except (BotoCoreError, RuntimeError) as error:  # the latter if they have expired and can't be renewed
        raise MissingCredentialsError from error
    if frozen is None or frozen.access_key is None or frozen.secret_key is None:
        raise MissingCredentialsError
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def find_region() -> str:
    """Return the region. Raises MissingRegionError."""
    if region := os.environ.get("AWS_DEFAULT_REGION"):
        return region
    from botocore.exceptions import BotoCoreError

    try:
        region = _session().get_config_variable("region")
    except BotoCoreError as error:
        raise MissingRegionError from error
    if region is None:
        raise MissingRegionError
    return str(region)


@cache
def _session() -> "Session":
    """Return the session that keeps what was found until it expires."""
    from botocore.session import Session

    return Session()
