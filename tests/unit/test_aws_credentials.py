"""Where credentials and regions come from."""

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from botocore.session import Session

from chalicelib.adapters.aws import credentials
from chalicelib.adapters.aws.credentials import (
    Credentials,
    MissingCredentialsError,
    MissingRegionError,
    find_credentials,
    find_region,
)

PROFILES = """
[default]
region = ap-south-1
aws_access_key_id = AKID-FILE
aws_secret_access_key = file

[profile broken]
credential_process = false
"""


@pytest.fixture(autouse=True)
def _no_aws_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variables, no files, and a new session of botocore."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(credentials, "_session", cache(Session))


def test_credentials_of_the_environment_need_no_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_session", lambda: pytest.fail("asked botocore"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert find_credentials() == Credentials("AKID", "secret")
    assert find_region() == "eu-central-1"
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    assert find_credentials() == Credentials("AKID", "secret", "token"), "they may have been renewed"


def test_others_are_found_by_botocore(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(PROFILES)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert find_credentials() == Credentials("AKID-FILE", "file")
    assert find_region() == "ap-south-1"


def test_without_any() -> None:
    with pytest.raises(MissingCredentialsError):
        find_credentials()
    with pytest.raises(MissingRegionError):
        find_region()


def test_what_gives_credentials_may_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(PROFILES)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "broken")
    with pytest.raises(MissingCredentialsError):
        find_credentials()


def test_credentials_that_expire_are_renewed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As those of a container's role: each call asks botocore, which keeps them until they expire."""
    process = tmp_path / "credentials.sh"
    process.write_text(
        """#!/bin/sh
echo >> "$0.count"
echo '{"Version": 1, "AccessKeyId": "'$(wc -l < "$0.count")'", "SecretAccessKey": "s",
       "SessionToken": "t", "Expiration": "2099-01-01T00:00:00Z"}'
"""
    )
    process.chmod(0o700)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {process}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    first = find_credentials()
    assert (first.access_key, first.token) == ("1", "t")
    assert find_credentials() == first
    found = credentials._session().get_credentials()
    monkeypatch.setattr(found, "_time_fetcher", lambda: datetime(2098, 12, 31, 23, 59, tzinfo=UTC))
    assert find_credentials().access_key == "2"
    monkeypatch.setattr(found, "_time_fetcher", lambda: datetime(2099, 1, 2, tzinfo=UTC))
    with pytest.raises(MissingCredentialsError):  # those that it gets have expired
        find_credentials()
