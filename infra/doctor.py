"""Check a stage before a deployment for what would fail in it or after it."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import ClientError
from chalice.app import Chalice, S3EventConfig, SQSEventConfig
from chalice.config import Config

from infra import (
    chalice_project,
    dashboard,
    permissions,
    policies,
    secrets,
    stage_settings,
    template_reader,
)
from infra.app_functions import function_names, load_app
from infra.chalice_project import PROJECT_ROOT
from infra.packaging.dependencies import describe_unsupported_python
from infra.stages import API_HANDLER, Stage

GATEWAY_SECONDS = 29
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

UNRESERVED = 100
"""The concurrency that Lambda keeps unreserved for an account's other functions.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

DEFAULT_ACCOUNT_CONCURRENCY = 1000
"""How many containers a queue without maximum_concurrency may use.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

DEFAULT_LONG_POLLS = 10
"""Of MAX_LONG_POLLS in chalicelib/settings/, which infra doesn't import; a test compares them."""


@dataclass(frozen=True)
class Project:
    """A project's app and its configuration for a stage."""

    folder: Path
    stage: Stage
    app: Chalice

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions' names in Chalice's configuration."""
        return function_names(self.app)

    def config(self, function: str) -> Config:
        return chalice_project.function_config(self.folder, self.stage.name, function)

    @property
    def functions_in_network(self) -> tuple[str, ...]:
        """Those that can reach the database."""
        return tuple(name for name in self.functions if self.config(name).subnet_ids)

    def policy(self, function: str) -> Path:
        return chalice_project.policy_path(self.folder, self.stage.name, function)

    def statements(self, function: str) -> list[permissions.Statement]:
        return permissions.read_statements(self.policy(function), self.stage.name)


def check_stage(stage: Stage, folder: Path = PROJECT_ROOT, app: Chalice | None = None) -> Iterator[str]:
    """Yield what is wrong with the stage's configuration, without requests to AWS.

    `folder` has the `.chalice` folder to check; `app` is this project's unless given.
    """
    config = json.loads((folder / ".chalice" / "config.json").read_text())
    if stage.name not in config["stages"]:
        yield f".chalice/config.json has no stage {stage.name}"
        return
    project = Project(folder, stage, app or load_app())
    yield from stage_settings.check_settings(folder, stage, project.functions)
    yield from _check_functions(project)
    yield from _check_stage_names(project)
    yield from _check_connections(project)
    yield from _check_throttling(project)
    yield from _check_long_polls(project)
    yield from _check_sweep_limits(project)
    if (project.config(API_HANDLER).lambda_timeout or 60) > GATEWAY_SECONDS:
        yield f"{API_HANDLER} may run for longer than the {GATEWAY_SECONDS} s that API Gateway waits"
    if all(project.policy(name).exists() and name in policies.STORAGE_METHODS for name in project.functions):
        yield from _check_policies(project)


def check_python(target: str, python: tuple[int, int] = sys.version_info[:2]) -> Iterator[str]:
    """Yield why this Python can't deploy: Chalice deploys functions for the version that runs it.

    `target` is the make target to suggest, with another Python.
    """
    if problem := describe_unsupported_python(python, target):
        yield problem


def check_account(session: boto3.session.Session, stage: Stage) -> Iterator[str]:
    """Yield what exceeds the account's quotas."""
    client = session.client("lambda")
    project = Project(PROJECT_ROOT, stage, load_app())
    needed = sum(reserved_concurrency(project).values())
    if not needed:
        return
    available = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    for name in project.functions:
        try:
            available += client.get_function_concurrency(FunctionName=stage.function_name(name)).get(
                "ReservedConcurrentExecutions", 0
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
    if available - needed < UNRESERVED:
        yield (
            f"the functions reserve a concurrency of {needed}; this account has {available} left and must keep "
            f"{UNRESERVED}: request an increase in Service Quotas, Lambda, Concurrent executions"
        )


def reserved_concurrency(project: Project) -> dict[str, int]:
    """Return the reserved concurrency of each function that has one."""
    concurrency = {name: project.config(name).reserved_concurrency for name in project.functions}
    return {name: number for name, number in concurrency.items() if number is not None}


def _check_policies(project: Project) -> Iterator[str]:
    yield from _check_recursive_triggers(project)
    yield from _check_queue_triggers(project)
    yield from _check_permissions(project)
    yield from _check_placeholders(project)


def _check_functions(project: Project) -> Iterator[str]:
    """Yield what a function of the app lacks. A new one needs all of this, wherever it is written down."""
    for name in project.functions:
        config = project.config(name)
        for setting in ("lambda_memory_size", "lambda_timeout"):
            if getattr(config, setting) is None:
                yield f".chalice/config.json has no {setting} for {name}"
        if config.iam_policy_file is None:
            yield f".chalice/config.json has no iam_policy_file for {name}"
        elif not project.policy(name).exists():
            yield f".chalice has no {project.policy(name).name}"
        if name not in policies.STORAGE_METHODS:
            yield f"STORAGE_METHODS in infra/policies.py has no entry for {name}"
    yield from _check_async_invoke(project)
    yield from _check_dashboard(project)


def _check_async_invoke(project: Project) -> Iterator[str]:
    """Yield functions with asynchronous triggers whose retries aren't set."""
    for source in project.app.event_sources:
        # Lambda polls queues and invokes for them synchronously; other events are asynchronous.
        if not isinstance(source, SQSEventConfig) and source.name not in project.stage.async_invoke:
            yield f"infra/stages.toml has no [async_invoke.{source.name}], the retries of {source.name}"


def _check_dashboard(project: Project) -> Iterator[str]:
    if "monitoring" not in project.stage.monitoring:
        return
    shown = dashboard.read_function_metrics(project.stage.name)
    for name in project.functions:
        function = project.stage.function_name(name)
        if missing := [metric for metric in dashboard.FUNCTION_METRICS if (metric, function) not in shown]:
            yield f"the dashboard in infra/templates/monitoring.yaml doesn't show {', '.join(missing)} of {name}"


def _check_stage_names(project: Project) -> Iterator[str]:
    """Yield names in infra/stages.toml that nothing uses."""
    stage = project.stage
    templates = (*stage.stacks, *stage.monitoring)
    declared = set().union(*(template_reader.read(name).get("Parameters", {}) for name in templates))
    for name in sorted(set(stage.parameters) - declared):
        yield f"infra/stages.toml sets {name}, which isn't a parameter of {', '.join(templates)}"
    for name in sorted(set(stage.async_invoke) - set(project.functions)):
        yield f"infra/stages.toml has [async_invoke.{name}], but the functions are {', '.join(project.functions)}"


def _check_connections(project: Project) -> Iterator[str]:
    """Yield a problem if the functions may open more connections than the database allows."""
    if "database" not in project.stage.stacks:
        return
    database = template_reader.read("database")
    pool = database["Resources"]["ProxyTargets"]["Properties"]["ConnectionPoolConfigurationInfo"]
    default = database["Parameters"]["MaxConnections"]["Default"]
    max_connections = int(project.stage.parameters.get("MaxConnections", default))
    usable = max_connections * int(pool["MaxConnectionsPercent"]) // 100
    concurrency = reserved_concurrency(project)
    for name in project.functions_in_network:
        if name not in concurrency:
            yield (
                f"{name} has no reserved concurrency, so it may open any number of connections: set "
                "reserved_concurrency in .chalice/config.json"
            )
    held = sum(concurrency.get(name, 0) * _connections(project, name) for name in project.functions_in_network)
    if held > usable:
        yield (
            f"{sum(concurrency.values())} containers may hold {held} connections at once, more than the "
            f"{usable} that the proxy may open of the database's {max_connections} (MaxConnections in "
            "infra/stages.toml)"
        )


def _connections(project: Project, function: str) -> int:
    return int(project.config(function).environment_variables.get("DATABASE_CONNECTIONS", 1))


def _check_throttling(project: Project) -> Iterator[str]:
    """Yield a problem if API Gateway's burst limit can't equal the requests that api_handler handles at once.

    The deployment sets the limit to api_handler's reserved concurrency (infra/gateway.py). Without one, a burst
    would be as large as the account allows, and Lambda would refuse what exceeds the concurrency that others
    leave.
    """
    concurrency = reserved_concurrency(project)
    if concurrency and API_HANDLER not in concurrency:
        yield (
            f"{API_HANDLER} has no reserved concurrency, which API Gateway's burst limit is set to: set "
            "reserved_concurrency in .chalice/config.json"
        )


def _check_long_polls(project: Project) -> Iterator[str]:
    """Yield a problem if long polls may occupy all containers of the routes."""
    config = project.config(API_HANDLER)
    waiting = int(config.environment_variables.get("MAX_LONG_POLLS", DEFAULT_LONG_POLLS))
    if config.reserved_concurrency is not None and waiting >= config.reserved_concurrency:
        yield (
            f"MAX_LONG_POLLS ({waiting}) leaves no container of {API_HANDLER} for other requests: its "
            f"reserved_concurrency is {config.reserved_concurrency}"
        )


def _check_recursive_triggers(project: Project) -> Iterator[str]:
    """Yield functions that can put objects which trigger themselves."""
    for trigger in (source for source in project.app.event_sources if isinstance(source, S3EventConfig)):
        if not trigger.prefix:
            yield f"{trigger.name} is triggered by every object in the bucket: give it a prefix"
        elif permissions.allows_put(project.statements(trigger.name), trigger.prefix):
            yield f"{trigger.name} is triggered by objects under {trigger.prefix} and may put some there: a loop"


def _check_queue_triggers(project: Project) -> Iterator[str]:
    """Yield what Lambda would refuse, or throttle, of a function that a queue triggers.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    queue = template_reader.read("storage")["Resources"]["DeadLetters"]["Properties"]
    visibility_timeout = int(queue["VisibilityTimeout"])
    for trigger in (source for source in project.app.event_sources if isinstance(source, SQSEventConfig)):
        statements = project.statements(trigger.name)
        for permission in policies.QUEUE_TRIGGER:
            if not permissions.allows(statements, permission):
                yield (
                    f"{project.policy(trigger.name).name} doesn't allow {permission.action} on "
                    f"{permission.resource}, which Lambda's pollers need"
                )
        config = project.config(trigger.name)
        timeout = config.lambda_timeout or 60
        if timeout * 6 > visibility_timeout:
            yield (
                f"{trigger.name}'s timeout of {timeout} s is more than a sixth of its queue's VisibilityTimeout "
                f"of {visibility_timeout} s"
            )
        concurrency = trigger.maximum_concurrency or DEFAULT_ACCOUNT_CONCURRENCY
        if config.reserved_concurrency and concurrency > config.reserved_concurrency:
            yield (
                f"the maximum_concurrency of {trigger.name}'s queue ({trigger.maximum_concurrency or 'not set'}) "
                f"exceeds the function's reserved concurrency ({config.reserved_concurrency})"
            )


def _check_sweep_limits(project: Project) -> Iterator[str]:
    """Yield limits of the sweep that are below process_upload's.

    Both process files, and the result must not depend on which of them does.
    """
    sweep, worker = project.config("sweep"), project.config("process_upload")
    for limit, available, needed in (
        ("memory", sweep.lambda_memory_size or 128, worker.lambda_memory_size or 128),
        ("time", sweep.lambda_timeout or 60, worker.lambda_timeout or 60),
    ):
        if available < needed:
            yield f"sweep has less {limit} ({available}) than process_upload ({needed}); both process files"


def _check_permissions(project: Project) -> Iterator[str]:
    for name in project.functions:
        statements = project.statements(name)
        for permission in policies.required_permissions(project.stage, name, project.config(name)):
            if not permissions.allows(statements, permission):
                yield (
                    f"{project.policy(name).name} doesn't allow {permission.action} on {permission.resource}, "
                    f"which {name} needs"
                )
        yield from _check_network_denied(project, name, statements)


def _check_network_denied(
    project: Project, function: str, statements: list[permissions.Statement]
) -> Iterator[str]:
    """Yield network permissions that are Lambda's, and that the function's code could use too.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    if not project.config(function).subnet_ids:
        return
    arn = policies.function_arn(project.stage, function)
    actions = (*policies.VPC_ACTIONS, "ec2:DetachNetworkInterface")
    denied = [permissions.denies_code(statements, arn, permissions.Permission(action, "*")) for action in actions]
    if not all(denied):
        yield (
            f"{project.policy(function).name} doesn't deny {', '.join(actions)} to the code of {function}: add a "
            f"Deny with the condition ArnEquals {permissions.SOURCE_FUNCTION} {arn}"
        )


def _check_placeholders(project: Project) -> Iterator[str]:
    """Yield placeholders that no stack output, no value of the stage and no base value replaces.

    Names in capitals are environment variables.
    """
    stage = project.stage
    config = json.loads((project.folder / ".chalice" / "config.json").read_text())
    policy_documents = [json.loads(project.policy(name).read_text()) for name in project.functions]
    names = {"AccountId", "Region", "Stage", "Architecture", "BucketName", *stage.values}
    for template in stage.stacks:
        names |= set(template_reader.read(template).get("Outputs", {}))
    if f"{secrets.UPLOAD_TOKENS}Arn" in names:
        names.add(secrets.UPLOAD_TOKENS)
    used = set().union(*map(chalice_project.find_placeholders, [config["stages"][stage.name], *policy_documents]))
    for name in sorted(used - names):
        if not name.isupper():
            yield f".chalice refers to ${{{name}}}, which isn't an output of a stack of {stage.name}"
