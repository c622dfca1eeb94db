"""`make doctor` and `make deploy` with a wrong AWS configuration: one line that says what to do."""

import os
import re

import pytest
from botocore.exceptions import ClientError, ProxyConnectionError, UnauthorizedSSOTokenError

from infra import doctor
from infra.__main__ import main
from infra.aws_session import format_aws_error

KEYS = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "mine"}
REGION = {"AWS_DEFAULT_REGION": "eu-central-1"}


@pytest.fixture(autouse=True)
def without_aws_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(doctor, "check_python", lambda _: iter(()))
    monkeypatch.setattr(doctor, "check_stage", lambda _: iter(()))


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, r"You must specify a region; set AWS_DEFAULT_REGION, or AWS_PROFILE to a profile with a region"),
        (REGION, r"Unable to locate credentials; set AWS_PROFILE, or log in .*"),
        (
            {"AWS_PROFILE": "missing"},
            r"The config profile \(missing\) could not be found; set AWS_PROFILE to one .*",
        ),
        (KEYS | REGION | {"AWS_MAX_ATTEMPTS": "many"}, r"an AWS_… variable .* is invalid: invalid literal .*"),
        (KEYS | REGION | {"AWS_ENDPOINT_URL": "nowhere"}, r"an AWS_… variable .* is invalid: .*: nowhere"),
        (KEYS | {"AWS_DEFAULT_REGION": "no region!"}, r"an AWS_… variable .* is invalid: .* 'no region!' .*"),
        ({"AWS_CONFIG_FILE": __file__}, r"Unable to parse config file: .*"),
        (REGION | {"AWS_ACCESS_KEY_ID": "mine"}, r"Partial credentials found in env, .*"),
    ],
)
def test_wrong_configuration_is_one_line(
    environ: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor"]) == 1
    assert re.fullmatch(f"error: {message}\n", capsys.readouterr().err)


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"])
def test_expired_credentials_say_to_log_in(code: str) -> None:
    response = {"Error": {"Code": code, "Message": "The security token included in the request is expired"}}
    error = ClientError(response, "GetAccountSettings")  # type: ignore[arg-type]  # a part of a response
    assert "is expired. Log in again (`aws sso login`" in format_aws_error(error)


def test_errors_of_the_proxy_and_of_sso_say_what_to_do() -> None:
    proxy = ProxyConnectionError(proxy_url="http://127.0.0.1:9", error="refused")
    assert format_aws_error(proxy).endswith('127.0.0.1:9"; start the proxy, or correct HTTPS_PROXY or NO_PROXY')
    assert "; log in again" in format_aws_error(UnauthorizedSSOTokenError())


def test_a_refused_permission_stays_what_aws_says() -> None:
    response = {"Error": {"Code": "AccessDenied", "Message": "x may not\ndo it"}}
    error = ClientError(response, "CreateRole")  # type: ignore[arg-type]  # a part of a response
    assert format_aws_error(error) == (
        "An error occurred (AccessDenied) when calling the CreateRole operation: x may not do it"
    )


def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "check_stage", interrupt)
    assert main(["doctor"]) == 130
