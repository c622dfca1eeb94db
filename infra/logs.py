"""Retention of the functions' logs.

Chalice can set it as well, but gets one group wrong: it names the group of the function that serves the routes
after `api_handler`, which isn't that function's name. Its logs would be kept forever, beside a group that stays
empty.
https://github.com/aws/chalice/blob/1.34.0/chalice/deploy/appgraph.py (_create_rest_api_model)
"""

from contextlib import suppress

import boto3

from infra.app_functions import function_names
from infra.stages import Stage


def configure(session: boto3.session.Session, stage: Stage) -> None:
    """Create each function's log group, unless the function has created it already, and set its retention."""
    if stage.log_days is None:
        return
    client = session.client("logs")
    for name in function_names():
        group = f"/aws/lambda/{stage.function_name(name)}"
        with suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_group(logGroupName=group)
        client.put_retention_policy(logGroupName=group, retentionInDays=stage.log_days)
