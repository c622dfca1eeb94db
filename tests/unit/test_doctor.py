"""Checks of infra.doctor: each problem is introduced into a copy of this project."""

import json
import re
import shutil
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice, Rate

from chalicelib import settings
from infra import chalice_project, doctor, permissions, policies
from infra.app_functions import function_names, load_app
from infra.chalice_project import PROJECT_ROOT
from infra.errors import InfraError
from infra.permissions import Permission
from infra.stages import STAGES, Stage

PROD = Stage.load("prod")
LOCALSTACK = Stage.load("localstack")
FUNCTIONS = function_names()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the files that the doctor reads."""
    shutil.copytree(PROJECT_ROOT / ".chalice", tmp_path / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    return tmp_path


def test_function_outside_the_network_opens_no_connections(source: Path) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["fetch_signing_keys"]["reserved_concurrency"] = 100

    assert "fetch_signing_keys" not in doctor.Project(source, PROD, load_app()).functions_in_network
    change(source / ".chalice" / "config.json", reserve)
    assert list(doctor.check_stage(PROD, source)) == []


def test_function_in_the_network_by_mistake(source: Path) -> None:
    """It could not reach the issuer there."""

    def move(config: Any) -> None:
        del config["stages"]["prod"]["lambda_functions"]["fetch_signing_keys"]

    change(source / ".chalice" / "config.json", move)
    assert list(doctor.check_stage(PROD, source)) != []


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"AUTH": ""}, "would not start: AUTH must be required, or off for development"),
        ({"AUTH": "none"}, "would not start: AUTH must be required, or off for development"),
        ({"AUTH": "off"}, "would not start: AUTH=off is for development; on AWS, set AUTH=required"),
        ({"CORS_ORIGINS": "*"}, "would not start: CORS_ORIGINS must have origins as browsers send them"),
        ({"CORS_ORIGINS": "https://app.example/"}, "would not start: CORS_ORIGINS must have origins"),
        ({"MAX_UPLOAD_BYTES": "5e6"}, "would not start: MAX_UPLOAD_BYTES must be a positive integer"),
    ],
)
def test_settings_with_which_no_function_would_start(
    source: Path, variables: dict[str, str], problem: str
) -> None:
    change(
        source / ".chalice" / "config.json",
        lambda config: config["stages"]["prod"]["environment_variables"].update(variables),
    )
    [found] = doctor.check_stage(PROD, source)
    assert problem in found
    assert all(name in found for name in FUNCTIONS)


def test_authentication_without_a_secret_for_upload_tokens(source: Path) -> None:
    def remove(config: Any) -> None:
        del config["stages"]["prod"]["lambda_functions"]["api_handler"]["environment_variables"]

    change(source / ".chalice" / "config.json", remove)
    [problem] = doctor.check_stage(PROD, source)
    assert problem.startswith("api_handler has no UPLOAD_TOKEN_SECRET")


def test_secret_of_a_stack_that_the_stage_lacks(source: Path) -> None:
    stage = replace(PROD, stacks=tuple(stack for stack in PROD.stacks if stack != "secrets"))
    assert list(doctor.check_stage(stage, source)) == [
        ".chalice refers to ${UploadTokenSecret}, which isn't an output of a stack of prod"
    ]


@pytest.mark.parametrize(
    ("cors_origins", "allowed_origins", "problems"),
    [
        ("https://a.example", "https://a.example, https://b.example", []),
        ("https://a.example", "*", []),
        ("", "https://a.example", ["no page may call the API: add https://a.example to CORS_ORIGINS"]),
        (
            "https://a.example https://b.example",
            "https://b.example",
            ["pages of https://a.example (CORS_ORIGINS)"],
        ),
    ],
)
def test_pages_that_may_use_only_the_api_or_only_the_bucket(
    source: Path, cors_origins: str, allowed_origins: str, problems: list[str]
) -> None:
    change(
        source / ".chalice" / "config.json",
        lambda config: config["stages"]["prod"]["environment_variables"].update(CORS_ORIGINS=cors_origins),
    )
    stage = replace(PROD, parameters={**PROD.parameters, "AllowedOrigins": allowed_origins})
    found = list(doctor.check_stage(stage, source))
    assert len(found) == len(problems)
    assert all(map(str.startswith, found, problems))


@pytest.mark.parametrize(("auth", "is_refused"), [("required", False), ("off", False), ("on", True)])
def test_settings_of_docker_compose_are_those_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, auth: str, is_refused: bool
) -> None:
    config = json.loads((PROJECT_ROOT / ".chalice" / "config.json").read_text())["stages"]["localstack"]
    for name in chalice_project.find_placeholders(config):
        if name.isupper():
            monkeypatch.setenv(name, "")
    for name, value in (
        ("AUTH", auth),
        ("AWS_ENDPOINT_URL", "http://localstack:4566"),
        ("UPLOAD_TOKEN_SECRET", "x" * 32),
        ("BIND_ADDRESS", "127.0.0.1"),
    ):
        monkeypatch.setenv(name, value)
    assert [problem for problem in doctor.check_stage(LOCALSTACK) if "AUTH" in problem] == (
        [
            f"{', '.join(FUNCTIONS)} would not start: AUTH must be required, or off for development on one "
            "machine, got 'on'"
        ]
        if is_refused
        else []
    )


def find_statement(policy: Any, sid: str) -> Any:
    [statement] = [statement for statement in policy["Statement"] if statement["Sid"] == sid]
    return statement


def change(path: Path, edit: Callable[[Any], Any]) -> None:
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


def sum_of_reserved_concurrency(source: Path) -> int:
    return sum(doctor.reserved_concurrency(doctor.Project(source, PROD, load_app())).values())


@pytest.mark.parametrize("stage", ["prod", "localstack"])
def test_this_project_has_no_problems(stage: str) -> None:
    assert list(doctor.check_stage(Stage.load(stage))) == []


def test_stage_missing_in_chalice_config(source: Path) -> None:
    [problem] = doctor.check_stage(replace(PROD, name="staging"), source)
    assert "no stage staging" in problem


def test_earlier_name_of_a_setting_in_chalice_config(source: Path) -> None:
    """Before anything is deployed: the functions would refuse it. Beside the current name it is ignored."""

    def rename(config: Any) -> None:
        variables = config["stages"]["prod"]["environment_variables"]
        variables |= {"DEAD_LETTERS": variables.pop("DEAD_LETTER_QUEUE"), "SWEEP_AFTER": ""}

    def add_current(config: Any) -> None:
        config["stages"]["prod"]["environment_variables"]["DEAD_LETTER_QUEUE"] = "${DeadLettersName}"

    change(source / ".chalice" / "config.json", rename)
    [problem] = doctor.check_stage(PROD, source)
    assert problem.endswith("DEAD_LETTERS is now called DEAD_LETTER_QUEUE; set DEAD_LETTER_QUEUE instead")
    change(source / ".chalice" / "config.json", add_current)
    assert list(doctor.check_stage(PROD, source)) == []


def test_more_connections_than_the_proxy_may_open(source: Path) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["api_handler"]["reserved_concurrency"] = 48

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.check_stage(PROD, source)  # 48 + 20 + 2 + 3 + 1 + 1 + 1 + 1; the proxy opens 90 % of 80
    assert "77 containers" in problem
    assert "72" in problem
    assert list(doctor.check_stage(replace(PROD, parameters={"MaxConnections": "200"}), source)) == []


def test_database_connections_of_the_stage_count(source: Path) -> None:
    def connect(config: Any) -> None:
        config["stages"]["prod"]["environment_variables"]["DATABASE_CONNECTIONS"] = "2"

    change(source / ".chalice" / "config.json", connect)
    [problem] = doctor.check_stage(PROD, source)
    assert f"may hold {2 * sum_of_reserved_concurrency(source)} connections at once" in problem


def test_database_connections_of_one_function_count(source: Path) -> None:
    def connect(config: Any) -> None:
        # Merged as Chalice does: a function's setting in the stage overrides the one for all functions.
        config["environment_variables"] = {"DATABASE_CONNECTIONS": "2"}
        functions = config["stages"]["prod"]["lambda_functions"]
        functions["api_handler"]["environment_variables"]["DATABASE_CONNECTIONS"] = "4"

    change(source / ".chalice" / "config.json", connect)
    [problem] = doctor.check_stage(PROD, source)
    others = sum_of_reserved_concurrency(source) - 40
    assert f"may hold {40 * 4 + others * 2} connections" in problem


def test_stage_without_environment_variables_has_no_authentication(source: Path) -> None:
    change(
        source / ".chalice" / "config.json", lambda config: config["stages"]["prod"].pop("environment_variables")
    )
    [problem] = doctor.check_stage(PROD, source)
    assert problem.startswith(f"{', '.join(FUNCTIONS)} would not start: AUTH must be required")


def test_function_without_reserved_concurrency(source: Path) -> None:
    def free(config: Any) -> None:
        del config["stages"]["prod"]["lambda_functions"]["process_upload"]

    change(source / ".chalice" / "config.json", free)
    [problem] = doctor.check_stage(PROD, source)
    assert "process_upload has no reserved concurrency" in problem


@pytest.mark.parametrize(("concurrency", "long_polls"), [(40, "40"), (10, None)])
def test_long_polls_must_leave_containers_to_other_requests(
    source: Path, concurrency: int, long_polls: str | None
) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["api_handler"]["reserved_concurrency"] = concurrency
        if long_polls is not None:
            config["stages"]["prod"]["environment_variables"]["MAX_LONG_POLLS"] = long_polls

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.check_stage(PROD, source)
    assert problem.startswith(f"MAX_LONG_POLLS ({long_polls or 10}) leaves no container of api_handler")


def test_default_of_long_polls_is_the_service_s() -> None:
    assert settings.from_environ({}).max_long_polls == doctor.DEFAULT_LONG_POLLS


def test_functions_without_reserved_concurrency_leave_the_gateways_burst_open(source: Path) -> None:
    def free(config: Any) -> None:
        del config["stages"]["prod"]["lambda_functions"]["api_handler"]

    change(source / ".chalice" / "config.json", free)
    problems = list(doctor.check_stage(PROD, source))
    assert (
        "api_handler has no reserved concurrency, which API Gateway's burst limit is set to: set "
        "reserved_concurrency in .chalice/config.json"
    ) in problems


@pytest.mark.parametrize(
    ("register", "more"),
    [
        (lambda app: app.lambda_function(name="new"), []),
        (
            lambda app: app.schedule(Rate(1, unit=Rate.HOURS), name="new"),
            ["infra/stages.toml has no [async_invoke.new], the retries of new"],
        ),
    ],
    ids=["pure", "scheduled"],
)
def test_everything_that_a_new_function_lacks_is_listed(
    source: Path, register: Callable[[Chalice], Callable[..., Any]], more: list[str]
) -> None:
    addition = Chalice("addition", configure_logs=False)
    register(addition)(lambda *_: None)
    app = copy(load_app())
    app.event_sources = [*app.event_sources, *addition.event_sources]
    app.pure_lambda_functions = [*app.pure_lambda_functions, *addition.pure_lambda_functions]
    assert list(doctor.check_stage(PROD, source, app)) == [
        ".chalice/config.json has no lambda_memory_size for new",
        ".chalice/config.json has no lambda_timeout for new",
        ".chalice/config.json has no iam_policy_file for new",
        "STORAGE_METHODS in infra/policies.py has no entry for new",
        *more,
        "the dashboard in infra/templates/monitoring.yaml doesn't show Invocations, Duration, Errors, "
        "ConcurrentExecutions of new",
        "new has no reserved concurrency, so it may open any number of connections: set reserved_concurrency in "
        ".chalice/config.json",
    ]


@pytest.mark.parametrize(
    ("actions", "resource"),
    [
        ("s3:PutObject", "arn:aws:s3:::${BucketName}/uploads/*"),
        (["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::${BucketName}/*"),
        ("s3:PutObject", "arn:aws:s3:::${BucketName}/uploads/thumbnails/*"),
        ("s3:*", "*"),
        ("s3:Put*", "*"),
    ],
)
def test_policy_that_lets_a_function_trigger_itself(source: Path, actions: Any, resource: str) -> None:
    more = {"Effect": "Allow", "Action": actions, "Resource": resource}
    policy = source / ".chalice" / "policy-process_upload.json"
    change(policy, lambda document: document["Statement"].append(more))
    [problem] = doctor.check_stage(PROD, source)
    assert "loop" in problem


def test_thumbnails_under_uploads_would_trigger_process_upload(source: Path) -> None:
    thumbnail = Permission("s3:PutObject", "arn:aws:s3:::${BucketName}/derived/*")
    policy = source / ".chalice" / "policy-process_upload.json"
    assert permissions.allows(permissions.read_statements(policy, "prod"), thumbnail)

    def add(document: Any) -> None:
        thumbnails = find_statement(document, "AccessThumbnails")
        thumbnails["Resource"] = [thumbnails["Resource"], "arn:aws:s3:::${BucketName}/uploads/*"]

    change(policy, add)
    [problem] = doctor.check_stage(PROD, source)
    assert problem == "process_upload is triggered by objects under uploads/ and may put some there: a loop"


def test_trigger_without_a_prefix(source: Path) -> None:
    without_prefix = Chalice("without_prefix", configure_logs=False)
    without_prefix.on_s3_event("bucket", name="process_upload")(lambda *_: None)
    app = copy(load_app())
    others = [trigger for trigger in app.event_sources if trigger.name != "process_upload"]
    app.event_sources = [*others, *without_prefix.event_sources]
    [problem] = doctor.check_stage(PROD, source, app)
    assert "process_upload is triggered by every object" in problem


@pytest.mark.parametrize(("sid", "prefix"), [("AccessUploads", "uploads/"), ("AccessThumbnails", "derived/")])
def test_missing_s3_permission(source: Path, sid: str, prefix: str) -> None:
    def forbid(policy: Any) -> None:
        find_statement(policy, sid)["Action"].remove("s3:DeleteObject")

    change(source / ".chalice" / "policy-sweep.json", forbid)
    [problem] = doctor.check_stage(PROD, source)
    assert problem == (
        f"policy-sweep.json doesn't allow s3:DeleteObject on arn:aws:s3:::${{BucketName}}/{prefix}*, "
        "which sweep needs"
    )


@pytest.mark.parametrize(
    ("sid", "action"),
    [
        ("AccessUploads", "s3:GetObject"),
        ("AccessThumbnails", "s3:PutObject"),
        ("ListBucket", "s3:ListBucket"),
        ("SendDeadLetters", "sqs:SendMessage"),
        ("ConnectToDatabase", "rds-db:connect"),
        ("AccessVpc", "ec2:CreateNetworkInterface"),
        ("WriteLogs", "logs:PutLogEvents"),
    ],
)
@pytest.mark.parametrize("how", ["without", "denied", "elsewhere"])
def test_removed_denied_or_misplaced_statement(source: Path, sid: str, action: str, how: str) -> None:
    def spoil(policy: Any) -> None:
        original = find_statement(policy, sid)
        if how == "without":
            policy["Statement"].remove(original)
        elif how == "denied":
            policy["Statement"].append({**original, "Effect": "Deny", "Sid": "Never"})
        else:
            original["Resource"] = "arn:aws:s3:::${BucketName}/elsewhere/*"

    change(source / ".chalice" / "policy-process_upload.json", spoil)
    problems = list(doctor.check_stage(PROD, source))
    assert any(f"doesn't allow {action} on " in problem for problem in problems)
    assert all(problem.startswith("policy-process_upload.json doesn't allow ") for problem in problems)


def test_listing_must_be_allowed_on_the_bucket_itself(source: Path) -> None:
    def misplace(policy: Any) -> None:
        find_statement(policy, "ListBucket")["Resource"] = "arn:aws:s3:::${BucketName}/*"

    change(source / ".chalice" / "policy-sweep.json", misplace)
    objects, multipart_uploads = sorted(doctor.check_stage(PROD, source))
    assert "s3:ListBucket on arn:aws:s3:::${BucketName}, " in objects
    assert "s3:ListBucketMultipartUploads on arn:aws:s3:::${BucketName}, " in multipart_uploads


def test_policy_with_a_condition_is_refused(source: Path) -> None:
    def restrict(policy: Any) -> None:
        policy["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}

    change(source / ".chalice" / "policy-sweep.json", restrict)
    with pytest.raises(InfraError, match=r"policy-sweep\.json has Condition"):
        list(doctor.check_stage(PROD, source))


@pytest.mark.parametrize("key", ["SourceArn", "lambda:SourceFunctionArn"])
def test_allow_with_a_condition_is_refused(source: Path, key: str) -> None:
    def restrict(policy: Any) -> None:
        policy["Statement"][0]["Condition"] = {"ArnEquals": {key: "arn:aws:lambda:::function:x"}}

    change(source / ".chalice" / "policy-sweep.json", restrict)
    with pytest.raises(InfraError, match=r"policy-sweep\.json has Condition"):
        list(doctor.check_stage(PROD, source))


@pytest.mark.parametrize("how", ["without", "other function", "one action"])
def test_network_permissions_must_be_denied_to_the_functions_code(source: Path, how: str) -> None:
    def spoil(policy: Any) -> None:
        deny = find_statement(policy, "DenyVpcToCode")
        if how == "without":
            policy["Statement"].remove(deny)
        elif how == "other function":
            deny["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"] += "x"
        else:
            deny["Action"].remove("ec2:DetachNetworkInterface")

    change(source / ".chalice" / "policy-sweep.json", spoil)
    [problem] = doctor.check_stage(PROD, source)
    assert problem.startswith("policy-sweep.json doesn't deny ec2:CreateNetworkInterface, ")
    assert problem.endswith("${AccountId}:function:file-loader-prod-sweep")


def test_only_migrate_may_log_in_as_the_owner_of_the_tables() -> None:
    for name in FUNCTIONS:
        statements = permissions.read_statements(PROJECT_ROOT / ".chalice" / f"policy-{name}.json", "prod")
        for user, is_allowed in (
            ("Owner", name == "migrate"),
            ("App", name not in {"migrate", "fetch_signing_keys"}),
        ):
            login = Permission("rds-db:connect", f"${{{user}ConnectArn}}")
            assert permissions.allows(statements, login) == is_allowed, (name, user)


@pytest.mark.parametrize("stage", ["localstack", "prod"])
def test_only_migrate_gets_the_login_of_the_owner(stage: str) -> None:
    for name in FUNCTIONS:
        variables = chalice_project.function_config(PROJECT_ROOT, stage, name).environment_variables
        assert ("MIGRATION_DATABASE_URL" in variables) == (name == "migrate"), name
        assert "DATABASE_URL" in variables


def test_policy_file_of_one_stage_is_checked_for_that_stage_only(source: Path) -> None:
    def use_other_policy(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["sweep"]["iam_policy_file"] = "policy-migrate.json"

    change(source / ".chalice" / "config.json", use_other_policy)
    assert any(
        problem.startswith("policy-migrate.json doesn't allow s3:GetObject")
        and problem.endswith("which sweep needs")
        for problem in doctor.check_stage(PROD, source)
    )
    assert list(doctor.check_stage(LOCALSTACK, source)) == []


def test_missing_policy_file(source: Path) -> None:
    (source / ".chalice" / "policy-sweep.json").unlink()
    [problem] = doctor.check_stage(PROD, source)
    assert problem == ".chalice has no policy-sweep.json"


def test_functions_may_write_only_their_own_log() -> None:
    for name in FUNCTIONS:
        statements = permissions.read_statements(chalice_project.policy_path(PROJECT_ROOT, "prod", name), "prod")
        for other in {*map(PROD.function_name, FUNCTIONS), "file-loader-prod2", "file-loader-prod2-sweep"}:
            group = f"arn:aws:logs:${{Region}}:${{AccountId}}:log-group:/aws/lambda/{other}"
            may_write = permissions.allows(statements, Permission("logs:PutLogEvents", f"{group}:log-stream:1"))
            assert may_write is (other == PROD.function_name(name)), (name, other)


@pytest.mark.parametrize("stage", ["prod", "localstack"])
def test_parameter_that_no_template_declares(stage: str) -> None:
    parameters = {"AlarmEmail": "a@example.org", "RequireTls": "false"}
    [problem] = doctor.check_stage(replace(Stage.load(stage), parameters=parameters))
    assert "AlarmEmail, which isn't a parameter of" in problem


def test_example_parameters_in_stages_toml_exist() -> None:
    examples = re.findall(r'^# (\w+) = "(.*)"', STAGES.read_text(), re.MULTILINE)
    assert examples
    assert list(doctor.check_stage(replace(PROD, parameters=dict(examples)))) == []


def test_async_invoke_of_an_unknown_function() -> None:
    async_invoke = {**PROD.async_invoke, "proces_upload": PROD.async_invoke["process_upload"]}
    [problem] = doctor.check_stage(replace(PROD, async_invoke=async_invoke))
    assert "[async_invoke.proces_upload]" in problem


@pytest.mark.parametrize(("python", "is_supported"), [((3, 11), False), ((3, 12), True), ((3, 13), True)])
def test_python_whose_lambda_runtime_has_an_old_glibc(python: tuple[int, int], is_supported: bool) -> None:
    problems = list(doctor.check_python("doctor", python))
    assert (problems == []) is is_supported
    assert all("Run: make doctor PYTHON=" in problem for problem in problems)


def test_visibility_timeout_shorter_than_six_timeouts(source: Path) -> None:
    def lengthen(config: Any) -> None:
        config["lambda_functions"]["handle_dead_letters"]["lambda_timeout"] = 31

    change(source / ".chalice" / "config.json", lengthen)
    [problem] = doctor.check_stage(PROD, source)
    assert (
        problem
        == "handle_dead_letters's timeout of 31 s is more than a sixth of its queue's VisibilityTimeout of 180 s"
    )


@pytest.mark.parametrize(("setting", "limit"), [("lambda_memory_size", "memory"), ("lambda_timeout", "time")])
def test_sweep_with_lower_limits_than_process_upload(source: Path, setting: str, limit: str) -> None:
    def weaken(config: Any) -> None:
        config["lambda_functions"]["sweep"][setting] = 100

    change(source / ".chalice" / "config.json", weaken)
    [problem] = doctor.check_stage(PROD, source)
    assert problem.startswith(f"sweep has less {limit} (100) than process_upload")


def test_queue_concurrency_above_reserved_concurrency(source: Path) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["handle_dead_letters"]["reserved_concurrency"] = 1

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.check_stage(PROD, source)
    assert (
        problem == "the maximum_concurrency of handle_dead_letters's queue (2) exceeds the function's reserved "
        "concurrency (1)"
    )


def test_missing_queue_permission(source: Path) -> None:
    def forbid(policy: Any) -> None:
        policy["Statement"][0]["Action"].remove("sqs:GetQueueAttributes")

    change(source / ".chalice" / "policy-handle_dead_letters.json", forbid)
    [problem] = doctor.check_stage(PROD, source)
    assert problem.startswith("policy-handle_dead_letters.json doesn't allow sqs:GetQueueAttributes")


def test_unknown_placeholder(source: Path) -> None:
    def misspell(config: Any) -> None:
        config["stages"]["prod"]["environment_variables"]["BUCKET"] = "${BuketName}"

    change(source / ".chalice" / "config.json", misspell)
    [problem] = doctor.check_stage(PROD, source)
    assert "${BuketName}" in problem


def test_api_timeout_longer_than_the_gateways(source: Path) -> None:
    def wait(config: Any) -> None:
        config["lambda_functions"]["api_handler"]["lambda_timeout"] = 30

    change(source / ".chalice" / "config.json", wait)
    [problem] = doctor.check_stage(PROD, source)
    assert "29 s" in problem


def test_s3_permissions_follow_from_the_adapters_calls() -> None:
    bucket = "arn:aws:s3:::${BucketName}"
    assert policies.s3_permissions("process_upload") == {
        Permission("s3:GetObject", f"{bucket}/uploads/*"),
        Permission("s3:DeleteObject", f"{bucket}/uploads/*"),
        Permission("s3:PutObject", f"{bucket}/derived/*"),
        Permission("s3:DeleteObject", f"{bucket}/derived/*"),
        Permission("s3:ListBucket", bucket),
    }
    assert policies.s3_permissions("migrate") == policies.s3_permissions("mark_files_for_reprocessing") == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_no_unused_s3_permissions(name: str) -> None:
    statements = permissions.read_statements(chalice_project.policy_path(PROJECT_ROOT, "prod", name), "prod")
    in_s3 = {
        Permission(action, statement["Resource"])
        for statement in statements
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        if action.startswith("s3:") or action == "*"
    }
    assert in_s3 == policies.s3_permissions(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docs_have_a_row_for_every_function(name: str) -> None:
    page = (PROJECT_ROOT / "docs" / "reference" / "functions.md").read_text()
    assert f"\n| `{name}` | " in page


class Account:
    """A fake session of an account with limited concurrency."""

    def __init__(self, unreserved: int, reserved: int) -> None:
        self.unreserved = unreserved
        self.reserved = reserved

    def client(self, _service: str) -> "Account":
        return self

    def get_account_settings(self) -> Any:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.unreserved}}

    def get_function_concurrency(self, FunctionName: str) -> Any:  # noqa: N803  # boto3's
        return {"ReservedConcurrentExecutions": self.reserved if FunctionName == "file-loader-prod" else 0}


@pytest.mark.parametrize(
    ("unreserved", "reserved", "is_enough"), [(10, 0, False), (168, 0, False), (169, 0, True), (129, 40, True)]
)
def test_concurrency_quota_of_the_account(unreserved: int, reserved: int, is_enough: bool) -> None:
    account: Any = Account(unreserved, reserved)
    assert (list(doctor.check_account(account, PROD)) == []) is is_enough
