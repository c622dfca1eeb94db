"""How long the functions' logs are kept.

Chalice can set it as well, but gets one group wrong: that of the function that serves the routes it names after
`api_handler`, which that function isn't called. Its logs would be kept for ever, beside a group that stays empty.
https://github.com/aws/chalice/blob/1.34.0/chalice/deploy/appgraph.py (_create_rest_api_model)
"""

from contextlib import suppress

import boto3

from infra.stages import FUNCTIONS, Stage


def configure(session: boto3.session.Session, stage: Stage) -> None:
    """Make each function's log group, unless the function has made it already, and set its retention."""
    if stage.log_days is None:
        return
    client = session.client("logs")
    for name in FUNCTIONS:
        group = f"/aws/lambda/{stage.function(name)}"
        with suppress(client.exceptions.ResourceAlreadyExistsException):
            client.create_log_group(logGroupName=group)
        client.put_retention_policy(logGroupName=group, retentionInDays=stage.log_days)
