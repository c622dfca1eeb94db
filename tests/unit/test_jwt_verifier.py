"""JWTs that are accepted, and attacks. Keys and signatures are real; fetching the keys has tests of its own."""

import base64
import hashlib
import hmac
import json
import logging
import time
from typing import Any

import jwt
import pytest
from msgspec.structs import replace

from chalicelib.adapters.oidc.pinned_keys import PinnedKeys
from chalicelib.adapters.oidc.rules import TokenRules
from chalicelib.adapters.oidc.token_header import MAX_TOKEN_BYTES
from chalicelib.adapters.oidc.verifier import OidcJwtVerifier
from chalicelib.core.accounts.jwt_verifier import JwtIdentity
from chalicelib.core.accounts.signing_keys import parse_key_set
from chalicelib.core.errors import INVALID_TOKEN, TOKEN_EXPIRED, ErrorKind, ServiceError
from tests.oidc.tokens import (
    AUDIENCE,
    ISSUER,
    claims,
    ec_key,
    ed25519_key,
    jwk,
    key_set,
    public_pem,
    raw_token,
    rsa_key,
    token,
)

RULES = TokenRules(issuer=ISSUER, audiences=(AUDIENCE, "uploads"))

HEADER = json.dumps({"alg": "RS256", "kid": "one"})

SECRET = "not-in-any-log"


def verify(text: str, rules: TokenRules = RULES, *keys: dict[str, Any]) -> JwtIdentity:
    pinned = parse_key_set(key_set(*keys or (jwk(rsa_key()),)))
    return OidcJwtVerifier(rules, PinnedKeys(pinned)).verify(text)


def error_of(text: str, rules: TokenRules = RULES, *keys: dict[str, Any]) -> ErrorKind:
    with pytest.raises(ServiceError) as caught:
        verify(text, rules, *keys)
    return caught.value.kind


def test_valid_token() -> None:
    assert verify(token()) == JwtIdentity("alice", is_admin=False)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS512", rsa_key()), ("PS256", rsa_key()), ("ES256", ec_key()), ("EdDSA", ed25519_key())],
)
def test_configured_algorithm(algorithm: str, key: Any) -> None:
    rules = replace(RULES, algorithms=("RS256", algorithm))
    assert verify(token(None, key, algorithm), rules, jwk(key)).owner == "alice"
    assert verify(token(None, key, algorithm), rules, jwk(key, alg=algorithm)).owner == "alice"
    assert error_of(token(None, key, algorithm), RULES, jwk(key)) is INVALID_TOKEN


@pytest.mark.parametrize("media_type", ["JWT", "at+jwt", "AT+JWT", "application/at+jwt"])
def test_types_of_access_tokens(media_type: str) -> None:
    assert verify(token(typ=media_type)).owner == "alice"


@pytest.mark.parametrize("media_type", ["logout+jwt", "secevent+jwt", 1])
def test_token_of_another_type(media_type: object) -> None:
    text = raw_token(json.dumps({"alg": "RS256", "kid": "one", "typ": media_type}), json.dumps(claims()))
    assert error_of(text) is INVALID_TOKEN


