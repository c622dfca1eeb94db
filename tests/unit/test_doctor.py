"""What the doctor finds before a deployment: each illness is given to a copy of this project."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import chalice_project, doctor, permissions, policies
from infra.chalice_project import SOURCE
from infra.errors import InfraError
from infra.permissions import Permission
from infra.stages import FUNCTIONS, STAGES, Stage

PROD = Stage.load("prod")
LOCALSTACK = Stage.load("localstack")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what the doctor reads."""
    shutil.copytree(SOURCE / ".chalice", tmp_path / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(SOURCE / "app.py", tmp_path)
    return tmp_path


def statement(policy: Any, sid: str) -> Any:
    [found] = [made for made in policy["Statement"] if made["Sid"] == sid]
    return found


def change(path: Path, changed: Callable[[Any], Any]) -> None:
    document = json.loads(path.read_text())
    changed(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("stage", ["prod", "localstack"])
def test_this_project_is_well(stage: str) -> None:
    assert list(doctor.problems(Stage.load(stage))) == []


def test_a_stage_that_chalice_does_not_know(source: Path) -> None:
    [problem] = doctor.problems(replace(PROD, name="staging"), source)
    assert "no stage staging" in problem


def test_more_connections_than_the_database_has(source: Path) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["api_handler"]["reserved_concurrency"] = 48

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.problems(PROD, source)  # 48 + 20 + 2 + 1 + 1 + 1; the proxy opens 90 % of 80
    assert "73 functions" in problem
    assert "72" in problem
    assert list(doctor.problems(replace(PROD, parameters={"MaxConnections": "200"}), source)) == []


def test_each_function_may_hold_several_connections(source: Path) -> None:
    def connect(config: Any) -> None:
        config["stages"]["prod"]["environment_variables"]["DATABASE_CONNECTIONS"] = "2"

    change(source / ".chalice" / "config.json", connect)
    [problem] = doctor.problems(PROD, source)
    assert f"may hold {2 * sum(doctor.reserved(PROD, source).values())} connections" in problem


def test_one_function_may_hold_several_connections(source: Path) -> None:
    def connect(config: Any) -> None:
        # As Chalice merges it: what a stage says of a function wins, what is said of all counts for the rest.
        config["environment_variables"] = {"DATABASE_CONNECTIONS": "2"}
        functions = config["stages"]["prod"]["lambda_functions"]
        functions["api_handler"]["environment_variables"] = {"DATABASE_CONNECTIONS": "4"}

    change(source / ".chalice" / "config.json", connect)
    [problem] = doctor.problems(PROD, source)
    others = sum(doctor.reserved(PROD, source).values()) - 40
    assert f"may hold {40 * 4 + others * 2} connections" in problem


def test_a_stage_without_variables(source: Path) -> None:
    change(
        source / ".chalice" / "config.json", lambda config: config["stages"]["prod"].pop("environment_variables")
    )
    assert list(doctor.problems(PROD, source)) == []


def test_a_function_without_a_limit(source: Path) -> None:
    def free(config: Any) -> None:
        del config["stages"]["prod"]["lambda_functions"]["process_upload"]

    change(source / ".chalice" / "config.json", free)
    [problem] = doctor.problems(PROD, source)
    assert "process_upload has no reserved concurrency" in problem


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
def test_a_function_that_could_call_itself(source: Path, actions: Any, resource: str) -> None:
    more = {"Effect": "Allow", "Action": actions, "Resource": resource}
    policy = source / ".chalice" / "policy-process_upload.json"
    change(policy, lambda granted: granted["Statement"].append(more))
    [problem] = doctor.problems(PROD, source)
    assert "loop" in problem


def test_it_puts_what_it_derives_beside_what_calls_it(source: Path) -> None:
    thumbnail = Permission("s3:PutObject", "arn:aws:s3:::${BucketName}/derived/*")
    policy = source / ".chalice" / "policy-process_upload.json"
    assert permissions.allow(permissions.granted(policy, "prod"), thumbnail)

    def add(granted: Any) -> None:
        thumbnails = statement(granted, "WorkOnThumbnails")
        thumbnails["Resource"] = [thumbnails["Resource"], "arn:aws:s3:::${BucketName}/uploads/*"]

    change(policy, add)
    [problem] = doctor.problems(PROD, source)
    assert problem == "process_upload is called for objects under uploads/ and may put some there: a loop"


def test_a_function_that_every_object_calls(source: Path) -> None:
    app = source / "app.py"
    app.write_text(app.read_text().replace(", prefix=UPLOADS", ""))
    [problem] = doctor.problems(PROD, source)
    assert "process_upload is called for every object" in problem


@pytest.mark.parametrize(("sid", "prefix"), [("WorkOnUploads", "uploads/"), ("WorkOnThumbnails", "derived/")])
def test_a_permission_that_is_missing(source: Path, sid: str, prefix: str) -> None:
    def forbid(policy: Any) -> None:
        statement(policy, sid)["Action"].remove("s3:DeleteObject")

    change(source / ".chalice" / "policy-sweep.json", forbid)
    [problem] = doctor.problems(PROD, source)
    assert problem == (
        f"policy-sweep.json doesn't allow s3:DeleteObject on arn:aws:s3:::${{BucketName}}/{prefix}*, "
        "which sweep needs"
    )


@pytest.mark.parametrize(
    ("sid", "action"),
    [
        ("WorkOnUploads", "s3:GetObject"),
        ("WorkOnThumbnails", "s3:PutObject"),
        ("TellMissingFromForbidden", "s3:ListBucket"),
        ("LeaveDeadLetters", "sqs:SendMessage"),
        ("LogInToTheDatabase", "rds-db:connect"),
        ("JoinTheNetwork", "ec2:CreateNetworkInterface"),
        ("WriteLogs", "logs:PutLogEvents"),
    ],
)
@pytest.mark.parametrize("how", ["without", "denied", "elsewhere"])
def test_a_statement_that_gives_nothing(source: Path, sid: str, action: str, how: str) -> None:
    def spoil(policy: Any) -> None:
        given = statement(policy, sid)
        if how == "without":
            policy["Statement"].remove(given)
        elif how == "denied":
            policy["Statement"].append({**given, "Effect": "Deny", "Sid": "Never"})
        else:
            given["Resource"] = "arn:aws:s3:::${BucketName}/elsewhere/*"

    change(source / ".chalice" / "policy-process_upload.json", spoil)
    found = list(doctor.problems(PROD, source))
    assert any(f"doesn't allow {action} on " in problem for problem in found)
    assert all(problem.startswith("policy-process_upload.json doesn't allow ") for problem in found)


def test_a_bucket_is_listed_itself_and_not_its_objects(source: Path) -> None:
    def misplace(policy: Any) -> None:
        statement(policy, "TellMissingFromForbidden")["Resource"] = "arn:aws:s3:::${BucketName}/*"

    change(source / ".chalice" / "policy-sweep.json", misplace)
    [problem] = doctor.problems(PROD, source)
    assert "s3:ListBucket on arn:aws:s3:::${BucketName}, " in problem


def test_a_condition_is_not_judged(source: Path) -> None:
    def restrict(policy: Any) -> None:
        policy["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}

    change(source / ".chalice" / "policy-sweep.json", restrict)
    with pytest.raises(InfraError, match=r"policy-sweep\.json holds Condition"):
        list(doctor.problems(PROD, source))


def test_a_policy_that_only_this_stage_has(source: Path) -> None:
    def give(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["sweep"]["iam_policy_file"] = "policy-migrate.json"

    change(source / ".chalice" / "config.json", give)
    assert any(
        problem.startswith("policy-migrate.json doesn't allow s3:GetObject")
        and problem.endswith("which sweep needs")
        for problem in doctor.problems(PROD, source)
    )
    assert list(doctor.problems(LOCALSTACK, source)) == []


def test_a_policy_that_is_not_there(source: Path) -> None:
    (source / ".chalice" / "policy-sweep.json").unlink()
    [problem] = doctor.problems(PROD, source)
    assert problem == ".chalice has no policy-sweep.json"


def test_no_function_writes_another_ones_log() -> None:
    for name in FUNCTIONS:
        statements = permissions.granted(chalice_project.policy(SOURCE, "prod", name), "prod")
        for other in {*map(PROD.function, FUNCTIONS), "file-loader-prod2", "file-loader-prod2-sweep"}:
            group = f"arn:aws:logs:${{Region}}:${{AccountId}}:log-group:/aws/lambda/{other}"
            written = permissions.allow(statements, Permission("logs:PutLogEvents", f"{group}:log-stream:1"))
            assert written is (other == PROD.function(name)), (name, other)


@pytest.mark.parametrize("stage", ["prod", "localstack"])
def test_a_parameter_that_no_template_has(stage: str) -> None:
    parameters = {"AlarmEmail": "a@example.org", "RequireTls": "false"}
    [problem] = doctor.problems(replace(Stage.load(stage), parameters=parameters))
    assert "AlarmEmail, which is no parameter of storage" in problem


def test_the_examples_in_the_stages_are_parameters() -> None:
    examples = re.findall(r'^# (\w+) = "(.*)"', STAGES.read_text(), re.MULTILINE)
    assert examples
    assert list(doctor.problems(replace(PROD, parameters=dict(examples)))) == []


def test_an_invocation_of_no_function() -> None:
    invocations = {"proces_upload": PROD.invocations["process_upload"]}
    [problem] = doctor.problems(replace(PROD, invocations=invocations))
    assert "proces_upload" in problem


@pytest.mark.parametrize(("python", "fits"), [((3, 11), False), ((3, 12), True), ((3, 13), True)])
def test_a_python_whose_runtime_is_too_old(python: tuple[int, int], fits: bool) -> None:
    assert (list(doctor.problems_of_python(python)) == []) is fits


def test_a_queue_whose_messages_come_again_too_early(source: Path) -> None:
    def lengthen(config: Any) -> None:
        config["lambda_functions"]["handle_dead_letters"]["lambda_timeout"] = 31

    change(source / ".chalice" / "config.json", lengthen)
    [problem] = doctor.problems(PROD, source)
    assert (
        problem == "handle_dead_letters's timeout is more than a sixth of its queue's VisibilityTimeout of 180 s"
    )


@pytest.mark.parametrize(("setting", "what"), [("lambda_memory_size", "memory"), ("lambda_timeout", "time")])
def test_a_sweep_that_could_not_do_what_process_upload_does(source: Path, setting: str, what: str) -> None:
    def weaken(config: Any) -> None:
        config["lambda_functions"]["sweep"][setting] = 100

    change(source / ".chalice" / "config.json", weaken)
    [problem] = doctor.problems(PROD, source)
    assert problem.startswith(f"sweep has less {what} (100) than process_upload")


def test_a_queue_that_calls_more_than_may_run(source: Path) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["handle_dead_letters"]["reserved_concurrency"] = 1

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.problems(PROD, source)
    assert "handle_dead_letters's queue may call more of it at once" in problem


def test_a_queue_that_may_not_be_polled(source: Path) -> None:
    def forbid(policy: Any) -> None:
        policy["Statement"][0]["Action"].remove("sqs:GetQueueAttributes")

    change(source / ".chalice" / "policy-handle_dead_letters.json", forbid)
    [problem] = doctor.problems(PROD, source)
    assert problem.startswith("policy-handle_dead_letters.json doesn't allow sqs:GetQueueAttributes")


def test_a_name_that_nothing_fills_in(source: Path) -> None:
    def misspell(config: Any) -> None:
        config["stages"]["prod"]["environment_variables"]["BUCKET"] = "${BuketName}"

    change(source / ".chalice" / "config.json", misspell)
    [problem] = doctor.problems(PROD, source)
    assert "${BuketName}" in problem


def test_a_route_that_outlasts_the_gateway(source: Path) -> None:
    def wait(config: Any) -> None:
        config["lambda_functions"]["api_handler"]["lambda_timeout"] = 30

    change(source / ".chalice" / "config.json", wait)
    [problem] = doctor.problems(PROD, source)
    assert "29 s" in problem


def test_what_the_adapter_calls_is_read_from_it() -> None:
    bucket = "arn:aws:s3:::${BucketName}"
    assert policies.needed("process_upload") == {
        Permission("s3:GetObject", f"{bucket}/uploads/*"),
        Permission("s3:DeleteObject", f"{bucket}/uploads/*"),
        Permission("s3:PutObject", f"{bucket}/derived/*"),
        Permission("s3:DeleteObject", f"{bucket}/derived/*"),
        Permission("s3:ListBucket", bucket),
    }
    assert policies.needed("migrate") == policies.needed("mark_files_for_reprocessing") == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_may_do_more_in_s3_than_it_does(name: str) -> None:
    given = permissions.granted(chalice_project.policy(SOURCE, "prod", name), "prod")
    in_s3 = {
        Permission(action, made["Resource"])
        for made in given
        for action in ([made["Action"]] if isinstance(made["Action"], str) else made["Action"])
        if action.startswith("s3:") or action == "*"
    }
    assert in_s3 == policies.needed(name)


class Account:
    """A session whose account has so much concurrency left; only what the doctor asks."""

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
    ("unreserved", "reserved", "fits"), [(10, 0, False), (164, 0, False), (165, 0, True), (125, 40, True)]
)
def test_a_young_account_has_little_concurrency(unreserved: int, reserved: int, fits: bool) -> None:
    account: Any = Account(unreserved, reserved)
    assert (list(doctor.problems_of_account(account, PROD)) == []) is fits
