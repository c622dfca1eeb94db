"""What would go wrong after a deployment, found before it."""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.exceptions import ClientError
from chalice.app import S3EventConfig, SQSEventConfig

from infra import policies, project
from infra.stacks import TEMPLATES
from infra.stages import FUNCTIONS, Stage

GATEWAY_SECONDS = 29
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""

UNRESERVED = 100
"""What Lambda keeps free of reservations for an account's other functions.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""


def problems(stage: Stage, source: Path = project.SOURCE) -> Iterator[str]:
    """Yield what is wrong with the stage's configuration; no request is made."""
    config = json.loads((source / ".chalice" / "config.json").read_text())
    if stage.name not in config["stages"]:
        yield f".chalice/config.json has no stage {stage.name}"
        return
    yield from _too_many_connections(stage, config)
    yield from _loops(source, config)
    yield from _refused_mappings(stage, source, config)
    yield from _missing_permissions(source, config)
    yield from _unknown_references(stage, source, config)
    if setting(config, stage, "api_handler", "lambda_timeout", 60) > GATEWAY_SECONDS:
        yield f"api_handler may take longer than the {GATEWAY_SECONDS} s for which API Gateway waits"


def problems_of_account(session: boto3.session.Session, stage: Stage) -> Iterator[str]:
    """Yield what the account doesn't allow."""
    config = json.loads((project.SOURCE / ".chalice" / "config.json").read_text())
    client = session.client("lambda")
    wanted = sum(reserved(config, stage).values())
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


def setting(config: dict[str, Any], stage: Stage, function: str, name: str, default: Any) -> Any:
    """Return what Chalice's configuration says of a function, as Chalice looks it up."""
    here = config["stages"][stage.name]
    for place in (
        here.get("lambda_functions", {}).get(function, {}),
        here,
        config.get("lambda_functions", {}).get(function, {}),
        config,
    ):
        if place.get(name) is not None:
            return place[name]
    return default


def reserved(config: dict[str, Any], stage: Stage) -> dict[str, int]:
    """Return the reserved concurrency by function, of those that have one."""
    found = {name: setting(config, stage, name, "reserved_concurrency", None) for name in FUNCTIONS}
    return {name: number for name, number in found.items() if number is not None}


def _too_many_connections(stage: Stage, config: dict[str, Any]) -> Iterator[str]:
    if "database" not in stage.stacks:
        return
    template = _template("database")
    share = template["Resources"]["ProxyTargets"]["Properties"]["ConnectionPoolConfigurationInfo"]
    most = int(stage.parameters.get("MaxConnections", template["Parameters"]["MaxConnections"]["Default"]))
    usable = most * int(share["MaxConnectionsPercent"]) // 100
    concurrency = reserved(config, stage)
    for name in FUNCTIONS:
        if name not in concurrency:
            yield f"{name} has no reserved concurrency, so any number of it may ask for connections"
    each = int(config["stages"][stage.name]["environment_variables"].get("DATABASE_CONNECTIONS", 1))
    if sum(concurrency.values()) * each > usable:
        yield (
            f"{sum(concurrency.values())} functions at once with {each} connection(s) each are more than the "
            f"{usable} that the proxy may open of the database's {most} (MaxConnections in infra/stages.toml)"
        )


def _loops(source: Path, config: dict[str, Any]) -> Iterator[str]:
    """A function that an object calls must not be allowed to make such objects."""
    for trigger in (made for made in _event_sources(source) if isinstance(made, S3EventConfig)):
        if not trigger.prefix:
            yield f"{trigger.name} is called for every object in the bucket: give it a prefix"
        elif policies.may_write(policies.granted(_policy(source, config, trigger.name)), trigger.prefix):
            yield f"{trigger.name} is called for objects under {trigger.prefix} and may put some there: a loop"


def _refused_mappings(stage: Stage, source: Path, config: dict[str, Any]) -> Iterator[str]:
    """What Lambda wants of a function that a queue calls.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    hidden = int(_template("storage")["Resources"]["DeadLetters"]["Properties"]["VisibilityTimeout"])
    concurrency = reserved(config, stage)
    for made in (made for made in _event_sources(source) if isinstance(made, SQSEventConfig)):
        policy = _policy(source, config, made.name)
        if missing := policies.RECEIVE - policies.actions(policies.granted(policy)):
            yield f"{policy.name} doesn't allow {', '.join(sorted(missing))}, which its queue's pollers need"
        if setting(config, stage, made.name, "lambda_timeout", 60) * 6 > hidden:
            yield f"{made.name}'s timeout is more than a sixth of its queue's VisibilityTimeout of {hidden} s"
        if made.name in concurrency and (made.maximum_concurrency or 1000) > concurrency[made.name]:
            yield f"{made.name}'s queue may call more of it at once than its reserved concurrency lets"


def _event_sources(source: Path) -> list[Any]:
    sys.path.insert(0, str(source))
    try:
        return list(import_module("app").app.event_sources)
    finally:
        sys.path.remove(str(source))


def _missing_permissions(source: Path, config: dict[str, Any]) -> Iterator[str]:
    for name in FUNCTIONS:
        policy = _policy(source, config, name)
        missing = policies.needed(name) - policies.actions(policies.granted(policy))
        if missing:
            yield f"{policy.name} doesn't allow {', '.join(sorted(missing))}, which {name} calls"


def _unknown_references(stage: Stage, source: Path, config: dict[str, Any]) -> Iterator[str]:
    """References that no output, no value of the stage and nothing that is always known fills in.

    Names in capitals come from the environment.
    """
    known = {"AccountId", "Region", "Stage", "Architecture", "BucketName", *stage.values}
    for template in stage.stacks:
        known |= set(_template(template).get("Outputs", {}))
    documents = [config["stages"][stage.name]]
    documents += [json.loads(_policy(source, config, name).read_text()) for name in FUNCTIONS]
    for name in sorted(set().union(*map(project.references, documents)) - known):
        if not name.isupper():
            yield f".chalice refers to ${{{name}}}, which no stack of {stage.name} puts out"


def _policy(source: Path, config: dict[str, Any], function: str) -> Path:
    return source / ".chalice" / str(config["lambda_functions"][function]["iam_policy_file"])


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as !Ref, as what stands behind them."""


def _behind_a_tag(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node)


_Loader.add_multi_constructor("!", _behind_a_tag)


def _template(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.load((TEMPLATES / f"{name}.yaml").read_text(), _Loader)  # noqa: S506  # a SafeLoader
    return parsed