def unsigned(algorithm: str) -> str:
    """Return a token without a signature, and with any text as one."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "one"}).encode()).decode()
    return f"{header.rstrip('=')}.{token().split('.')[1]}."


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", ""])
def test_token_without_signature(algorithm: str) -> None:
    for text in (unsigned(algorithm), f"{unsigned(algorithm)}AAAA"):
        assert error_of(text) is INVALID_TOKEN


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_public_key_as_the_secret_of_a_symmetric_signature(algorithm: str) -> None:
    """PyJWT refuses to make such a token, so it is made by hand, for each form in which the key is public."""
    header, payload = ({"alg": algorithm, "kid": "one"}, claims())
    signing_input = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload)
    )
    for secret in (public_pem(rsa_key()), json.dumps(jwk(rsa_key())).encode(), jwk(rsa_key())["n"].encode()):
        digest = hmac.new(secret, signing_input.encode(), hashlib.new(f"sha{algorithm[2:]}").name).digest()
        text = f"{signing_input}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        assert error_of(text) is INVALID_TOKEN


def test_shared_secret_among_the_keys_is_no_key() -> None:
    secret = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode(), "kid": "one"}
    text = jwt.encode(claims(), b"x" * 32, "HS256", headers={"kid": "one"})
    assert error_of(text, RULES, secret, jwk(rsa_key(), "other")) is INVALID_TOKEN


def test_signature_of_another_key() -> None:
    assert error_of(token(None, rsa_key(1))) is INVALID_TOKEN


def test_changed_claims() -> None:
    header, _, signature = token().split(".")
    _, payload, _ = token(claims(sub="bob"), rsa_key(1)).split(".")
    assert error_of(f"{header}.{payload}.{signature}") is INVALID_TOKEN


def test_unknown_or_missing_key_id() -> None:
    assert error_of(token(kid="unknown")) is INVALID_TOKEN
    assert error_of(jwt.encode(claims(), rsa_key(), "RS256")) is INVALID_TOKEN
    for key_id in ("../../etc/passwd", "one' OR 1=1", "one\0", "https://evil.example/keys"):
        assert error_of(token(None, rsa_key(1), kid=key_id)) is INVALID_TOKEN


@pytest.mark.parametrize("key_id", [1, None, ["one"], {"kid": "one"}, True])
def test_key_id_that_is_no_text(key_id: object) -> None:
    text = raw_token(json.dumps({"alg": "RS256", "kid": key_id}), json.dumps(claims()))
    assert error_of(text) is INVALID_TOKEN


@pytest.mark.parametrize("name", ["jwk", "x5c", "jku", "x5u"])
def test_key_that_the_token_brings_itself(name: str) -> None:
    url = "https://evil.example/keys"
    values: dict[str, Any] = {"jwk": jwk(rsa_key(1)), "x5c": ["AAAA"], "jku": url, "x5u": url}
    header: dict[str, Any] = {name: values[name]}
    assert error_of(token(None, rsa_key(1), **header)) is INVALID_TOKEN
    assert error_of(token(None, rsa_key(1), **header, kid="injected")) is INVALID_TOKEN
    assert verify(token(None, None, **header)).owner == "alice", "it is ignored"


@pytest.mark.parametrize(
    "members",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"alg": "RS512"},
        {"alg": "RSA-OAEP"},
        {"kty": "EC"},
        {"d": "AQAB"},
        {"n": ""},
        {"e": "AQ"},
        {"n": None},
    ],
)
def test_key_that_is_not_for_this_signature(members: dict[str, Any]) -> None:
    assert error_of(token(), RULES, jwk(rsa_key(), **members), jwk(rsa_key(1), "other")) is INVALID_TOKEN


def test_key_of_another_type() -> None:
    assert error_of(token(), RULES, jwk(ec_key())) is INVALID_TOKEN


def test_key_that_is_too_short() -> None:
    key = rsa_key(0, 1024)
    text = raw_token(HEADER, json.dumps(claims()), key)
    assert error_of(text, RULES, jwk(key)) is INVALID_TOKEN


def test_curve_of_another_algorithm() -> None:
    rules = replace(RULES, algorithms=("ES256", "ES384"))
    text = raw_token(json.dumps({"alg": "ES384", "kid": "one"}), json.dumps(claims()))
    assert error_of(text, rules, jwk(ec_key())) is INVALID_TOKEN


def test_same_id_for_keys_of_two_types() -> None:
    rules = replace(RULES, algorithms=("RS256", "ES256"))
    keys = (jwk(ec_key()), jwk(rsa_key()))
    assert verify(token(), rules, *keys) == verify(token(None, ec_key(), "ES256"), rules, *keys)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://issuer.example"},
        {"iss": "https://issuer.example/."},
        {"iss": "https://evil.example/"},
        {"iss": [ISSUER]},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other", "another"]},
        {"aud": []},
        {"aud": {"files": True}},
        {"aud": None},
        {"aud": None, "client_id": AUDIENCE},
        {"aud": "FILES"},
        {"exp": None},
        {"nbf": time.time() + 86_400},
        {"iat": time.time() + 86_400},
        {"sub": None},
        {"sub": 1},
        {"sub": ["alice"]},
    ],
)
def test_wrong_or_missing_claim(changes: dict[str, Any]) -> None:
    text = raw_token(HEADER, json.dumps(claims(**changes)))
    assert error_of(text) is INVALID_TOKEN


@pytest.mark.parametrize("audience", ["files", ["other", "files"], "uploads", ["uploads"]])
def test_one_of_the_audiences(audience: object) -> None:
    assert verify(token(claims(aud=audience))).owner == "alice"


def test_expired_token() -> None:
    assert error_of(token(claims(exp=time.time() - 60))) is TOKEN_EXPIRED
    assert error_of(token(claims(exp=0))) is TOKEN_EXPIRED
    assert error_of(token(claims(exp=-(10**18)))) is TOKEN_EXPIRED


def test_only_a_token_of_the_issuer_can_have_expired() -> None:
    """Whether a forged token would have expired is nobody's business."""
    assert error_of(token(claims(exp=0), rsa_key(1))) is INVALID_TOKEN


