"""Creates in AWS what an app asks for, and removes what it no longer does.

Each step can be repeated: state survives a restart, and everything is provisioned again at every start.

`python -m emulator.provisioner URL` is the process that the supervisor starts (emulator/provisioner_process.py).
It loads boto3 and makes its clients at once, and then reads from stdin as JSON what to provision. It writes to
stdout what is wrong, nothing if all is well.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.app_spec import AppSpec, Function
from emulator.aws_clients import AwsClients
from emulator.errors import EmulatorError
from emulator.functions import FUNCTION_SECONDS, Functions
from emulator.queues import Queues, inbound_queue_name, s3_triggered_functions

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH_SIZE = 10
CONCURRENCY = 2
"""Of the event source mapping of a queue that S3 notifies. docs/decisions/0001-emulator-runs-real-servers.md says
why these two."""


class Provisioner:
    """Provisions apps at one endpoint, with the environment's credentials and region."""

    def __init__(self, url: str, environment: Mapping[str, str], *, use_relay: bool = False) -> None:
        """`use_relay`: S3 notifies separate queues, from which a relay must pass events on (`relay_routes`).

        Raises EmulatorError if the environment has no usable credentials or region.
        """
        self._use_relay = use_relay
        self._clients = AwsClients(url, environment)
        options: dict[str, Any] = {
            "read_timeout": FUNCTION_SECONDS + 5,
            "retries": {"total_max_attempts": 1},  # the next start repeats whatever failed
            "s3": {"addressing_style": "path"},
        }
        s3, sqs, lambda_client, events = (
            self._clients.make(service, **options) for service in ("s3", "sqs", "lambda", "events")
        )
        self._queues = Queues(s3, sqs)
        self._functions = Functions(lambda_client, events)

    def provision(self, app_spec: AppSpec, tree: Path, environment: Mapping[str, str]) -> None:
        """Create the app's buckets, queues, functions and schedules, and remove those of an earlier AppSpec.

        `tree` holds app.py, and `environment` is the functions'.
        """
        for function in app_spec.functions:
            name = app_spec.deployed_name(function)
            self._functions.put(name, function, {**environment, "WORKING_TREE": str(tree)})
            if function.s3_trigger:
                bucket = function.s3_trigger.bucket
                self._queues.put_bucket(bucket, app_spec.cors_origins)
                queue = self._queues.put_function_queue(name, bucket, f"{app_spec.app}-dead-letters")
                self._functions.map_queue(queue, name, BATCH_SIZE, CONCURRENCY, report_failures=True)
                if self._use_relay:
                    self._queues.put_inbound_queue(name, bucket)
            if function.sqs_trigger:
                trigger = function.sqs_trigger
                queue = self._queues.put_queue(trigger.queue)
                self._functions.map_queue(queue, name, trigger.batch_size, trigger.concurrency)
            if function.schedule:
                self._functions.put_schedule(name, function.schedule)
            if function.event_pattern:
                self._functions.put_event_rule(name, function.event_pattern)
        self._queues.notify(app_spec, use_relay=self._use_relay)
        self._functions.remove_stale(app_spec)

    def retrying_sqs(self) -> "SQSClient":
        """Return a client that retries failed requests."""
        client: SQSClient = self._clients.make("sqs", retries={"mode": "standard", "total_max_attempts": 3})
        return client

    def relay_routes(self, app_spec: AppSpec) -> dict[str, str]:
        """Return the queues that S3 notifies, each mapped to the one that calls the function, by name."""
        names = [app_spec.deployed_name(function) for function in s3_triggered_functions(app_spec)]
        return {inbound_queue_name(name): name for name in names if self._use_relay}

    def notify_functions(self, app_spec: AppSpec) -> None:
        """Let S3 notify the functions' own queues from now on, with or without a relay so far."""
        self._queues.notify(app_spec, use_relay=False)

    def invoke(self, app_spec: AppSpec, function: Function) -> str:
        """Invoke a function and return its result as JSON. Raises EmulatorError if it fails."""
        return self._functions.invoke(app_spec.deployed_name(function))


def main() -> None:
    """Run as the supervisor's child."""
    parser = argparse.ArgumentParser(prog="python -m emulator.provisioner", description=__doc__)
    parser.add_argument("url", help="AWS's endpoint")
    parser.add_argument("--use-relay", action="store_true", help="S3 notifies separate queues")
    options = parser.parse_args()
    try:
        provisioner = Provisioner(options.url, os.environ, use_relay=options.use_relay)
        provision(provisioner, json.load(sys.stdin))
    except EmulatorError as error:
        sys.stdout.write(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.stdout.write(f"the app can't be provisioned at {options.url}: {error}")


def provision(provisioner: Provisioner, request: dict[str, Any]) -> None:
    """Provision the app of a request (`ProvisionerProcess.run`), and invoke a function if the app has it."""
    app_spec = AppSpec.from_dict(request["app_spec"])
    provisioner.provision(app_spec, Path(request["tree"]), request["environment"])
    for function in app_spec.functions:
        if function.name == request["invoke"]:
            provisioner.invoke(app_spec, function)


if __name__ == "__main__":
    main()
