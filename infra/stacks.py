"""CloudFormation stacks, made, updated and deleted so that a failed run can be continued."""

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

STUCK = {
    "DELETE_FAILED": "run make destroy again, or delete it by hand, before you deploy",
    "ROLLBACK_FAILED": "delete it before you deploy",
    "UPDATE_ROLLBACK_FAILED": "continue its rollback, in the console, before you deploy",
}
"""States in which CloudFormation takes no update, and what helps.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"""

Say = Callable[[str], None]
"""Prints a line."""


class Stacks:
    """The stacks of one account and region."""

    def __init__(self, session: boto3.session.Session, say: Say, poll_seconds: float = POLL_SECONDS) -> None:
        self._client = session.client("cloudformation")
        self._say = say
        self._poll_seconds = poll_seconds

    def put(self, name: str, template: str, parameters: Mapping[str, str]) -> dict[str, str]:
        """Bring a stack to what the template says and return its outputs.

        Of the parameters it gets those that it declares. What a failed run has made stays and is used by the next
        one (DisableRollback): a database takes ten minutes to make.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
        Raises InfraError when a resource can't be made, or when the stack takes no update.
        """
        body = (TEMPLATES / f"{template}.yaml").read_text()
        settings: Any = {
            "StackName": name,
            "TemplateBody": body,
            "Parameters": self._declared(body, parameters),
            "Capabilities": ["CAPABILITY_IAM"],
            "DisableRollback": True,
        }
        status = self._settled(name)
        if status in STUCK:
            raise InfraError(f"the stack {name} is in {status}: {STUCK[status]}\n{self._failures(name)}")
        if status == "ROLLBACK_COMPLETE":  # made by hand, and good for nothing but being deleted
            self.delete(name)
            status = None
        if status is None:
            self._client.create_stack(**settings)
            self._expect(name, "CREATE_COMPLETE")
        elif self._update(settings):
            self._expect(name, "UPDATE_COMPLETE")
        elif status.endswith("_FAILED"):
            raise InfraError(f"the stack {name} is in {status}, and CloudFormation sees nothing to do about it")
        return self.outputs(name)

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of a stack, none where there is no stack."""
        described = self._describe(name)
        return {output["OutputKey"]: output["OutputValue"] for output in (described or {}).get("Outputs", [])}

    def delete(self, name: str) -> None:
        """Delete a stack; without one, do nothing. Raises InfraError when something of it can't be deleted."""
        if self._settled(name) is None:
            return
        self._client.delete_stack(StackName=name)
        self._expect(name, None)

    def _declared(self, body: str, parameters: Mapping[str, str]) -> "list[ParameterTypeDef]":
        declared = self._client.validate_template(TemplateBody=body)["Parameters"]
        names = {str(parameter.get("ParameterKey")) for parameter in declared}
        return [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items() if name in names
        ]

    def _update(self, settings: Any) -> bool:
        """Begin an update; False when there is nothing to update."""
        try:
            self._client.update_stack(**settings)
        except ClientError as fault:
            if "No updates are to be performed" in fault.response["Error"]["Message"]:
                return False
            raise
        return True

    def _expect(self, name: str, status: str | None) -> None:
        ended = self._settled(name)
        if ended != status:
            raise InfraError(f"the stack {name} ended in {ended or 'nothing'}:\n{self._failures(name)}")

    def _settled(self, name: str) -> str | None:
        """Wait for whatever happens to the stack, also by another run, and return its status; None without one."""
        said = ""
        while (described := self._describe(name)) is not None:
            status: str = described["StackStatus"]
            if not status.endswith("_IN_PROGRESS"):
                return None if status == "DELETE_COMPLETE" else status
            if status != said:
                self._say(f"  {name}: {status}")
                said = status
            time.sleep(self._poll_seconds)
        return None

    def _describe(self, name: str) -> Any:
        try:
            return self._client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as fault:
            if "does not exist" in fault.response["Error"]["Message"]:
                return None
            raise

    def _failures(self, name: str) -> str:
        """Return why, newest first."""
        events = self._client.describe_stack_events(StackName=name)["StackEvents"]
        return "\n".join(
            f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '(no reason given)')}"
            for event in events
            if event.get("ResourceStatus", "").endswith("_FAILED")
        )
