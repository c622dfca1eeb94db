"""Which permissions the functions need."""

import ast
from collections.abc import Iterator

from chalice.config import Config

from infra.chalice_project import SOURCE
from infra.errors import InfraError
from infra.permissions import Permission
from infra.stages import Stage

STORAGE_USES: dict[str, dict[str, set[str]]] = {
    "api_handler": {
        "uploads/": {"put", "delete", "download_url"},
        "derived/": {"delete", "download_url"},
        "": {"check"},
    },
    "process_upload": {"uploads/": {"head", "read", "delete"}, "derived/": {"put", "delete"}},
    "handle_dead_letters": {},
    "sweep": {"uploads/": {"head", "read", "list", "delete"}, "derived/": {"put", "list", "delete"}},
    "migrate": {},
    "mark_files_for_reprocessing": {},
}
"""The methods of chalicelib.core.ports.Storage that each function calls, by the prefix of the keys that it calls
them with. A test compares it with what they do."""

ACTIONS = {
    "put_object": "s3:PutObject",
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "delete_object": "s3:DeleteObject",
    "head_bucket": "s3:ListBucket",
    "list_objects_v2": "s3:ListBucket",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""

BUCKET = "arn:aws:s3:::${BucketName}"

NETWORK = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
"""Of a function in a VPC. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""

RECEIVE = tuple(
    Permission(f"sqs:{action}", "${DeadLettersArn}")
    for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
)
"""What the role of a function that the queue calls must allow: Lambda polls with it.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def required(stage: Stage, function: str, said: Config) -> Iterator[Permission]:
    """Yield all that a function's role must allow; `said` is what the configuration says of the function."""
    yield from sorted(needed(function))
    if "database" in stage.stacks:
        yield Permission("rds-db:connect", "${ConnectArn}")
    for action in NETWORK if said.subnet_ids else ():
        yield Permission(action, "*")
    if function in stage.invocations and stage.invocations[function].dead_letters:
        yield Permission("sqs:SendMessage", "${DeadLettersArn}")
    group = f"arn:aws:logs:${{Region}}:${{AccountId}}:log-group:/aws/lambda/{stage.function(function)}"
    yield Permission("logs:CreateLogGroup", group)
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield Permission(action, f"{group}:log-stream:*")


def needed(function: str) -> set[Permission]:
    """Return what a function must be allowed to do in S3, read from the adapter's calls. Raises InfraError."""
    calls = calls_by_method()
    return {
        on_s3(operation, prefix)
        for prefix, methods in STORAGE_USES[function].items()
        for method in methods
        for operation in calls[method]
    }


def on_s3(operation: str, key: str) -> Permission:
    """Return what one of the client's operations needs for a key, or a prefix. Raises InfraError.

    Functions are allowed whole prefixes, and a listing is allowed on the bucket, whatever is listed.
    """
    if operation not in ACTIONS:
        raise InfraError(f"infra/policies.py doesn't say which action {operation} needs")
    if ACTIONS[operation] == "s3:ListBucket":
        return Permission("s3:ListBucket", BUCKET)
    prefix, slash, _ = key.partition("/")
    return Permission(ACTIONS[operation], f"{BUCKET}/{prefix}{slash}*")


def calls_by_method() -> dict[str, set[str]]:
    """Return the client's operations that each of the storage adapter's methods leads to."""
    module = ast.parse((SOURCE / "chalicelib" / "adapters" / "s3.py").read_text())
    [adapter] = [node for node in module.body if isinstance(node, ast.ClassDef)]
    methods = {node.name: node for node in adapter.body if isinstance(node, ast.FunctionDef)}
    return {name: set(_operations(name, methods)) for name in methods}


def _operations(name: str, methods: dict[str, ast.FunctionDef]) -> Iterator[str]:
    for call in (node for node in ast.walk(methods[name]) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(attr="generate_presigned_url"):
                assert isinstance(call.args[0], ast.Constant)
                yield str(call.args[0].value)
            case ast.Attribute(value=ast.Attribute(attr="_client" | "_probe"), attr=operation):
                yield operation
            case ast.Attribute(value=ast.Name(id="self"), attr=other):
                yield from _operations(other, methods)
