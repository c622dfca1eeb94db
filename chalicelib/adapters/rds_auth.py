"""Log in to an RDS Proxy with the function's role instead of a password (IAM authentication).

IAM: rds-db:connect on the proxy's user.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html
"""

import botocore.session
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError, NoRegionError

LIFETIME = 900
"""Seconds for which a token opens connections, the longest that RDS accepts. Connections stay open after it."""


class RdsIamAuth:
    """Implements `Auth` of the Postgres adapter: signs tokens with the environment's credentials, for its region.
    No request is made."""

    def __init__(self) -> None:
        self._session = botocore.session.Session()

    def password(self, host: str, port: int, user: str) -> str:
        """Return a token that is valid as the user's password for LIFETIME seconds.

        This is what `generate_db_auth_token` of boto3's RDS client does; building that client would take as long
        as everything else together, for an API that nothing here calls.
        Raises botocore's NoCredentialsError or NoRegionError if the environment has none.
        """
        credentials = self._session.get_credentials()
        region = self._session.get_config_variable("region")
        if credentials is None:
            raise NoCredentialsError
        if region is None:
            raise NoRegionError
        request = AWSRequest("GET", f"https://{host}:{port}/", params={"Action": "connect", "DBUser": user})
        SigV4QueryAuth(credentials.get_frozen_credentials(), "rds-db", region, LIFETIME).add_auth(request)
        return str(request.url).removeprefix("https://")
