"""The settings of JWTs, and those that must not be possible."""

import json

import pytest

from chalicelib.settings import InvalidSettingError, from_environ
from tests.oidc.tokens import ec_key, jwk, key_set, rsa_key

CONFIGURED = {"OIDC_ISSUER": "https://issuer.example/", "OIDC_AUDIENCE": "files"}


def test_issuer_is_kept_as_it_is() -> None:
    settings = from_environ(CONFIGURED)
    assert settings.oidc_issuer == "https://issuer.example/"
    assert settings.oidc_audiences == ("files",)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "HS384", "HS512", "RS256,ES256", "rs256", "RS256 HS256"]
)
def test_algorithms_that_cannot_be_chosen(algorithm: str) -> None:
    with pytest.raises(InvalidSettingError, match="OIDC_ALGORITHMS must be some of RS256,"):
        from_environ({**CONFIGURED, "OIDC_ALGORITHMS": algorithm})


def test_several_algorithms_and_audiences() -> None:
    settings = from_environ({**CONFIGURED, "OIDC_ALGORITHMS": "RS256 ES256", "OIDC_AUDIENCE": "files uploads"})
    assert settings.oidc_algorithms == ("RS256", "ES256")
    assert settings.oidc_audiences == ("files", "uploads")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"OIDC_ISSUER": "https://issuer.example/"}, "OIDC_ISSUER needs OIDC_AUDIENCE"),
        ({"OIDC_ISSUER": "https://issuer.example/", "OIDC_AUDIENCE": " "}, "OIDC_ISSUER needs OIDC_AUDIENCE"),
        ({"OIDC_ISSUER": "issuer.example", "OIDC_AUDIENCE": "files"}, "OIDC_ISSUER must start with http"),
        ({"OIDC_AUDIENCE": "files"}, "OIDC_AUDIENCE needs OIDC_ISSUER"),
        ({"OIDC_JWKS_URL": "https://issuer.example/keys"}, "OIDC_JWKS_URL needs OIDC_ISSUER"),
        ({"OIDC_JWKS": key_set(jwk(rsa_key())).decode()}, "OIDC_JWKS needs OIDC_ISSUER"),
        ({"OIDC_ADMIN_CLAIM": "groups", "OIDC_ADMIN_VALUE": "admin"}, "OIDC_ADMIN_CLAIM needs OIDC_ISSUER"),
        ({**CONFIGURED, "OIDC_ADMIN_CLAIM": "groups"}, "OIDC_ADMIN_CLAIM and OIDC_ADMIN_VALUE need each other"),
        ({**CONFIGURED, "OIDC_ADMIN_VALUE": "admin"}, "OIDC_ADMIN_CLAIM and OIDC_ADMIN_VALUE need each other"),
        ({**CONFIGURED, "OIDC_AUDIENCE_CLAIM": "azp"}, "OIDC_AUDIENCE_CLAIM must be aud or client_id"),
        ({**CONFIGURED, "OIDC_JWKS_URL": "file:///etc/passwd"}, "OIDC_JWKS_URL must start with http"),
        ({**CONFIGURED, "OIDC_JWKS": "{}"}, "OIDC_JWKS must be a JWK Set with public keys"),
        ({**CONFIGURED, "OIDC_JWKS": "https://issuer.example"}, "OIDC_JWKS must be a JWK Set with public keys"),
        ({**CONFIGURED, "OIDC_JWKS": '{"keys": [{"kty": "oct", "kid": "1"}]}'}, "OIDC_JWKS must be a JWK Set"),
    ],
)
def test_settings_that_need_others(variables: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidSettingError, match=message):
        from_environ(variables)


def test_pinned_keys_and_their_url() -> None:
    pinned = {**CONFIGURED, "OIDC_JWKS": key_set(jwk(rsa_key()), jwk(ec_key(), "two")).decode()}
    keys = from_environ(pinned).oidc_jwks
    assert keys is not None
    assert [key["kid"] for key in keys] == ["one", "two"]
    with pytest.raises(InvalidSettingError, match="OIDC_JWKS pins the keys"):
        from_environ({**pinned, "OIDC_JWKS_URL": "https://issuer.example/keys"})


