"""Provisions the app and ends: `python -m emulator.provisioning URL`.

The supervisor starts it (emulator/provisioning_process.py). It loads boto3 and makes its clients at once, and then
reads from stdin as JSON what to provision. It writes to stdout what is wrong, nothing if all is well.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.app_spec import AppSpec
from emulator.errors import EmulatorError
from emulator.provisioner import Provisioner


def main(arguments: list[str] | None = None) -> None:
    """Run as the supervisor's child."""
    parser = argparse.ArgumentParser(prog="python -m emulator.provisioning", description=__doc__)
    parser.add_argument("url", help="AWS's endpoint")
    parser.add_argument("--use-relay", action="store_true", help="S3 notifies separate queues")
    options = parser.parse_args(arguments)
    try:
        provisioner = Provisioner(options.url, os.environ, use_relay=options.use_relay)
        provision(provisioner, json.load(sys.stdin))
    except EmulatorError as error:
        sys.stdout.write(str(error))
    except (BotoCoreError, ClientError) as error:
        sys.stdout.write(f"the app can't be provisioned at {options.url}: {error}")


def provision(provisioner: Provisioner, request: dict[str, Any]) -> None:
    """Provision the app of a request (`ProvisioningProcess.run`), and invoke a function if the app has it."""
    app_spec = AppSpec.from_dict(request["app_spec"])
    provisioner.provision(app_spec, Path(request["tree"]), request["environment"])
    for function in app_spec.functions:
        if function.name == request["invoke"]:
            provisioner.invoke(app_spec, function)


if __name__ == "__main__":
    main()
