"""The permissions that the functions need."""

import ast
from collections.abc import Iterator
from functools import cache

from chalice.config import Config

from infra.chalice_project import PROJECT_ROOT
from infra.errors import InfraError
from infra.permissions import Permission
from infra.stages import Stage

STORAGE_METHODS: dict[str, dict[str, set[str]]] = {
    "api_handler": {
        "uploads/": {
            "put",
            "head",
            "delete",
            "download_url",
            "put_url",
            "unsized_put_url",
            "post_form",
            "create_multipart_upload",
            "create_multipart_upload_url",
            "part_url",
            "list_parts",
            "list_parts_url",
            "complete_multipart_upload",
            "complete_multipart_upload_url",
            "abort_multipart_upload",
            "abort_multipart_upload_url",
        },
        "derived/": {"delete", "download_url"},
        "config/": {"read"},
        "": {"check"},
    },
    "process_upload": {"uploads/": {"head", "read", "delete"}, "derived/": {"put", "delete"}},
    "handle_dead_letters": {},
    "handle_scan_result": {"uploads/": {"head", "delete"}, "derived/": {"delete"}},
    "sweep": {
        "uploads/": {
            "head",
            "read",
            "tags",
            "list",
            "delete",
            "list_parts",
            "complete_multipart_upload",
            "abort_multipart_upload",
            "multipart_uploads",
        },
        "derived/": {"put", "list", "delete"},
    },
    "fetch_signing_keys": {"config/": {"put"}},
    "migrate": {},
    "mark_files_for_reprocessing": {},
    "manage": {},
}
"""The methods of the Storage port that each function calls, by the prefix of the keys that it passes. A test
compares this with the calls that the functions make."""

S3_ACTIONS = {
    "put_object": "s3:PutObject",
    "head_object": "s3:GetObject",
    "get_object": "s3:GetObject",
    "get_object_tagging": "s3:GetObjectTagging",
    "delete_object": "s3:DeleteObject",
    "head_bucket": "s3:ListBucket",
    "list_objects_v2": "s3:ListBucket",
    "create_multipart_upload": "s3:PutObject",
    "upload_part": "s3:PutObject",
    "complete_multipart_upload": "s3:PutObject",
    "list_parts": "s3:ListMultipartUploadParts",
    "abort_multipart_upload": "s3:AbortMultipartUpload",
    "list_multipart_uploads": "s3:ListBucketMultipartUploads",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions"""

BUCKET_ACTIONS = {"s3:ListBucket", "s3:ListBucketMultipartUploads"}
"""Granted on the bucket, whatever is listed."""

MIGRATION = "migrate"
"""The only function that logs in to the database as the owner of the tables."""

BUCKET = "arn:aws:s3:::${BucketName}"

VPC_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
"""For a function in a VPC. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""

QUEUE_TRIGGER = tuple(
    Permission(f"sqs:{action}", "${DeadLettersArn}")
    for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
)
"""What the role of a function with a queue trigger must allow: Lambda polls the queue with it.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def required_permissions(stage: Stage, function: str, config: Config) -> Iterator[Permission]:
    """Yield all permissions that a function's role must have; `config` is the function's Chalice configuration."""
    yield from sorted(s3_permissions(function))
    if "database" in stage.stacks and config.subnet_ids:  # a function outside the network can't reach it
        yield Permission("rds-db:connect", "${OwnerConnectArn}" if function == MIGRATION else "${AppConnectArn}")
    for action in VPC_ACTIONS if config.subnet_ids else ():
        yield Permission(action, "*")
    if function in stage.async_invoke and stage.async_invoke[function].dead_letters:
        yield Permission("sqs:SendMessage", "${DeadLettersArn}")
    group = f"arn:aws:logs:${{Region}}:${{AccountId}}:log-group:/aws/lambda/{stage.function_name(function)}"
    yield Permission("logs:CreateLogGroup", group)
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield Permission(action, f"{group}:log-stream:*")


def function_arn(stage: Stage, function: str) -> str:
    """Return the ARN of a function, as it is written in a policy."""
    return f"arn:aws:lambda:${{Region}}:${{AccountId}}:function:{stage.function_name(function)}"


def s3_permissions(function: str) -> set[Permission]:
    """Return the S3 permissions that a function needs, read from the adapter's calls. Raises InfraError."""
    operations_by_method = s3_operations_by_method()
    return {
        s3_permission(operation, prefix)
        for prefix, methods in STORAGE_METHODS[function].items()
        for method in methods
        for operation in operations_by_method[method]
    }


def s3_permission(operation: str, key: str) -> Permission:
    """Return the permission that an operation of the S3 client needs for a key or a prefix. Raises InfraError.

    Functions get whole prefixes.
    """
    if operation not in S3_ACTIONS:
        raise InfraError(f"S3_ACTIONS in infra/policies.py has no action for {operation}. Add it.")
    if S3_ACTIONS[operation] in BUCKET_ACTIONS:
        return Permission(S3_ACTIONS[operation], BUCKET)
    prefix, slash, _ = key.partition("/")
    return Permission(S3_ACTIONS[operation], f"{BUCKET}/{prefix}{slash}*")


@cache
def s3_operations_by_method() -> dict[str, set[str]]:
    """Return the S3 client's operations that each method of the storage adapter calls, directly or not."""
    modules = [
        ast.parse(path.read_text()) for path in (PROJECT_ROOT / "chalicelib" / "adapters" / "s3").glob("*.py")
    ]
    classes = [node for module in modules for node in module.body if isinstance(node, ast.ClassDef)]
    methods = {node.name: node for cls in classes for node in cls.body if isinstance(node, ast.FunctionDef)}
    return {name: set(_find_operations(name, methods)) for name in methods}


def _find_operations(name: str, methods: dict[str, ast.FunctionDef]) -> Iterator[str]:
    for call in (node for node in ast.walk(methods[name]) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(attr="_send" | "_sign" | "get_paginator"):
                assert isinstance(call.args[0], ast.Constant)
                yield str(call.args[0].value)
            case ast.Attribute(attr="sign_form"):
                yield "put_object"
            case ast.Attribute(value=ast.Attribute(attr="_client"), attr=operation):
                yield operation
            case ast.Attribute(value=ast.Name(id="self"), attr=method):
                yield from _find_operations(method, methods)
