"""What is asked of RDS itself, beside the stack."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from infra.errors import InfraError
from infra.stacks import Say

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

POLL_SECONDS = 5.0
PATIENCE_SECONDS = 1200.0


def wait_for_proxy(client: "RDSClient", proxy: str, say: Say) -> None:
    """Wait until the proxy reaches its database, which is minutes after CloudFormation says that both are there.

    Raises InfraError after PATIENCE_SECONDS.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_TargetHealth.html
    """

    def state() -> str | None:
        health = [
            target.get("TargetHealth", {})
            for target in client.describe_db_proxy_targets(DBProxyName=proxy)["Targets"]
        ]
        if health and all(each.get("State") == "AVAILABLE" for each in health):
            return None
        found = [" ".join(filter(None, (each.get("State"), each.get("Description")))) for each in health]
        return f"the proxy {proxy} doesn't reach its database yet: {', '.join(found) or 'it has none'}"

    _wait_while(state, say)


def unprotect(client: "RDSClient", instance: str, say: Say) -> None:
    """Let the database be deleted. Not by an update of its stack, which may be one that failed.

    While the database is being made or changed, it can't be changed: this waits. Without one, or with one that is
    being deleted already, it does nothing. Raises InfraError after PATIENCE_SECONDS.
    """

    def state() -> str | None:
        try:
            client.modify_db_instance(
                DBInstanceIdentifier=instance, DeletionProtection=False, ApplyImmediately=True
            )
        except client.exceptions.DBInstanceNotFoundFault:
            return None
        except client.exceptions.InvalidDBInstanceStateFault:
            [found] = client.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
            status = found["DBInstanceStatus"]
            return (
                None if status == "deleting" else f"the database {instance} can't be changed while it is {status}"
            )
        return None

    _wait_while(state, say)


def _wait_while(state: Callable[[], str | None], say: Say) -> None:
    """Ask for a state again and again, say it when it changes, and return when there is none to wait for."""
    end = time.monotonic() + PATIENCE_SECONDS
    said = None
    while (found := state()) is not None:
        if time.monotonic() > end:
            raise InfraError(
                f"{found}, for {PATIENCE_SECONDS / 60:.0f} minutes now; look at it, then run this again"
            )
        if found != said:
            say(f"  {found}")
            said = found
        time.sleep(POLL_SECONDS)
