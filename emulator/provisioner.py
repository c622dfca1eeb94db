"""Makes in AWS what an app's description asks for, and removes what it no longer does.

Each step can be repeated: state survives a restart, and everything is wired anew at every start.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from emulator.app_spec import Description, Function
from emulator.functions import FUNCTION_SECONDS, Functions
from emulator.ministack import USER_AGENT
from emulator.queues import Queues, arrivals, triggered

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
CONCURRENCY = 2
"""Of the queue that S3 notifies. The decision record has the figures behind these."""


class Aws:
    """An endpoint to wire an app at, with the environment's credentials and region."""

    def __init__(self, url: str, environment: Mapping[str, str], *, relayed: bool = False) -> None:
        """`relayed`: events go to queues of their own, from which somebody must pass them on (`relayed`)."""
        self._url = url
        self._relayed = relayed
        self._session = boto3.session.Session(
            aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            region_name=environment.get("AWS_DEFAULT_REGION"),
        )
        config = Config(
            read_timeout=FUNCTION_SECONDS + 5,
            retries={"total_max_attempts": 1},  # what a retry may mend is mended by the next start
            s3={"addressing_style": "path"},
            user_agent_extra=USER_AGENT,
        )
        s3 = self._session.client("s3", endpoint_url=url, config=config)
        sqs = self._session.client("sqs", endpoint_url=url, config=config)
        lambda_client = self._session.client("lambda", endpoint_url=url, config=config)
        events = self._session.client("events", endpoint_url=url, config=config)
        self._queues = Queues(s3, sqs)
        self._functions = Functions(lambda_client, events)

    def wire(self, description: Description, tree: Path, environment: Mapping[str, str]) -> None:
        """Make buckets, queues, functions and schedules as described, and remove an earlier description's.

        `tree` holds app.py, and `environment` is what the functions get.
        """
        for function in description.functions:
            name = description.deployed(function)
            self._functions.put(name, function, {**environment, "WORKING_TREE": str(tree)})
            if function.trigger:
                bucket = function.trigger.bucket
                self._queues.put_bucket(bucket)
                queue = self._queues.put_function_queue(name, bucket, f"{description.app}-dead-letters")
                self._functions.map_queue(queue, name, BATCH, CONCURRENCY, report_failures=True)
                if self._relayed:
                    self._queues.put_arrivals(name, bucket)
            if function.messages:
                queue = self._queues.put_queue(function.messages.queue)
                self._functions.map_queue(queue, name, function.messages.batch_size, function.messages.concurrency)
            if function.schedule:
                self._functions.put_schedule(name, function.schedule)
        self._queues.notify(description, relayed=self._relayed)
        self._functions.remove_strays(description)

    def patient_sqs(self) -> "SQSClient":
        """Return a client that tries again what fails."""
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, user_agent_extra=USER_AGENT)
        return self._session.client("sqs", endpoint_url=self._url, config=config)

    def logs(self) -> Any:  # mypy-boto3-logs isn't installed
        """Return a client for CloudWatch Logs that waits for seconds only."""
        config = Config(read_timeout=5, retries={"total_max_attempts": 1}, user_agent_extra=USER_AGENT)
        return self._session.client("logs", endpoint_url=self._url, config=config)

    def relayed(self, description: Description) -> dict[str, str]:
        """Return the queues that S3 notifies and, for each, the one that calls the function, by name."""
        names = [description.deployed(function) for function in triggered(description)]
        return {arrivals(name): name for name in names if self._relayed}

    def notify_functions(self, description: Description) -> None:
        """Let events go to the functions' own queues from now on, whether they were relayed or not."""
        self._queues.notify(description, relayed=False)

    def invoke(self, description: Description, function: Function) -> str:
        """Call a function and return what it returns, as JSON. Raises EmulatorError if it fails."""
        return self._functions.invoke(description.deployed(function))
