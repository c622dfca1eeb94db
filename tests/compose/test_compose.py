"""The service in docker compose: the acceptance tests, and what only compose has."""

import json
import os
import subprocess
import sys
import time
from typing import Any

import localstack_client.session
import pytest
import requests

from file_loader_client import File
from infra.app_functions import function_names
from infra.stages import Stage
from tests.acceptance import test_files_api
from tests.acceptance.client import Client
from tests.compose.project import CORS_ORIGINS, REPOSITORY, Project, exists, list_published_addresses
from tests.samples import png

BUCKET = "file-loader"
STATEFUL_SERVICES = ("localstack", "postgres", "reaper")
"""The services with state in memory, and what LocalStack depends on."""

_CHUNKED = test_files_api.TestUpload.test_a_chunked_body_is_accepted
CHUNKED_BODY_TEST = f"tests/acceptance/test_files_api.py::{_CHUNKED.__qualname__.replace('.', '::')}"

ACROSS_CONTAINERS = """
import json, urllib.request as r
def fetch(url, body=None, **headers):
    with r.urlopen(r.Request(url, body, headers)) as response:
        return response.url, response.read()
kind = {"Content-Type": "application/octet-stream"}
file = json.loads(fetch("http://api:8000/api/upload?name=across.txt", b"across", **kind)[1])
print(file["file"], *fetch(file["file"]))
"""


@pytest.fixture
def aws(project: Project) -> Any:
    """Clients of LocalStack, as localstack-client makes them."""
    return localstack_client.session.Session(localstack_host=project.localstack).client


@pytest.mark.parametrize("module", ["test_files_api", "test_bad_input", "test_methods"])
def test_acceptance_tests_pass(project: Project, module: str) -> None:
    _run_acceptance_tests(project, project.client, f"tests/acceptance/{module}.py")


def test_deployed_routes_accept_a_chunked_body(project: Project) -> None:
    _run_acceptance_tests(project, project.deployed, CHUNKED_BODY_TEST)


def test_deployed_routes_have_head_options_and_cors(project: Project) -> None:
    """LocalStack leaves all three to the API: it refuses web pages and responds to OPTIONS itself elsewhere."""
    _run_acceptance_tests(project, project.deployed, "tests/acceptance/test_methods.py")


def _run_acceptance_tests(project: Project, client: Client, *arguments: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"BASE_URL": client.base_url, "CORS_ORIGINS": CORS_ORIGINS},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr + project.logs()


@pytest.mark.parametrize("path", ["/index.html", "/api", "/api/nothing", "/api/files/a/b/c", "/%00"])
def test_unknown_url_of_the_deployed_routes_is_404(project: Project, path: str) -> None:
    """LocalStack's API Gateway has a response of its own, as docs/how-to/run-with-compose.md says. The API doesn't
    describe it, so that the client would refuse it."""
    response = requests.get(f"{project.deployed.base_url}{path}", timeout=30)
    assert (response.status_code, response.json()) == (404, {"message": "Missing Authentication Token"})


def test_presigned_url_works_on_the_host(project: Project) -> None:
    file = project.client.upload_form("here.txt", b"here")
    redirect = project.client.request("GET", f"/api/files/{file.id}/content")
    assert redirect.headers["Location"].startswith(f"http://{project.localstack}/{BUCKET}/uploads/")
    assert requests.get(redirect.headers["Location"], timeout=30).content == b"here"


def test_presigned_url_works_between_containers(project: Project) -> None:
    file, where, content = project.in_container(ACROSS_CONTAINERS).split(maxsplit=2)
    assert file.startswith("http://api:8000/api/files/")
    assert where.startswith(f"http://localstack:4566/{BUCKET}/uploads/")
    assert content.strip() == "b'across'"


