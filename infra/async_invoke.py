"""How Lambda calls the functions that nobody waits for: what Chalice can't set."""

from typing import TYPE_CHECKING

import boto3

from infra.stages import Invocation, Stage

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import DestinationConfigTypeDef


def configure(session: boto3.session.Session, stage: Stage, dead_letter_queue: str) -> None:
    """Set the retries, the destination of dead letters and the size of /tmp, of every function of the stage.

    `dead_letter_queue` is an ARN.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
    """
    client = session.client("lambda")
    for name, invocation in stage.invocations.items():
        function = stage.function(name)
        client.put_function_event_invoke_config(
            FunctionName=function,
            MaximumRetryAttempts=invocation.retries,
            MaximumEventAgeInSeconds=invocation.event_age,
            DestinationConfig=_destination(invocation, dead_letter_queue),
        )
        described = client.get_function_configuration(FunctionName=function)
        if described.get("EphemeralStorage", {}).get("Size") != invocation.ephemeral_storage:
            client.update_function_configuration(
                FunctionName=function, EphemeralStorage={"Size": invocation.ephemeral_storage}
            )
            client.get_waiter("function_updated_v2").wait(FunctionName=function)


def _destination(invocation: Invocation, dead_letter_queue: str) -> "DestinationConfigTypeDef":
    return {"OnFailure": {"Destination": dead_letter_queue}} if invocation.dead_letters else {}
