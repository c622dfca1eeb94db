"""Where the issuer's keys come from: an HTTP server, and the bucket."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from chalicelib.adapters.oidc.bucket_keys import BucketKeys
from chalicelib.adapters.oidc.issuer_keys import IssuerKeys
from chalicelib.adapters.oidc.key_cache import KeyCache
from chalicelib.adapters.oidc.rules import TokenRules
from chalicelib.adapters.oidc.verifier import OidcJwtVerifier
from chalicelib.core.accounts.signing_keys import UnusableKeysError
from chalicelib.core.accounts.store_signing_keys import StoreSigningKeys, store_signing_keys
from chalicelib.core.errors import INVALID_TOKEN, ISSUER_UNAVAILABLE, ServiceError
from tests.fakes.storage import FakeStorage
from tests.oidc.issuer_server import Issuer, running_issuer
from tests.oidc.tokens import AUDIENCE, ISSUER, claims, jwk, key_set, rsa_key, token

OBJECT_KEY = "config/jwks.json"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


def fetch_ids(keys: IssuerKeys | BucketKeys) -> list[str]:
    return [key["kid"] for key in keys.fetch().keys]


def test_keys_of_the_url(issuer: Issuer) -> None:
    before = datetime.now(UTC)
    fetched = IssuerKeys("https://not-asked.example", issuer.jwks_url).fetch()
    assert [key["kid"] for key in fetched.keys] == ["one"]
    assert before <= fetched.fetched_at <= datetime.now(UTC)
    assert issuer.paths == ["/keys"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_keys_of_the_issuer_whose_configuration_names_the_url(issuer: Issuer, slash: str) -> None:
    issuer.configuration = {"issuer": issuer.url + slash}
    assert fetch_ids(IssuerKeys(issuer.url + slash)) == ["one"]
    assert issuer.paths == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": ["http://127.0.0.1"]},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "data:application/json,{}"},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"jwks_uri": "http://[bad"},
    ],
)
def test_configuration_that_is_not_the_issuer_s(issuer: Issuer, configuration: dict[str, object]) -> None:
    issuer.configuration = configuration
    with pytest.raises(UnusableKeysError):
        IssuerKeys(issuer.url).fetch()
    assert issuer.paths == ["/.well-known/openid-configuration"]


def test_only_urls_of_http_are_opened(tmp_path: Path) -> None:
    document = key_set(jwk(rsa_key()))
    (tmp_path / "keys").write_bytes(document)
    file, data = (tmp_path / "keys").as_uri(), f"data:application/json,{quote(document)}"
    for url in (file, data, "ftp://127.0.0.1/keys", "http://127.0.0.1:99999/"):
        with pytest.raises(UnusableKeysError):
            IssuerKeys(ISSUER, url).fetch()


def test_keys_of_an_issuer_with_tls_have_tls_too(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = {"issuer": ISSUER, "jwks_uri": issuer.jwks_url}
    monkeypatch.setattr(IssuerKeys, "_get", lambda *_: json.dumps(configuration).encode())
    with pytest.raises(UnusableKeysError, match="jwks_uri"):
        IssuerKeys(ISSUER).fetch()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(issuer: Issuer, status: int) -> None:
    issuer.status, issuer.headers = status, {"Location": f"{issuer.url}/elsewhere"}
    with pytest.raises(UnusableKeysError, match=str(status)):
        IssuerKeys(ISSUER, issuer.jwks_url).fetch()
    assert issuer.paths == ["/keys"]


@pytest.mark.parametrize("status", [204, 404, 500, 503])
def test_response_that_is_none(issuer: Issuer, status: int) -> None:
    issuer.status, issuer.key_set = status, b""
    with pytest.raises(UnusableKeysError):
        IssuerKeys(ISSUER, issuer.jwks_url).fetch()


def test_large_response_is_not_read_to_its_end(issuer: Issuer) -> None:
    issuer.key_set = key_set(jwk(rsa_key())) + b" " * 2**20
    issuer.headers = {"Content-Length": str(2**40)}
    with pytest.raises(UnusableKeysError, match="bytes"):
        IssuerKeys(ISSUER, issuer.jwks_url).fetch()


def test_response_that_ends_too_early(issuer: Issuer) -> None:
    issuer.headers = {"Content-Length": "100000"}
    issuer.key_set = issuer.key_set[:-10]
    with pytest.raises(UnusableKeysError):
        IssuerKeys(ISSUER, issuer.jwks_url, timeout=0.2).fetch()


def test_nobody_listens() -> None:
    with running_issuer() as ended:
        url = ended.jwks_url
    with pytest.raises(UnusableKeysError, match="ConnectionRefusedError"):
        IssuerKeys(ISSUER, url).fetch()


def verifier(issuer: Issuer, timeout: float = 3, clock: list[float] | None = None) -> OidcJwtVerifier:
    """Return a verifier with the issuer's keys. `clock` has the seconds that the cache's clock is ahead."""
    ahead = clock or [0.0]
    cache = KeyCache(
        IssuerKeys(ISSUER, issuer.jwks_url, timeout),
        timeout=timedelta(seconds=timeout),
        now=lambda: time.time() + ahead[0],
    )
    return OidcJwtVerifier(TokenRules(issuer=ISSUER, audiences=(AUDIENCE,)), cache)


def test_tokens_are_verified_with_one_request(issuer: Issuer) -> None:
    verifying = verifier(issuer)
    assert issuer.paths == []
    assert {verifying.verify(token(claims(sub=owner))).owner for owner in ("alice", "bob")} == {"alice", "bob"}
    assert issuer.paths == ["/keys"]


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_url_in_a_token_is_never_fetched(issuer: Issuer, name: str) -> None:
    with running_issuer() as attacker:
        attacker.key_set = key_set(jwk(rsa_key(1), "evil"))
        text = token(None, rsa_key(1), kid="evil", **{name: attacker.jwks_url}, jwk=jwk(rsa_key(1), "evil"))
        with pytest.raises(ServiceError) as caught:
            verifier(issuer).verify(text)
        assert attacker.paths == []
    assert caught.value.kind is INVALID_TOKEN
    assert issuer.paths == ["/keys"]


def test_rotated_key(issuer: Issuer) -> None:
    ahead = [0.0]
    verifying = verifier(issuer, clock=ahead)
    verifying.verify(token())
    issuer.key_set = key_set(jwk(rsa_key(), "one"), jwk(rsa_key(1), "two"))
    ahead[0] = 31
    assert verifying.verify(token(None, rsa_key(1), kid="two")).owner == "alice"
    assert verifying.verify(token()).owner == "alice"
    assert issuer.paths == ["/keys"] * 2


@pytest.mark.parametrize("trouble", ["is_silent", "is_slow"])
def test_issuer_that_responds_too_slowly(issuer: Issuer, trouble: str) -> None:
    setattr(issuer, trouble, True)
    verifying, started_at = verifier(issuer, timeout=0.3), time.monotonic()
    for _ in range(5):
        with pytest.raises(ServiceError) as caught:
            verifying.verify(token())
        assert caught.value.kind is ISSUER_UNAVAILABLE
    assert time.monotonic() - started_at < 2, "one timeout for all of them"
    assert issuer.paths == ["/keys"]


@pytest.mark.parametrize(
    "document", [b"", b"<html>", b"{}", b'{"keys": []}', key_set({"kty": "oct", "kid": "one"})]
)
def test_old_keys_are_used_while_the_issuer_has_trouble(issuer: Issuer, document: bytes) -> None:
    ahead = [0.0]
    verifying = verifier(issuer, clock=ahead)
    verifying.verify(token())
    issuer.key_set = document
    ahead[0] = 3600
    assert verifying.verify(token()).owner == "alice"
    issuer.status = 500
    ahead[0] = 7200
    assert verifying.verify(token()).owner == "alice"
    assert issuer.paths == ["/keys"] * 3


def test_keys_in_the_bucket_are_those_that_the_issuer_had(issuer: Issuer) -> None:
    storage = FakeStorage()
    stored = BucketKeys(storage, OBJECT_KEY)
    with pytest.raises(UnusableKeysError, match="object_missing"):
        stored.fetch()
    source = IssuerKeys(ISSUER, issuer.jwks_url)
    assert store_signing_keys(StoreSigningKeys(OBJECT_KEY), issuer=source, storage=storage) == 1
    assert stored.fetch().keys == source.fetch().keys
    issuer.status = 500
    with pytest.raises(UnusableKeysError):
        store_signing_keys(StoreSigningKeys(OBJECT_KEY), issuer=source, storage=storage)
    assert fetch_ids(stored) == ["one"], "what is stored stays"
