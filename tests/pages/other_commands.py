"""The commands of the pages that need more than the tests' emulator, and what runs the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.pages.command_checks import (
    check_aws,
    check_docker_compose,
    check_fault_log,
    check_make,
    check_pip,
    check_python,
)


@dataclass(frozen=True)
class OtherCommand:
    """Commands that need more than the tests' emulator."""

    pattern: str
    """A regular expression that the whole command matches."""
    check: Callable[[str], None]
    run_by: str
    """What runs the same: a test, `file::function`, or a file."""


OTHER_COMMANDS = (
    OtherCommand(
        r"(\w+=('[^']*'|\S+) )*make run( \w+=\S+)*", check_make, "tests/acceptance/emulator_process.py::launch"
    ),
    OtherCommand(r"make chaos( .*)?", check_make, "tests/chaos/test_chaos.py"),
    OtherCommand(r"make deploy STAGE=prod", check_make, "tests/integration/deployment/test_prod_stage.py"),
    OtherCommand(r"make destroy .*", check_make, "tests/integration/deployment/test_deployment.py"),
    OtherCommand(
        r"\.venv/bin/python -m emulator --chaos.*", check_python, "tests/acceptance/test_chaos_emulator.py"
    ),
    OtherCommand(
        r"tail -f .*/chaos\.jsonl",
        check_fault_log,
        "tests/acceptance/test_chaos_emulator.py::test_every_fault_happens_is_logged_and_ends",
    ),
    OtherCommand(
        r"\.venv/bin/python -m emulator token .*", check_python, "tests/acceptance/test_token_command.py"
    ),
    OtherCommand(
        r"docker compose exec api python -m emulator\.tokens .*",
        check_python,
        "tests/acceptance/test_token_command.py",
    ),
    OtherCommand(r"docker compose (up|down) ?.*", check_docker_compose, "tests/compose/project.py"),
    OtherCommand(r"(\.venv/bin/)?pip install \./client", check_pip, "tests/client/test_package.py"),
    OtherCommand(r"aws s3api put-bucket-cors --bucket NAME .*", check_aws, "tests/browser/test_web_pages.py"),
    OtherCommand(
        r"aws s3api put-bucket-lifecycle-configuration --bucket NAME .*",
        check_aws,
        "tests/integration/test_templates.py",
    ),
    OtherCommand(
        r"aws secretsmanager (get|put)-secret-value .*",
        check_aws,
        "tests/integration/deployment/test_prod_stage.py::test_prod_is_deployed_as_configured",
    ),
    OtherCommand(r"aws lambda invoke .*", check_aws, "tests/acceptance/test_console_examples.py"),
)


def find_other_command(command: str) -> OtherCommand | None:
    """Return the entry of a command that isn't run as it stands; None of one that is."""
    return next((other for other in OTHER_COMMANDS if re.fullmatch(other.pattern, command, re.DOTALL)), None)
