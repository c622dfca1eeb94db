"""What API Gateway answers by itself."""

import json
from typing import Any

import pytest

from infra import chalice_project, gateway


class Recorder:
    """A session whose API Gateway keeps what it is told."""

    def __init__(self) -> None:
        self.responses: dict[str, Any] = {}
        self.limits: dict[str, str] = {}

    def client(self, _service: str) -> "Recorder":
        return self

    def put_gateway_response(self, responseType: str, **settings: Any) -> None:  # noqa: N803  # boto3's
        self.responses[responseType] = settings

    def create_deployment(self, **_: Any) -> None:
        """Nothing to keep."""

    def update_stage(self, patchOperations: list[dict[str, str]], **_: Any) -> None:  # noqa: N803  # boto3's
        self.limits = {patch["path"]: patch["value"] for patch in patchOperations}


@pytest.fixture
def told() -> Recorder:
    recorder: Any = Recorder()
    gateway.configure(recorder, "api", "v1")
    answered: Recorder = recorder
    return answered


@pytest.mark.parametrize("kind", ["INTEGRATION_FAILURE", "DEFAULT_5XX"])
def test_a_function_that_cannot_be_called_is_a_matter_of_trying_again(told: Recorder, kind: str) -> None:
    """Also one that Lambda throttles, for which API Gateway has no type of its own."""
    assert told.responses[kind]["statusCode"] == "503"
    answer = body(told.responses[kind])
    assert answer["error"] == "unavailable"
    assert "try again" in answer["message"]


def test_whoever_waited_in_vain_looks_first(told: Recorder) -> None:
    assert told.responses["INTEGRATION_TIMEOUT"]["statusCode"] == "504"
    assert "look" in body(told.responses["INTEGRATION_TIMEOUT"])["message"]


def test_every_answer_has_our_shape(told: Recorder) -> None:
    for settings in told.responses.values():
        assert set(body(settings)) == {"error", "message", "requestId"}


def test_no_more_come_at_once_than_may_run(told: Recorder) -> None:
    routes = chalice_project.config(chalice_project.SOURCE, "prod", "api_handler")
    assert told.limits["/*/*/throttling/burstLimit"] == str(routes.reserved_concurrency)


def body(settings: Any) -> dict[str, str]:
    """What a client gets: API Gateway puts its own message in as a quoted string."""
    template = settings["responseTemplates"]["application/json"]
    answer: dict[str, str] = json.loads(template.replace("$context.error.messageString", '"its own"'))
    return answer