def test_private_key_that_is_pinned_by_mistake() -> None:
    private = {**jwk(rsa_key()), "d": "secret-exponent"}
    with pytest.raises(InvalidSettingError) as caught:
        from_environ({**CONFIGURED, "OIDC_JWKS": json.dumps({"keys": [private]})})
    assert "secret-exponent" not in str(caught.value)


CLIENT = {
    **CONFIGURED,
    "OIDC_CLIENT_ID": "page",
    "OIDC_AUTHORIZATION_URL": "https://issuer.example/authorize?audience=files",
    "OIDC_TOKEN_URL": "https://tokens.example:8443/token",
}


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_JWKS_URL", "OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL"])
def test_issuer_is_reached_with_tls_on_aws(name: str) -> None:
    variables = {**CLIENT, name: "http://issuer.example/", "AUTH": "required"}
    assert from_environ(variables)
    assert from_environ(
        {**variables, "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_ENDPOINT_URL": "http://localhost:4566"}
    )
    with pytest.raises(InvalidSettingError, match=f"{name} must start with https:// on AWS"):
        from_environ({**variables, "AWS_LAMBDA_FUNCTION_NAME": "f"})


def test_keys_come_from_the_bucket_in_lambda_alone() -> None:
    function = {**CONFIGURED, "AWS_LAMBDA_FUNCTION_NAME": "f", "AUTH": "required"}
    assert from_environ(function).oidc_jwks_in_bucket
    assert not from_environ({**function, "OIDC_JWKS_IN_BUCKET": "false"}).oidc_jwks_in_bucket
    assert not from_environ(CONFIGURED).oidc_jwks_in_bucket


def test_client_of_the_page() -> None:
    settings = from_environ(CLIENT)
    assert settings.oidc_authorization_url == CLIENT["OIDC_AUTHORIZATION_URL"]
    assert settings.oidc_token_url == CLIENT["OIDC_TOKEN_URL"]
    assert settings.oidc_scope == "openid"
    assert from_environ({**CLIENT, "OIDC_SCOPE": "profile openid api://files/.default"}).oidc_scope


@pytest.mark.parametrize("name", ["OIDC_CLIENT_ID", "OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL"])
def test_client_needs_all_of_its_settings_and_an_issuer(name: str) -> None:
    message = "OIDC_CLIENT_ID, OIDC_AUTHORIZATION_URL and OIDC_TOKEN_URL need each other"
    with pytest.raises(InvalidSettingError, match=message):
        from_environ({**CLIENT, name: ""})
    with pytest.raises(InvalidSettingError, match=f"{name} needs OIDC_ISSUER"):
        from_environ({name: CLIENT[name]})


@pytest.mark.parametrize(
    "url",
    [
        *("issuer.example", "ftp://issuer.example", "https://", "https://issuer.example#x", "https://a@b.example"),
        *("https://a.example; script-src *", "https://a.example,b", "https://a.example/ b", "https://a.example\n"),
        "https://a.example:0/",
    ],
)
@pytest.mark.parametrize("name", ["OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL"])
def test_endpoint_is_a_url_whose_origin_fits_into_a_policy(name: str, url: str) -> None:
    with pytest.raises(InvalidSettingError, match=f"{name} must be a URL"):
        from_environ({**CLIENT, name: url})


@pytest.mark.parametrize("scope", ["profile", "openid  profile", " openid", 'openid "x"', "openid\tx", "OpenID"])
def test_scope_has_openid(scope: str) -> None:
    with pytest.raises(InvalidSettingError, match="OIDC_SCOPE must have openid"):
        from_environ({**CLIENT, "OIDC_SCOPE": scope})