def test_leeway_of_half_a_minute() -> None:
    now = time.time()
    assert verify(token(claims(exp=now - 25, nbf=now + 25, iat=now + 25))).owner == "alice"


@pytest.mark.parametrize(
    "expiry",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        '"4102444800"',
        "true",
        "[4102444800]",
        "null",
        "9" * 5000,
    ],
)
def test_expiry_that_is_no_time(expiry: str) -> None:
    payload = json.dumps(claims(exp=1)).replace('"exp": 1', f'"exp": {expiry}')
    assert f'"exp": {expiry}' in payload
    assert error_of(raw_token(HEADER, payload)) is INVALID_TOKEN


def test_expiry_in_the_far_future() -> None:
    """The issuer decides. Such a number must not crash the conversion to a date."""
    assert verify(token(claims(exp=10**300))).owner == "alice"
    assert verify(token(claims(exp=1e300))).owner == "alice"


@pytest.mark.parametrize(
    ("header", "more_claims"),
    [
        ('{"alg": "none", "alg": "RS256", "kid": "one"}', ""),
        ('{"alg": "RS256", "kid": "one", "kid": "two"}', ""),
        (HEADER, ', "sub": "bob"'),
        (HEADER, r', "\u0073ub": "bob"'),
        (HEADER, ', "address": {"a": 1, "a": 2}'),
    ],
)
def test_name_that_is_there_twice(header: str, more_claims: str) -> None:
    payload = json.dumps(claims()).removesuffix("}") + more_claims + "}"
    assert error_of(raw_token(header, payload)) is INVALID_TOKEN


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        ("[]", "{}"),
        ("null", "{}"),
        ("{", "{}"),
        (HEADER, "[]"),
        (HEADER, '"text"'),
        (HEADER, "{"),
        (HEADER, "[" * 10_000),
        ('{"alg": "RS256", "kid": "one", "a": ' + "[" * 9_000, "{}"),
        ('{"alg": ["RS256"], "kid": "one"}', "{}"),
        ('{"alg": "RS256", "kid": "one", "crit": ["exp"], "exp": 1}', json.dumps(claims())),
        ('{"alg": "RS256", "kid": "one", "b64": false, "crit": ["b64"]}', json.dumps(claims())),
    ],
)
def test_malformed_parts(header: str, payload: str) -> None:
    assert error_of(raw_token(header, payload)) is INVALID_TOKEN


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"{text}.{text}",
        lambda text: text.rpartition(".")[0],
        lambda text: f"{text}=",
        lambda text: f" {text}",
        lambda text: f"{text}\n",
        lambda text: text.replace("_", "/").replace("-", "+") + "+",
        lambda text: f"{text}é",
        lambda _: "..",
        lambda _: "a.b.c",
        lambda _: "",
    ],
)
def test_malformed_text(change: Any) -> None:
    assert error_of(change(token())) is INVALID_TOKEN


def test_oversized_token_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = token(claims(padding="x" * 11_000))
    assert len(fits) < MAX_TOKEN_BYTES
    assert verify(fits).owner == "alice"
    monkeypatch.setattr("chalicelib.adapters.oidc.token_header.parse_object", pytest.fail)
    assert error_of(token(claims(padding="x" * 12_500))) is INVALID_TOKEN


