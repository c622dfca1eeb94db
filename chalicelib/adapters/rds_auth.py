"""Log in to an RDS Proxy with the function's role instead of a password (IAM authentication).

IAM: rds-db:connect on the proxy's user.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
"""

import logging
from datetime import timedelta

from chalicelib.adapters.aws.credentials import (
    MissingCredentialsError,
    MissingRegionError,
    find_credentials,
    find_region,
)
from chalicelib.adapters.aws.signature import EMPTY_PAYLOAD, Signer
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError

log = logging.getLogger(__name__)

LIFETIME = 900
"""Seconds for which a token opens connections, the longest that RDS accepts. Connections stay open after it."""


class RdsIamAuth:
    """Implements `Auth` of the Postgres adapter: signs tokens with the environment's credentials, for its region.
    No request is made."""

    def password(self, host: str, port: int, user: str) -> str:
        """Return a token that is valid as the user's password for LIFETIME seconds.

        This is what `generate_db_auth_token` of boto3's RDS client does.
        Raises ServiceError(DATABASE_UNAVAILABLE) if the environment has no credentials or no region.
        """
        try:
            credentials, region = find_credentials(), find_region()
        except (MissingCredentialsError, MissingRegionError) as error:
            log.error("no password for the database can be signed: %s", type(error).__name__)  # noqa: TRY400  # it is enough
            raise ServiceError(DATABASE_UNAVAILABLE) from error
        url = Signer("rds-db", region).presign_url(
            credentials,
            "GET",
            f"https://{host.lower()}:{port}/",  # RDS verifies it in lower case, whatever the URL has
            query={"Action": "connect", "DBUser": user},
            headers={},
            lifetime=timedelta(seconds=LIFETIME),
            payload_hash=EMPTY_PAYLOAD,
        )
        return url.removeprefix("https://")
