"""The service in docker compose: the acceptance tests, and what is particular to compose."""

import json
import os
import subprocess
import sys
import time
from typing import Any

import localstack_client.session
import pytest
import requests

from infra.app_functions import function_names
from infra.stages import Stage
from tests.acceptance.client import Client
from tests.compose.project import REPOSITORY, Project, exists, listening
from tests.samples import png

BUCKET = "file-loader"
KEEPS = ("localstack", "postgres", "reaper")
"""What holds something in memory, and what LocalStack depends on."""

CHUNKED = "tests/acceptance/test_main_job.py::TestUploading::test_a_chunked_body_is_taken"
"""Chalice's server reads no chunked body, and answers 411: tests/integration/test_chalice_local.py."""

UNKNOWN = "tests/acceptance/test_bad_input.py::test_unknown_addresses"
"""No route is asked about these, and neither server in compose gives them the shape of our errors."""

ACROSS_CONTAINERS = """
import json, urllib.request as r
def called(url, body=None, **headers):
    with r.urlopen(r.Request(url, body, headers)) as answer:
        return answer.url, answer.read()
kind = {"Content-Type": "application/octet-stream"}
file = json.loads(called("http://api:8000/api/upload?name=across.txt", b"across", **kind)[1])
print(file["file"], *called(file["file"]))
"""


@pytest.fixture
def aws(project: Project) -> Any:
    """Clients of LocalStack, as localstack-client makes them."""
    return localstack_client.session.Session(localstack_host=project.localstack).client


@pytest.mark.parametrize("module", ["test_main_job", "test_bad_input"])
def test_the_acceptance_tests(project: Project, module: str) -> None:
    _accepts(
        project, project.client, f"tests/acceptance/{module}.py", "--deselect", CHUNKED, "--deselect", UNKNOWN
    )


def test_the_deployed_routes_take_a_chunked_body(project: Project) -> None:
    _accepts(project, project.deployed, CHUNKED)


def _accepts(project: Project, client: Client, *arguments: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"BASE_URL": client.base_url},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr + project.logs()


@pytest.mark.parametrize("path", ["/", "/api", "/api/nothing", "/api/files/a/b/c", "/%00"])
def test_unknown_addresses(project: Project, path: str) -> None:
    """As docs/how-to/run-with-compose.md says."""
    for client, status in ((project.client, 403), (project.deployed, 404)):
        answer = client.request("GET", path)
        assert (answer.status_code, answer.json()) == (status, {"message": "Missing Authentication Token"})


def test_a_presigned_url_works_on_the_host(project: Project) -> None:
    file = project.client.upload("here.txt", b"here")
    redirect = project.client.request("GET", f"/api/files/{file['id']}/content")
    assert redirect.headers["Location"].startswith(f"http://{project.localstack}/{BUCKET}/uploads/")
    assert requests.get(redirect.headers["Location"], timeout=30).content == b"here"


def test_a_presigned_url_works_between_containers(project: Project) -> None:
    file, where, content = project.in_container(ACROSS_CONTAINERS).split(maxsplit=2)
    assert file.startswith("http://api:8000/api/files/")
    assert where.startswith(f"http://localstack:4566/{BUCKET}/uploads/")
    assert content.strip() == "b'across'"


def test_the_function_that_was_deployed_does_the_processing(project: Project, aws: Any) -> None:
    """Nothing else in compose could: the routes' container only serves routes."""
    client = aws("lambda")
    names = {made["FunctionName"] for made in client.list_functions()["Functions"]}
    assert names == {Stage.load("localstack").function_name(name) for name in function_names()}
    file = project.client.wait_until_terminal(project.client.upload("photo.png", png(), "image/png")["id"])
    assert file["result"]["image"]["format"] == "PNG"
    [trigger] = aws("s3").get_bucket_notification_configuration(Bucket=BUCKET)["LambdaFunctionConfigurations"]
    assert trigger["LambdaFunctionArn"].endswith(":file-loader-localstack-process_upload")
    [mapping] = client.list_event_source_mappings()["EventSourceMappings"]
    assert mapping["EventSourceArn"].endswith(":file-loader-localstack-dead-letters")
    assert mapping["FunctionArn"].endswith(":file-loader-localstack-handle_dead_letters")
    config = client.get_function_event_invoke_config(FunctionName="file-loader-localstack-process_upload")
    assert config["DestinationConfig"]["OnFailure"]["Destination"].endswith(":file-loader-localstack-dead-letters")


def test_dead_letters_are_taken_out_of_their_queue(project: Project, aws: Any) -> None:
    """By a function that has asked the database: without it, the message would stay."""
    sqs = aws("sqs")
    queue = sqs.get_queue_url(QueueName="file-loader-localstack-dead-letters")["QueueUrl"]
    record = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "uploads/no+such+file"}}}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": [record]}))
    waiting = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    end = time.monotonic() + 60
    while set(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=waiting)["Attributes"].values()) != {"0"}:
        assert time.monotonic() < end, project.logs()
        time.sleep(0.2)


def test_an_object_of_another_tool_is_adopted(project: Project, aws: Any) -> None:
    aws("s3").put_object(Bucket=BUCKET, Key="uploads/from elsewhere/Grüße +1.txt", Body=b"hello\n")
    end = time.monotonic() + 60
    while not (found := project.client.files(q="Grüße +1", status="processed")):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert project.client.download(found[0]).content == b"hello\n"


def test_the_deployed_routes_work(project: Project) -> None:
    """The same app as a function behind LocalStack's API Gateway: not the container on port 8000."""
    client = project.deployed
    file = client.wait_until_terminal(client.upload_raw("deployed.png", png(), "image/png")["id"])
    assert file["file"].startswith(client.base_url)
    assert client.download(file).content == png()
    assert project.client.file(file["id"])["name"] == "deployed.png"
    client.delete(file["id"])
    assert project.client.request("GET", f"/api/files/{file['id']}").status_code == 404


def test_a_deployment_can_be_repeated(project: Project) -> None:
    """On what is there, without anything else being replaced: LocalStack would forget the files."""
    file = project.client.wait_until_terminal(project.client.upload("before.txt", b"before")["id"])
    containers = project.containers(*KEEPS)
    printed = project.compose("run", "--rm", "deploy")
    assert "ready http://" in printed
    assert project.containers(*KEEPS) == containers
    _is_served(project, file, b"before")


def test_up_once_more_keeps_the_files(project: Project) -> None:
    file = project.client.wait_until_terminal(project.client.upload("before.txt", b"before")["id"])
    containers = project.containers(*KEEPS)
    project.start()
    assert project.containers(*KEEPS) == containers
    _is_served(project, file, b"before")


def _is_served(project: Project, file: dict[str, Any], content: bytes) -> None:
    """By the routes' container and by the deployed function; and the next one is processed."""
    assert project.client.download(file).content == content
    assert project.deployed.download(project.deployed.file(file["id"])).content == content
    assert (
        project.client.wait_until_terminal(project.client.upload("after.txt", b"x")["id"])["status"] == "processed"
    )


@pytest.mark.usefixtures("project")
def test_a_start_removes_what_a_killed_run_has_left(of_a_killed_run: str) -> None:
    assert not exists(of_a_killed_run)


@pytest.mark.usefixtures("project")
def test_nothing_listens_beyond_this_machine() -> None:
    assert set(listening()) == {"127.0.0.1"}
