"""Asynchronous invocation of functions: retries, dead letters and /tmp, which Chalice can't set."""

from typing import TYPE_CHECKING

import boto3

from infra.stages import AsyncInvoke, Stage

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import DestinationConfigTypeDef


def configure(session: boto3.session.Session, stage: Stage, dead_letter_queue: str) -> None:
    """Set the retries, the destination of dead letters and the size of /tmp of the stage's asynchronous functions.

    `dead_letter_queue` is an ARN.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
    """
    client = session.client("lambda")
    for name, config in stage.async_invoke.items():
        function = stage.function_name(name)
        client.put_function_event_invoke_config(
            FunctionName=function,
            MaximumRetryAttempts=config.retries,
            MaximumEventAgeInSeconds=config.max_event_age,
            DestinationConfig=_destination(config, dead_letter_queue),
        )
        current = client.get_function_configuration(FunctionName=function)
        if current.get("EphemeralStorage", {}).get("Size") != config.ephemeral_storage:
            client.update_function_configuration(
                FunctionName=function, EphemeralStorage={"Size": config.ephemeral_storage}
            )
            client.get_waiter("function_updated_v2").wait(FunctionName=function)


def _destination(config: AsyncInvoke, dead_letter_queue: str) -> "DestinationConfigTypeDef":
    return {"OnFailure": {"Destination": dead_letter_queue}} if config.dead_letters else {}
