"""API Gateway's own error responses, and its throttling."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from emulator.gateway import GATEWAY_RESPONSES, gateway_response
from infra import chalice_project, cors, gateway
from infra.deployment import Deployment
from infra.stages import Stage


class Recorder:
    """A fake session whose API Gateway records its configuration."""

    def __init__(self) -> None:
        self.responses: dict[str, Any] = {}
        self.limits: dict[str, str] = {}

    def client(self, _service: str) -> "Recorder":
        return self

    def put_gateway_response(self, responseType: str, **settings: Any) -> None:  # noqa: N803  # boto3's
        self.responses[responseType] = settings

    def create_deployment(self, **_: Any) -> None:
        """Record nothing."""

    def update_stage(self, patchOperations: list[dict[str, str]], **_: Any) -> None:  # noqa: N803  # boto3's
        self.limits = {patch["path"]: patch["value"] for patch in patchOperations}


def configure(burst: int | None, *cors_origins: str) -> Recorder:
    recorder: Any = Recorder()
    gateway.configure(recorder, "api", "v1", burst, cors_origins)
    configured: Recorder = recorder
    return configured


@pytest.fixture
def configured() -> Recorder:
    return configure(40)


@pytest.mark.parametrize("response_type", ["INTEGRATION_FAILURE", "DEFAULT_5XX"])
def test_failed_invocation_is_a_503_to_retry(configured: Recorder, response_type: str) -> None:
    """Also a throttled one, for which API Gateway has no response type of its own."""
    assert configured.responses[response_type]["statusCode"] == "503"
    assert parse_body(configured.responses[response_type]) == {
        "error": "unavailable",
        "message": "The service is overloaded. Retry in a few seconds.",
        "requestId": "$context.requestId",
    }


def test_timeout_says_that_the_request_may_have_succeeded(configured: Recorder) -> None:
    response = configured.responses["INTEGRATION_TIMEOUT"]
    assert response["statusCode"] == "504"
    message = "The request timed out but may have succeeded. Check before you retry."
    assert parse_body(response)["message"] == message


def test_gateway_responses_have_the_shape_of_the_apps_errors(configured: Recorder) -> None:
    for settings in configured.responses.values():
        assert set(parse_body(settings)) == {"error", "message", "requestId"}


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ([], None),
        (["https://a.example"], "https://a.example"),
        (["https://a.example", "http://b.example:3000"], "*"),
    ],
)
def test_web_pages_of_every_origin_read_gateway_responses(origins: list[str], allowed: str | None) -> None:
    """The emulator's responses have the same headers. No cookies are allowed, so that `*` gives no one's data."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    headers |= {"Access-Control-Allow-Origin": allowed} if allowed else {}
    responses = configure(None, *origins).responses.values()
    assert responses
    for settings in responses:
        parameters = settings["responseParameters"]
        assert parameters == {f"gatewayresponse.header.{name}": f"'{value}'" for name, value in headers.items()}
    for status in GATEWAY_RESPONSES:
        emulated = dict(gateway_response(status, "1", origins)[1])
        assert emulated == {"Content-Type": "application/json", **headers}


def test_burst_limit_is_set(configured: Recorder) -> None:
    assert configured.limits == {"/*/*/throttling/rateLimit": "1000", "/*/*/throttling/burstLimit": "40"}


def test_no_request_is_logged_by_api_gateway(configured: Recorder) -> None:
    """Its access log could have upload tokens, which are in paths, and its execution log has whole requests."""
    assert {path.split("/")[3] for path in configured.limits} == {"throttling"}
    templates = (Path(gateway.__file__).parent / "templates").glob("*.yaml")
    sources = [Path(gateway.__file__), chalice_project.PROJECT_ROOT / ".chalice" / "config.json", *templates]
    logging = re.compile(r"access_?log|loglevel|MethodSetting|dataTrace", re.IGNORECASE)
    assert [path.name for path in sources if logging.search(path.read_text())] == []


def test_without_reserved_concurrency_only_the_rate_is_limited() -> None:
    assert configure(None).limits == {"/*/*/throttling/rateLimit": "1000"}


@pytest.mark.parametrize(("reserved", "burst"), [(40, 40), (17, 17), (None, None)])
def test_burst_limit_is_the_routes_reserved_concurrency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reserved: int | None, burst: int | None
) -> None:
    """As the deployment passes it: in the stage of the folder that Chalice deploys."""
    config = json.loads((chalice_project.PROJECT_ROOT / ".chalice" / "config.json").read_text())
    functions = config["stages"]["prod"]["lambda_functions"]
    assert functions["api_handler"]["reserved_concurrency"] == 40
    functions["api_handler"] = {} if reserved is None else {"reserved_concurrency": reserved}
    deployment = Deployment(boto3.session.Session(region_name="us-east-1"), Stage.load("prod"), print)
    monkeypatch.setattr(deployment, "project", tmp_path)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    assert deployment.api_burst() == burst


def test_cors_origins_are_those_of_the_routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The placeholders of the stage `localstack` are environment variables, which compose always sets."""
    config = json.loads((chalice_project.PROJECT_ROOT / ".chalice" / "config.json").read_text())
    (tmp_path / ".chalice").mkdir()
    monkeypatch.setenv("CORS_ORIGINS", "https://from.env")
    for stage, value, origins in [
        ("prod", None, []),
        ("prod", "", []),
        ("prod", "https://a.example  https://b.example", ["https://a.example", "https://b.example"]),
        ("prod", "https://${Stage}.example", ["https://prod.example"]),
        ("localstack", "${CORS_ORIGINS}", ["https://from.env"]),
    ]:
        if value is not None:
            config["stages"][stage]["environment_variables"]["CORS_ORIGINS"] = value
        (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
        assert cors.read_origins(tmp_path, stage, {"Stage": stage}) == origins


def test_own_page_is_at_the_api_and_at_the_public_urls(tmp_path: Path) -> None:
    config = json.loads((chalice_project.PROJECT_ROOT / ".chalice" / "config.json").read_text())
    url = "https://abc.execute-api.eu-west-1.amazonaws.com/v1"
    (tmp_path / ".chalice").mkdir()
    for public_url, others in [
        (None, []),
        ("https://files.example/api https://a.example", ["https://files.example", "https://a.example"]),
    ]:
        if public_url is not None:
            config["stages"]["prod"]["environment_variables"]["PUBLIC_URL"] = public_url
        (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
        origins = cors.read_page_origins(tmp_path, "prod", {"Stage": "prod"}, url)
        assert origins == ["https://abc.execute-api.eu-west-1.amazonaws.com", *others]


def test_bucket_allows_the_routes_origins_unless_the_stage_says_others() -> None:
    origins = ["https://a.example", "https://b.example"]
    assert cors.bucket_parameter(Stage.load("prod"), origins) == {"AllowedOrigins": ",".join(origins)}
    assert cors.bucket_parameter(Stage.load("localstack"), origins) == {}


def parse_body(settings: Any) -> dict[str, str]:
    """Return what a client gets. API Gateway inserts its own message as a quoted string."""
    template = settings["responseTemplates"]["application/json"]
    body: dict[str, str] = json.loads(template.replace("$context.error.messageString", '"its own"'))
    return body
