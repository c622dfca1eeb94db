"""What the doctor finds before a deployment: each illness is given to a copy of this project."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import doctor, policies
from infra.project import SOURCE
from infra.stages import Stage

PROD = Stage.load("prod")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of what the doctor reads."""
    shutil.copytree(SOURCE / ".chalice", tmp_path / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(SOURCE / "app.py", tmp_path)
    return tmp_path


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
        config["stages"]["prod"]["lambda_functions"]["api_handler"]["reserved_concurrency"] = 49

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.problems(PROD, source)  # 49 + 20 + 2 + 1 + 1, and the proxy opens 90 % of 80
    assert "73 functions" in problem
    assert "72" in problem
    assert list(doctor.problems(replace(PROD, parameters={"MaxConnections": "200"}), source)) == []


def test_each_function_may_hold_several_connections(source: Path) -> None:
    def connect(config: Any) -> None:
        config["stages"]["prod"]["environment_variables"]["DATABASE_CONNECTIONS"] = "2"

    change(source / ".chalice" / "config.json", connect)
    [problem] = doctor.problems(PROD, source)
    assert "with 2 connection(s) each" in problem


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
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    policy = source / ".chalice" / "policy-process_upload.json"
    change(policy, lambda granted: granted["Statement"].append(statement))
    [problem] = doctor.problems(PROD, source)
    assert "loop" in problem


def test_what_it_derives_may_be_written_elsewhere(source: Path) -> None:
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::${BucketName}/derived/*"}
    policy = source / ".chalice" / "policy-process_upload.json"
    change(policy, lambda granted: granted["Statement"].append(statement))
    assert list(doctor.problems(PROD, source)) == []


def test_a_permission_that_is_missing(source: Path) -> None:
    def forbid(policy: Any) -> None:
        policy["Statement"][0]["Action"].remove("s3:DeleteObject")

    change(source / ".chalice" / "policy-sweep.json", forbid)
    [problem] = doctor.problems(PROD, source)
    assert problem == "policy-sweep.json doesn't allow s3:DeleteObject, which sweep calls"


def test_a_queue_whose_messages_come_again_too_early(source: Path) -> None:
    def lengthen(config: Any) -> None:
        config["lambda_functions"]["take_dead_letters"]["lambda_timeout"] = 31

    change(source / ".chalice" / "config.json", lengthen)
    [problem] = doctor.problems(PROD, source)
    assert problem == "take_dead_letters's timeout is more than a sixth of its queue's VisibilityTimeout of 180 s"


def test_a_queue_that_calls_more_than_may_run(source: Path) -> None:
    def reserve(config: Any) -> None:
        config["stages"]["prod"]["lambda_functions"]["take_dead_letters"]["reserved_concurrency"] = 1

    change(source / ".chalice" / "config.json", reserve)
    [problem] = doctor.problems(PROD, source)
    assert "take_dead_letters's queue may call more of it at once" in problem


def test_a_queue_that_may_not_be_polled(source: Path) -> None:
    def forbid(policy: Any) -> None:
        policy["Statement"][0]["Action"].remove("sqs:GetQueueAttributes")

    change(source / ".chalice" / "policy-take_dead_letters.json", forbid)
    [problem] = doctor.problems(PROD, source)
    assert problem.startswith("policy-take_dead_letters.json doesn't allow sqs:GetQueueAttributes")


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
    assert policies.needed("api_handler") == {"s3:PutObject", "s3:GetObject", "s3:DeleteObject"}
    assert policies.needed("process_upload") == {"s3:GetObject", "s3:DeleteObject", "s3:ListBucket"}
    assert policies.needed("migrate") == set()


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
    ("unreserved", "reserved", "fits"), [(10, 0, False), (163, 0, False), (164, 0, True), (124, 40, True)]
)
def test_a_young_account_has_little_concurrency(unreserved: int, reserved: int, fits: bool) -> None:
    account: Any = Account(unreserved, reserved)
    assert (list(doctor.problems_of_account(account, PROD)) == []) is fits
