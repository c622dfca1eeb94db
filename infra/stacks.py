"""Creating, updating and deleting CloudFormation stacks, so that a failed run can be continued."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from infra.errors import InfraError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef

TEMPLATES = Path(__file__).with_name("templates")
POLL_SECONDS = 5.0

BLOCKED_STATUSES = {
    "DELETE_FAILED": "run make destroy again, or delete it by hand, before you deploy",
    "ROLLBACK_FAILED": "delete it before you deploy",
    "UPDATE_ROLLBACK_FAILED": "continue its rollback, in the console, before you deploy",
}
"""Statuses in which CloudFormation refuses updates, and what to do.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""

Print = Callable[[str], None]
"""Prints a line."""


class Stacks:
    """The stacks of one account and region."""

    def __init__(self, session: boto3.session.Session, report: Print, poll_seconds: float = POLL_SECONDS) -> None:
        self._client = session.client("cloudformation")
        self._report = report
        self._poll_seconds = poll_seconds

    def put(self, name: str, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Create the stack or update it to the template, and return its outputs.

        Parameters that the template doesn't declare are ignored. What a failed run has created is kept and used by
        the next run (DisableRollback): a database takes ten minutes to create.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
        Raises InfraError when a resource can't be created, or when the stack can't be updated.
        """
        body = (TEMPLATES / f"{template}.yaml").read_text()
        settings: Any = {
            "StackName": name,
            "TemplateBody": body,
            "Parameters": self._declared_parameters(body, parameters),
            "Capabilities": ["CAPABILITY_IAM"],
            "DisableRollback": True,
        }
        status = self._wait_until_stable(name)
        if status in BLOCKED_STATUSES:
            reasons = self._failure_reasons(name)
            raise InfraError(f"the stack {name} is in {status}: {BLOCKED_STATUSES[status]}\n{reasons}")
        if status == "ROLLBACK_COMPLETE":  # created by hand; such a stack can only be deleted
            self.delete(name)
            status = None
        if status is None:
            self._client.create_stack(**settings)
            self._wait_for_status(name, "CREATE_COMPLETE")
        elif self._update(settings):
            self._wait_for_status(name, "UPDATE_COMPLETE")
        elif status.endswith("_FAILED"):
            raise InfraError(f"the stack {name} is in {status}, and CloudFormation finds nothing to update")
        return self.outputs(name)

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of a stack; none if there is no such stack."""
        stack = self._describe(name)
        return {output["OutputKey"]: output["OutputValue"] for output in (stack or {}).get("Outputs", [])}

    def delete(self, name: str) -> None:
        """Delete a stack, if it exists. Raises InfraError when one of its resources can't be deleted."""
        if self._wait_until_stable(name) is None:
            return
        self._client.delete_stack(StackName=name)
        self._wait_for_status(name, None)

    def _declared_parameters(self, body: str, parameters: Mapping[str, str]) -> "list[ParameterTypeDef]":
        declared = self._client.validate_template(TemplateBody=body)["Parameters"]
        names = {str(parameter.get("ParameterKey")) for parameter in declared}
        return [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items() if name in names
        ]

    def _update(self, settings: Any) -> bool:
        """Start an update. Return False when there is nothing to update."""
        try:
            self._client.update_stack(**settings)
        except ClientError as error:
            if "No updates are to be performed" in error.response["Error"]["Message"]:
                return False
            raise
        return True

    def _wait_for_status(self, name: str, expected: str | None) -> None:
        status = self._wait_until_stable(name)
        if status != expected:
            raise InfraError(f"the stack {name} ended in {status or 'nothing'}:\n{self._failure_reasons(name)}")

    def _wait_until_stable(self, name: str) -> str | None:
        """Wait until no operation on the stack is in progress, and return its status; None if there is no stack.

        The operation may be another run's.
        """
        reported = ""
        while (stack := self._describe(name)) is not None:
            status: str = stack["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return None if status == "DELETE_COMPLETE" else status
            if status != reported:
                self._report(f"  {name}: {status}")
                reported = status
            time.sleep(self._poll_seconds)
        return None

    def _describe(self, name: str) -> Any:
        try:
            return self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return None
            raise

    def _failure_reasons(self, name: str) -> str:
        """Return the reasons of failed resources, newest first, one a line."""
        events = self._client.describe_stack_events(StackName=name)["StackEvents"]
        return "\n".join(
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '(no reason given)')}"
            for event in events
            if event.get("ResourceStatus", "").endswith("_FAILED")
        )
