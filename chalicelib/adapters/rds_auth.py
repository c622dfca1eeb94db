"""Log in to an RDS Proxy with the function's role instead of a password (IAM authentication).

IAM: rds-db:connect on the proxy's user.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
"""

from datetime import timedelta

from chalicelib.adapters.aws.credentials import find_credentials, find_region
from chalicelib.adapters.aws.signature import EMPTY_PAYLOAD, Signer

LIFETIME = 900
"""Seconds for which a token opens connections, the longest that RDS accepts. Connections stay open after it."""


class RdsIamAuth:
    """Implements `Auth` of the Postgres adapter: signs tokens with the environment's credentials, for its region.
    No request is made."""

    def password(self, host: str, port: int, user: str) -> str:
        """Return a token that is valid as the user's password for LIFETIME seconds.

        This is what `generate_db_auth_token` of boto3's RDS client does.
        Raises MissingCredentialsError or MissingRegionError if the environment has none.
        """
        url = Signer("rds-db", find_region()).presign_url(
            find_credentials(),
            "GET",
            f"https://{host}:{port}/",
            query={"Action": "connect", "DBUser": user},
            headers={},
            lifetime=timedelta(seconds=LIFETIME),
            payload_hash=EMPTY_PAYLOAD,
        )
        return url.removeprefix("https://")
