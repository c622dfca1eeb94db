"""The environment, and where the API is."""

from typing import Any

import pytest
from chalice.app import Request

from chalicelib.http.base_url import find_base_url
from chalicelib.settings import MAX_UPLOAD_BYTES, RENAMED, InvalidSettingError, from_environ


def test_defaults() -> None:
    settings = from_environ({})
    assert (settings.database_url, settings.bucket, settings.aws_endpoint_url) == ("", "file-loader", None)
    assert settings.dead_letter_queue == "file-loader-dead-letters"  # as emulator/provisioner.py has it
    assert (settings.public_urls, settings.s3_public_urls, settings.database_iam) == ((), (), False)
    assert (settings.max_upload_bytes, settings.default_owner) == (MAX_UPLOAD_BYTES, "everyone")
    assert (settings.stage, settings.log_level) == ("dev", "INFO")


def test_a_lambda_holds_one_connection() -> None:
    assert from_environ({}).database_connections == 8
    assert from_environ({"AWS_LAMBDA_FUNCTION_NAME": "f"}).database_connections == 1
    assert from_environ({"AWS_LAMBDA_FUNCTION_NAME": "f", "DATABASE_CONNECTIONS": "2"}).database_connections == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", True),
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("0", False),
        ("false", False),
        ("no", False),
        ("", False),
    ],
)
def test_booleans_mean_what_they_say(value: str, expected: bool) -> None:
    assert from_environ({"DATABASE_IAM": value}).database_iam is expected


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_earlier_name_of_a_setting_is_refused_with_the_present_one(old: str, new: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{old} is now called {new}"):
        from_environ({old: "1"})


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_database_urls(scheme: str) -> None:
    assert (
        from_environ({"DATABASE_URL": f"{scheme}://u@/d?host=/x"}).database_url
        == "postgresql+psycopg2://u@/d?host=/x"
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"DATABASE_URL": "mysql://x"},
        {"DATABASE_URL": "nonsense"},
        {"MAX_UPLOAD_BYTES": "many"},
        {"MAX_UPLOAD_BYTES": "0"},
        {"MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES + 1)},
        {"DATABASE_CONNECTIONS": "-1"},
        {"LOG_LEVEL": "loud"},
        {"DATABASE_IAM": "perhaps"},
        {"PUBLIC_URL": "files.example"},
        {"PUBLIC_URL": "https://a.example", "S3_PUBLIC_URL": "https://s3.example https://s3.elsewhere"},
        {"S3_PUBLIC_URL": "https://s3.example"},
    ],
)
def test_values_that_cannot_be_used(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidSettingError):
        from_environ(environment)


@pytest.mark.parametrize(
    ("context", "configured", "url"),
    [
        ({}, "", "http://127.0.0.1:8000"),
        ({"domainName": "x.example", "path": "/v1/api/files"}, "", "https://x.example/v1"),
        ({"domainName": "files.example", "path": "/api/files/"}, "", "https://files.example"),
        ({"domainName": "x.example", "path": "/v1/api/files"}, "https://mine.example/", "https://mine.example"),
        ({}, "http://localhost:8000 http://routes:8000", "http://localhost:8000"),
    ],
)
def test_where_the_api_is(context: dict[str, Any], configured: str, url: str) -> None:
    assert (
        find_base_url(_request(context, "evil.example"), from_environ({"PUBLIC_URL": configured}).public_urls)
        == url
    )


def test_the_host_header_chooses_among_several_names() -> None:
    names = from_environ({"PUBLIC_URL": "http://localhost:8000 http://Routes:8000/v1"}).public_urls
    assert find_base_url(_request({}, "routes:8000"), names) == "http://Routes:8000/v1"
    assert find_base_url(_request({}, "routes:8001"), names) == "http://localhost:8000"


def _request(context: dict[str, Any], host: str) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {"host": host, "x-forwarded-host": "evil.example"},
            "pathParameters": {},
            "requestContext": {"httpMethod": "GET", "resourcePath": "/api/files", **context},
            "body": None,
            "stageVariables": None,
        }
    )
