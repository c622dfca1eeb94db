"""The session with AWS of the commands, and what its errors mean to who runs them.

These commands use the developer's profile, region and proxy. Errors of any of these are one line.
"""

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    ProxyConnectionError,
    SSOError,
    TokenRetrievalError,
)

from infra.errors import InfraError

LOG_IN = "log in again (`aws sso login`, or as your organisation does it), or set AWS_PROFILE to another profile"

INVALID_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the same of S3 and Lambda."""

ADVICE: tuple[tuple[type[BotoCoreError], str], ...] = (
    (ProfileNotFound, "set AWS_PROFILE to one of those in ~/.aws/config"),
    (NoRegionError, "set AWS_DEFAULT_REGION, or AWS_PROFILE to a profile with a region"),
    (NoCredentialsError, "set AWS_PROFILE, or log in (`aws sso login`, `aws configure`)"),
    (SSOError, LOG_IN),
    (TokenRetrievalError, LOG_IN),
    (ProxyConnectionError, "start the proxy, or correct HTTPS_PROXY or NO_PROXY"),
    (EndpointConnectionError, "check the network, HTTPS_PROXY and the region"),
)


def create_session() -> boto3.session.Session:
    """Return a session with credentials and a region. Raises InfraError, and botocore's errors."""
    session = boto3.session.Session()
    try:
        session.client("lambda")
        if session.get_credentials() is None:
            raise NoCredentialsError
    except ValueError as error:  # botocore parses some variables without an error of its own
        raise InfraError(f"an AWS_… variable or a setting in ~/.aws/config is invalid: {error}") from error
    return session


def format_aws_error(error: BotoCoreError | ClientError) -> str:
    """Return what AWS, or its client, says, and what to do about it where that is known."""
    message = str(error).replace("\n", " ")
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code")
        return f"{message}. {LOG_IN.capitalize()}" if code in INVALID_CREDENTIALS else message
    advice = next((text for type_, text in ADVICE if isinstance(error, type_)), None)
    return f"{message.rstrip('.')}; {advice}" if advice else message