def test_deployed_function_processes_uploads(project: Project, aws: Any) -> None:
    """Nothing else in compose can process: the routes' container only serves routes."""
    client = aws("lambda")
    names = {function["FunctionName"] for function in client.list_functions()["Functions"]}
    assert names == {Stage.load("localstack").function_name(name) for name in function_names()}
    file = project.client.wait_until_terminal(project.client.upload_form("photo.png", png(), "image/png").id)
    assert file.result is not None
    assert file.result["image"]["format"] == "PNG"
    [trigger] = aws("s3").get_bucket_notification_configuration(Bucket=BUCKET)["LambdaFunctionConfigurations"]
    assert trigger["LambdaFunctionArn"].endswith(":file-loader-localstack-process_upload")
    [mapping] = client.list_event_source_mappings()["EventSourceMappings"]
    assert mapping["EventSourceArn"].endswith(":file-loader-localstack-dead-letters")
    assert mapping["FunctionArn"].endswith(":file-loader-localstack-handle_dead_letters")
    config = client.get_function_event_invoke_config(FunctionName="file-loader-localstack-process_upload")
    assert config["DestinationConfig"]["OnFailure"]["Destination"].endswith(":file-loader-localstack-dead-letters")


def test_dead_letters_are_removed_from_their_queue(project: Project, aws: Any) -> None:
    """A function removes them after it has queried the database; otherwise the message would stay."""
    sqs = aws("sqs")
    queue = sqs.get_queue_url(QueueName="file-loader-localstack-dead-letters")["QueueUrl"]
    record = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "uploads/no+such+file"}}}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": [record]}))
    waiting = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    end = time.monotonic() + 60
    while set(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=waiting)["Attributes"].values()) != {"0"}:
        assert time.monotonic() < end, project.logs()
        time.sleep(0.2)


def test_object_of_another_tool_is_adopted(project: Project, aws: Any) -> None:
    aws("s3").put_object(Bucket=BUCKET, Key="uploads/from elsewhere/Grüße +1.txt", Body=b"hello\n")
    end = time.monotonic() + 60
    while not (files := project.client.files(q="Grüße +1", status="processed")):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert project.client.download(files[0]).content == b"hello\n"


def test_deployed_routes_serve_files(project: Project) -> None:
    """The same app as a function behind LocalStack's API Gateway: not the container on port 8000."""
    client = project.deployed
    file = client.wait_until_terminal(client.upload_raw("deployed.png", png(), "image/png").id)
    assert file.file.startswith(client.base_url)
    assert client.download(file).content == png()
    assert project.client.file(file.id).name == "deployed.png"
    client.delete(file.id)
    assert project.client.request("GET", f"/api/files/{file.id}").status_code == 404


def test_repeated_deployment_keeps_files(project: Project) -> None:
    """No other container is replaced: LocalStack would lose the files."""
    file = project.client.wait_until_terminal(project.client.upload_form("before.txt", b"before").id)
    containers = project.containers(*STATEFUL_SERVICES)
    printed = project.compose("run", "--rm", "deploy")
    assert "ready http://" in printed
    assert project.containers(*STATEFUL_SERVICES) == containers
    _check_served(project, file, b"before")


def test_second_up_keeps_files(project: Project) -> None:
    file = project.client.wait_until_terminal(project.client.upload_form("before.txt", b"before").id)
    containers = project.containers(*STATEFUL_SERVICES)
    project.start()
    assert project.containers(*STATEFUL_SERVICES) == containers
    _check_served(project, file, b"before")


def _check_served(project: Project, file: File, content: bytes) -> None:
    """Check that both the routes' container and the deployed function serve the file, and process a new one."""
    assert project.client.download(file).content == content
    assert project.deployed.download(project.deployed.file(file.id)).content == content
    assert (
        project.client.wait_until_terminal(project.client.upload_form("after.txt", b"x").id).status == "processed"
    )


@pytest.mark.usefixtures("project")
def test_start_removes_orphaned_container_of_a_function(orphaned_container: str) -> None:
    assert not exists(orphaned_container)


@pytest.mark.usefixtures("project")
def test_all_ports_are_published_on_loopback() -> None:
    assert set(list_published_addresses()) == {"127.0.0.1"}
