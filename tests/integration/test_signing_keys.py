"""The issuer's keys on their way: from the issuer through the bucket to the routes, or directly."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

import app
from chalicelib import container
from chalicelib.core.accounts.signing_keys import UnusableKeysError
from chalicelib.core.errors import ISSUER_UNAVAILABLE, ServiceError
from chalicelib.core.files.object_keys import SIGNING_KEYS_KEY
from tests.integration.conftest import Context, Service
from tests.oidc.issuer_server import Issuer
from tests.oidc.tokens import claims, jwk, key_set, rsa_key, token


@pytest.fixture
def keys_in_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_JWKS_IN_BUCKET", "true")


def stored(service: Service) -> Any:
    """Return what is stored, None for nothing."""
    try:
        return json.loads(service.s3.get_object(Bucket=service.bucket, Key=SIGNING_KEYS_KEY)["Body"].read())
    except ClientError:
        return None


def owner_of(text: str) -> str:
    verifier = container.jwt_verifier()
    assert verifier is not None
    return verifier.verify(text).owner


@pytest.mark.usefixtures("keys_in_bucket")
def test_routes_read_the_stored_keys_and_never_ask_the_issuer(issuer: Issuer, service: Service) -> None:
    app.fetch_signing_keys({}, Context())
    assert [key["kid"] for key in stored(service)["keys"]] == ["one"]
    assert owner_of(token(claims(iss=issuer.url))) == "alice"
    assert issuer.paths == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.usefixtures("keys_in_bucket", "service")
def test_no_keys_were_stored_yet(issuer: Issuer) -> None:
    with pytest.raises(ServiceError) as caught:
        owner_of(token(claims(iss=issuer.url)))
    assert caught.value.kind is ISSUER_UNAVAILABLE


def test_stored_keys_stay_while_the_issuer_has_trouble(issuer: Issuer, service: Service) -> None:
    app.fetch_signing_keys({}, Context())
    before = stored(service)
    for issuer.key_set in (b"<html>", key_set()):
        with pytest.raises(UnusableKeysError):
            app.fetch_signing_keys({}, Context())
    assert stored(service) == before
    issuer.key_set = key_set(jwk(rsa_key(1), "two"))
    app.fetch_signing_keys({}, Context())
    assert [key["kid"] for key in stored(service)["keys"]] == ["two"]


def test_sweep_leaves_the_stored_keys(issuer: Issuer, service: Service) -> None:
    app.fetch_signing_keys({}, Context())
    before = stored(service)
    service.sweep()
    assert stored(service) == before
    assert issuer.paths, "they were fetched"


@pytest.mark.usefixtures("service")
def test_process_outside_lambda_asks_the_issuer(issuer: Issuer) -> None:
    assert owner_of(token(claims(iss=issuer.url))) == "alice"
    assert issuer.paths == ["/.well-known/openid-configuration", "/keys"]


def test_url_of_the_keys_is_a_setting(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "https://issuer.example/")
    monkeypatch.setenv("OIDC_JWKS_URL", issuer.jwks_url)
    container.reset()
    assert owner_of(token()) == "alice"
    assert issuer.paths == ["/keys"]


def test_pinned_keys_are_never_fetched(issuer: Issuer, monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    monkeypatch.setenv("OIDC_JWKS", key_set(jwk(rsa_key())).decode())
    container.reset()
    assert owner_of(token(claims(iss=issuer.url))) == "alice"
    app.fetch_signing_keys({}, Context())
    assert (issuer.paths, stored(service)) == ([], None)


def test_nothing_is_fetched_without_an_issuer(service: Service) -> None:
    assert container.jwt_verifier() is None
    app.fetch_signing_keys({}, Context())
    assert stored(service) is None


def test_settings_reach_the_verifier(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OIDC_AUDIENCE": "one two",
        "OIDC_AUDIENCE_CLAIM": "client_id",
        "OIDC_ALGORITHMS": "ES256 RS256",
        "OIDC_OWNER_CLAIM": "username",
        "OIDC_ADMIN_CLAIM": "cognito:groups",
        "OIDC_ADMIN_VALUE": "admins",
    }.items():
        monkeypatch.setenv(name, value)
    container.reset()
    text = token(
        claims(iss=issuer.url, aud=None, client_id="two", username="bob", **{"cognito:groups": ["admins"]})
    )
    verifier = container.jwt_verifier()
    assert verifier is not None
    assert (identity := verifier.verify(text)).owner == "bob"
    assert identity.is_admin
