"""Use cases are functions of one shape: `verb(command, *, ports)`. docs/explanation/architecture.md"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest
from msgspec import Struct

from chalicelib import core
from chalicelib.core.accounts.jwt_verifier import JwtVerifier
from chalicelib.core.accounts.signing_keys import SigningKeySource
from chalicelib.core.administration.ports import FileCounts, SweepRecords
from chalicelib.core.changes.history import History
from chalicelib.core.files.ports import Files, LongPolls, Tombstones
from chalicelib.core.limits.ports import UsageCounts
from chalicelib.core.processing.ports import ProcessingQueue, ReprocessQueue
from chalicelib.core.storage import Storage
from chalicelib.core.sweep.ports import BucketScan, ComputedColumns
from chalicelib.core.uploads.ports import Uploads

PORTS = {
    BucketScan,
    FileCounts,
    Files,
    History,
    JwtVerifier,
    LongPolls,
    ComputedColumns,
    ProcessingQueue,
    ReprocessQueue,
    SigningKeySource,
    Storage,
    SweepRecords,
    Tombstones,
    Uploads,
    UsageCounts,
}
"""A function of Metrics alone is part of a use case."""

Function = Callable[..., Any]


def core_modules() -> list[ModuleType]:
    return [
        importlib.import_module(module.name) for module in pkgutil.walk_packages(core.__path__, "chalicelib.core.")
    ]


def takes_port(function: Function) -> bool:
    """Return whether a parameter is a port or builds one."""
    hints = get_type_hints(function)
    parameters = [hint for name, hint in hints.items() if name != "return"]
    return any(port in [hint, *get_args(hint)] for hint in parameters for port in PORTS)


USE_CASES = [
    function
    for module in core_modules()
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_") and takes_port(function)
]


def test_use_cases_are_found() -> None:
    names = {function.__name__ for function in USE_CASES}
    assert names >= {"upload_file", "check_health", "adopt_object", "handle_dead_letters", "mark_for_reprocessing"}


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.__name__)
def test_use_case_takes_a_command_of_its_own_and_keyword_only_ports(use_case: Function) -> None:
    command, *others = inspect.signature(use_case).parameters.values()
    command_type = get_type_hints(use_case)["command"]
    assert (command.name, command.kind) == ("command", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert command_type.__name__ == "".join(word.capitalize() for word in use_case.__name__.split("_"))
    assert command_type.__module__ == use_case.__module__
    assert issubclass(command_type, Struct)
    assert {parameter.kind for parameter in others} == {inspect.Parameter.KEYWORD_ONLY}
