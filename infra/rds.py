"""Calls to RDS that CloudFormation doesn't make: waiting for the proxy, and allowing the deletion."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from infra.errors import InfraError
from infra.stacks import Print

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

POLL_SECONDS = 5.0
TIMEOUT_SECONDS = 1200.0


def wait_for_proxy(client: "RDSClient", proxy: str, report: Print) -> None:
    """Wait until the proxy reaches its database, which is minutes after CloudFormation has created both.

    Raises InfraError after TIMEOUT_SECONDS.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_TargetHealth.html
    """

    def describe_obstacle() -> str | None:
        targets = [
            target.get("TargetHealth", {})
            for target in client.describe_db_proxy_targets(DBProxyName=proxy)["Targets"]
        ]
        if targets and all(health.get("State") == "AVAILABLE" for health in targets):
            return None
        states = [" ".join(filter(None, (health.get("State"), health.get("Description")))) for health in targets]
        return f"the proxy {proxy} can't reach its database yet: {', '.join(states) or 'it has no target'}"

    _wait_until_none(describe_obstacle, report)


def disable_deletion_protection(client: "RDSClient", instance: str, report: Print) -> None:
    """Allow the database to be deleted. A stack update can't do this after a failure.

    Waits while the database is being created or changed, since it can't be changed then. Does nothing if there is
    no such database or it is being deleted already. Raises InfraError after TIMEOUT_SECONDS.
    """

    def describe_obstacle() -> str | None:
        try:
            client.modify_db_instance(
                DBInstanceIdentifier=instance, DeletionProtection=False, ApplyImmediately=True
            )
        except client.exceptions.DBInstanceNotFoundFault:
            return None
        except client.exceptions.InvalidDBInstanceStateFault:
            [database] = client.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
            status = database["DBInstanceStatus"]
            return (
                None if status == "deleting" else f"the database {instance} can't be changed while it is {status}"
            )
        return None

    _wait_until_none(describe_obstacle, report)


def _wait_until_none(describe_obstacle: Callable[[], str | None], report: Print) -> None:
    """Poll until there is no obstacle, and report each new one."""
    end = time.monotonic() + TIMEOUT_SECONDS
    reported = None
    while (obstacle := describe_obstacle()) is not None:
        if time.monotonic() > end:
            raise InfraError(
                f"{obstacle}, after {TIMEOUT_SECONDS / 60:.0f} minutes. Look into it, then run this again."
            )
        if obstacle != reported:
            report(f"  {obstacle}")
            reported = obstacle
        time.sleep(POLL_SECONDS)
