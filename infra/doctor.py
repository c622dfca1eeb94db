"""What would go wrong after a deployment, found before it."""

import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from chalice.app import S3EventConfig, SQSEventConfig

from infra import chalice_project, permissions, policies, template_reader
from infra.packaging.dependencies import AMAZON_LINUX_2023, runtime_glibc
from infra.stages import FUNCTIONS, Stage

GATEWAY_SECONDS = 29
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

UNRESERVED = 100
"""What Lambda keeps free of reservations for an account's other functions.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""


def problems(stage: Stage, source: Path = chalice_project.SOURCE) -> Iterator[str]:
    """Yield what is wrong with the stage's configuration; no request is made."""
    config = json.loads((source / ".chalice" / "config.json").read_text())
    if stage.name not in config["stages"]:
        yield f".chalice/config.json has no stage {stage.name}"
        return
    files = {name: chalice_project.policy(source, stage.name, name) for name in FUNCTIONS}
    if absent := sorted({path.name for path in files.values() if not path.exists()}):
        yield f".chalice has no {', '.join(absent)}"
        return
    yield from _unknown_names(stage)
    yield from _too_many_connections(stage, source)
    yield from _loops(stage, source)
    yield from _refused_mappings(stage, source)
    yield from _weaker_sweep(stage, source)
    yield from _missing_permissions(stage, source)
    yield from _unknown_references(stage, [config["stages"][stage.name], *map(_read, files.values())])
    if (chalice_project.config(source, stage.name, "api_handler").lambda_timeout or 60) > GATEWAY_SECONDS:
        yield f"api_handler may take longer than the {GATEWAY_SECONDS} s for which API Gateway waits"


def problems_of_python(python: tuple[int, int] = sys.version_info[:2]) -> Iterator[str]:
    """Yield why this Python can't deploy: the functions run on the same version."""
    if runtime_glibc(python) < AMAZON_LINUX_2023:
        yield (
            f"Lambda's runtime for Python {python[0]}.{python[1]} has an older C library than the dependencies' "
            "wheels ask for; take 3.12 or newer: make deploy PYTHON=python3.12 VENV=build/venv"
        )


def problems_of_account(session: boto3.session.Session, stage: Stage) -> Iterator[str]:
    """Yield what the account doesn't allow."""
    client = session.client("lambda")
    wanted = sum(reserved(stage, chalice_project.SOURCE).values())
    if not wanted:
        return
    free = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    for name in FUNCTIONS:
        try:
            free += client.get_function_concurrency(FunctionName=stage.function(name)).get(
                "ReservedConcurrentExecutions", 0
            )
        except ClientError as fault:
            if fault.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
    if free - wanted < UNRESERVED:
        yield (
            f"the functions reserve a concurrency of {wanted}; this account has {free} left and must keep "
            f"{UNRESERVED}: ask for more under Service Quotas, Lambda, Concurrent executions"
        )


def reserved(stage: Stage, source: Path) -> dict[str, int]:
    """Return the reserved concurrency by function, of those that have one."""
    found = {name: chalice_project.config(source, stage.name, name).reserved_concurrency for name in FUNCTIONS}
    return {name: number for name, number in found.items() if number is not None}


def _unknown_names(stage: Stage) -> Iterator[str]:
    """Names in infra/stages.toml that nobody would take."""
    templates = (*stage.stacks, *stage.monitoring)
    declared = set().union(*(template_reader.read(name).get("Parameters", {}) for name in templates))
    for name in sorted(set(stage.parameters) - declared):
        yield f"infra/stages.toml sets {name}, which is no parameter of {', '.join(templates)}"
    for name in sorted(set(stage.invocations) - set(FUNCTIONS)):
        yield f"infra/stages.toml says how {name} is called, which is none of {', '.join(FUNCTIONS)}"


def _too_many_connections(stage: Stage, source: Path) -> Iterator[str]:
    if "database" not in stage.stacks:
        return
    database = template_reader.read("database")
    share = database["Resources"]["ProxyTargets"]["Properties"]["ConnectionPoolConfigurationInfo"]
    most = int(stage.parameters.get("MaxConnections", database["Parameters"]["MaxConnections"]["Default"]))
    usable = most * int(share["MaxConnectionsPercent"]) // 100
    concurrency = reserved(stage, source)
    for name in FUNCTIONS:
        if name not in concurrency:
            yield f"{name} has no reserved concurrency, so any number of it may ask for connections"
    held = sum(number * _connections(stage, source, name) for name, number in concurrency.items())
    if held > usable:
        yield (
            f"{sum(concurrency.values())} functions at once may hold {held} connections, more than the "
            f"{usable} that the proxy may open of the database's {most} (MaxConnections in infra/stages.toml)"
        )