@pytest.mark.parametrize("owner", ["", " alice", "a/b", "..", "x" * 129, "a\r\nb", "a\0", "a\u202eb", "\ud800"])
def test_owner_that_is_no_name(owner: str) -> None:
    assert error_of(token(claims(sub=owner))) is INVALID_TOKEN


@pytest.mark.parametrize(
    "owner", ["auth0|5f7c8ec7c33c6c004bbafe82", "service-account-files", "Ünï cödé", "x" * 128]
)
def test_owner_that_issuers_send(owner: str) -> None:
    assert verify(token(claims(sub=owner))).owner == owner


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("oid", {"oid": "bob"}),
        ("https://files.example/owner", {"https://files.example/owner": "bob"}),
        ("a.b", {"a.b": "bob", "a": {"b": "eve"}}),
        ("a.b.c", {"a": {"b": {"c": "bob"}}}),
        ("a.b.c", {"a": {"b.c": "bob"}, "a.b": "text"}),
    ],
)
def test_claim_of_the_owner(name: str, extra: dict[str, Any]) -> None:
    rules = replace(RULES, owner_claim=name)
    assert verify(token(claims(**extra)), rules).owner == "bob"
    assert error_of(token(), rules) is INVALID_TOKEN, "without it, `sub` is not the owner"


@pytest.mark.parametrize(
    ("name", "value", "extra"),
    [
        ("role", "admin", {"role": "admin"}),
        ("cognito:groups", "admin", {"cognito:groups": ["staff", "admin"]}),
        ("realm_access.roles", "admin", {"realm_access": {"roles": ["admin"]}}),
        ("resource_access.my.client.roles", "admin", {"resource_access": {"my.client": {"roles": ["admin"]}}}),
        ("https://files.example/roles", "admin", {"https://files.example/roles": ["admin"]}),
        ("scope", "files/admin", {"scope": "openid files/admin"}),
        ("scp", "Files.Admin", {"scp": "Files.Read Files.Admin"}),
    ],
)
def test_claim_that_grants_admin(name: str, value: str, extra: dict[str, Any]) -> None:
    rules = replace(RULES, admin_claim=name, admin_value=value)
    assert verify(token(claims(**extra)), rules) == JwtIdentity("alice", is_admin=True)
    assert verify(token(), rules) == JwtIdentity("alice", is_admin=False)
    assert not verify(token(claims(**extra))).is_admin, "no claim is configured"


@pytest.mark.parametrize(
    "value", ["administrator", "not admin", "Admin", ["administrator"], [["admin"]], {"admin": True}, True, 1, []]
)
def test_value_that_grants_nothing(value: object) -> None:
    rules = replace(RULES, admin_claim="role", admin_value="admin")
    assert not verify(token(claims(role=value)), rules).is_admin


def test_audience_in_the_claim_of_cognito() -> None:
    rules = replace(RULES, audience_claim="client_id")
    assert verify(token(claims(aud=None, client_id=AUDIENCE)), rules).owner == "alice"
    assert verify(token(claims(aud=["uploads"], client_id=AUDIENCE)), rules).owner == "alice"
    assert error_of(token(claims(aud=None, client_id="other")), rules) is INVALID_TOKEN
    assert error_of(token(claims(aud=AUDIENCE)), rules) is INVALID_TOKEN, "an ID token"
    assert error_of(token(claims(aud="other", client_id=AUDIENCE)), rules) is INVALID_TOKEN, "for another API"


def test_log_says_why_and_has_nothing_of_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for text in (
        token(claims(aud=SECRET)),
        token(claims(sub=f"/{SECRET}")),
        token(claims(iss=SECRET)),
        token(claims(extra=SECRET), kid=SECRET),
        token(claims(extra=SECRET), rsa_key(1)),
        SECRET,
    ):
        assert error_of(text) is INVALID_TOKEN
        assert caplog.messages[-1].startswith("a JWT was refused: ")
        assert not any(part in caplog.text for part in (SECRET, *text.split(".")))
