"""Secrets that a stack has generated, for the functions' environment.

The functions have no route to Secrets Manager; the machine that deploys has one. Lambda encrypts the environment.
"""

import boto3

UPLOAD_TOKENS = "UploadTokenSecret"
"""The placeholder in `.chalice/config.json`. The output with the secret's ARN is called the same, and `Arn`."""


def read_secrets(session: boto3.session.Session, outputs: dict[str, str]) -> dict[str, str]:
    """Return the secret by its placeholder; none if no stack has one."""
    arn = outputs.get(f"{UPLOAD_TOKENS}Arn")
    if arn is None:
        return {}
    return {UPLOAD_TOKENS: session.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]}