def _connections(stage: Stage, source: Path, function: str) -> int:
    return int(
        chalice_project.config(source, stage.name, function).environment_variables.get("DATABASE_CONNECTIONS", 1)
    )


def _loops(stage: Stage, source: Path) -> Iterator[str]:
    """A function that an object calls must not be allowed to make such objects."""
    for trigger in (made for made in _event_sources(source) if isinstance(made, S3EventConfig)):
        statements = permissions.granted(chalice_project.policy(source, stage.name, trigger.name), stage.name)
        if not trigger.prefix:
            yield f"{trigger.name} is called for every object in the bucket: give it a prefix"
        elif permissions.may_write(statements, trigger.prefix):
            yield f"{trigger.name} is called for objects under {trigger.prefix} and may put some there: a loop"


def _refused_mappings(stage: Stage, source: Path) -> Iterator[str]:
    """What Lambda wants of a function that a queue calls.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    hidden = int(template_reader.read("storage")["Resources"]["DeadLetters"]["Properties"]["VisibilityTimeout"])
    for made in (made for made in _event_sources(source) if isinstance(made, SQSEventConfig)):
        policy = chalice_project.policy(source, stage.name, made.name)
        statements = permissions.granted(policy, stage.name)
        for wanted in policies.RECEIVE:
            if not permissions.allow(statements, wanted):
                yield f"{policy.name} doesn't allow {wanted.action} on {wanted.resource}, as its pollers need"
        said = chalice_project.config(source, stage.name, made.name)
        if (said.lambda_timeout or 60) * 6 > hidden:
            yield f"{made.name}'s timeout is more than a sixth of its queue's VisibilityTimeout of {hidden} s"
        if said.reserved_concurrency and (made.maximum_concurrency or 1000) > said.reserved_concurrency:
            yield f"{made.name}'s queue may call more of it at once than its reserved concurrency lets"


def _weaker_sweep(stage: Stage, source: Path) -> Iterator[str]:
    """The sweep describes files as process_upload does: what comes of one mustn't depend on who describes it."""
    sweep, worker = (chalice_project.config(source, stage.name, name) for name in ("sweep", "process_upload"))
    for what, has, needs in (
        ("memory", sweep.lambda_memory_size or 128, worker.lambda_memory_size or 128),
        ("time", sweep.lambda_timeout or 60, worker.lambda_timeout or 60),
    ):
        if has < needs:
            yield f"sweep has less {what} ({has}) than process_upload ({needs}), whose files it describes as well"


def _event_sources(source: Path) -> list[Any]:
    """Return what calls the app's functions. Not by `import app`, which would answer with whichever came first."""
    spec = spec_from_file_location("examined_app", source / "app.py")
    assert spec is not None
    assert spec.loader is not None
    examined = module_from_spec(spec)
    spec.loader.exec_module(examined)
    return list(examined.app.event_sources)


def _missing_permissions(stage: Stage, source: Path) -> Iterator[str]:
    for name in FUNCTIONS:
        policy = chalice_project.policy(source, stage.name, name)
        statements = permissions.granted(policy, stage.name)
        for wanted in policies.required(stage, name, chalice_project.config(source, stage.name, name)):
            if not permissions.allow(statements, wanted):
                yield f"{policy.name} doesn't allow {wanted.action} on {wanted.resource}, which {name} needs"


def _unknown_references(stage: Stage, documents: list[Any]) -> Iterator[str]:
    """References that no output, no value of the stage and nothing that is always known fills in.

    Names in capitals come from the environment.
    """
    known = {"AccountId", "Region", "Stage", "Architecture", "BucketName", *stage.values}
    for name in stage.stacks:
        known |= set(template_reader.read(name).get("Outputs", {}))
    for name in sorted(set().union(*map(chalice_project.references, documents)) - known):
        if not name.isupper():
            yield f".chalice refers to ${{{name}}}, which no stack of {stage.name} puts out"


def _read(path: Path) -> Any:
    return json.loads(path.read_text())
