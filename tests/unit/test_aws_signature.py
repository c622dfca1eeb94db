"""Signatures, compared with those that AWS has published and with botocore's."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4PostAuth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.aws import signature
from chalicelib.adapters.aws.credentials import Credentials
from chalicelib.adapters.aws.signature import EMPTY_PAYLOAD, UNSIGNED_PAYLOAD, Signer

HOST = "examplebucket.s3.amazonaws.com"
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SIGNER = Signer("s3", "us-east-1")
TODAY = datetime(2026, 11, 28, 12, 34, 56, tzinfo=UTC)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of AWS's examples."""
    monkeypatch.setattr(signature, "current_time", lambda: datetime(2013, 5, 24, tzinfo=UTC))


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "payload_hash", "expected"),
    [
        (
            "GET",
            "/test.txt",
            {},
            {"Range": "bytes=0-9"},
            EMPTY_PAYLOAD,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            {},
            {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            {"lifecycle": ""},
            {},
            EMPTY_PAYLOAD,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/",
            {"prefix": "J", "max-keys": "2"},
            {},
            EMPTY_PAYLOAD,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_published_requests(
    method: str, path: str, query: dict[str, str], headers: dict[str, str], payload_hash: str, expected: str
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html"""
    signed = SIGNER.sign_headers(
        EXAMPLE, method, HOST, path, query=query, headers=headers, payload_hash=payload_hash
    )
    assert signed["Authorization"].endswith(f"Signature={expected}")
    assert signed.items() >= headers.items()


@pytest.mark.usefixtures("published")
def test_published_url() -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""
    url = SIGNER.presign_url(
        EXAMPLE,
        "GET",
        f"https://{HOST}/test.txt",
        query={},
        headers={},
        lifetime=timedelta(days=1),
        payload_hash=UNSIGNED_PAYLOAD,
    )
    assert url == (
        f"https://{HOST}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABC-", min_size=1, max_size=12).map(lambda name: f"x-t-{name}")
HEADERS = st.dictionaries(
    NAMES, st.text(st.characters(codec="ascii", exclude_categories=["Cc"])), max_size=4
).filter(lambda headers: len({name.lower() for name in headers}) == len(headers))
PATHS = st.text("abcXYZ019-._~/", max_size=30).map(lambda path: f"/{path}%20%C3%BC")
CREDENTIALS = st.builds(
    Credentials, st.just("AKID"), st.text(max_size=20), st.none() | st.text("ab+/=", min_size=1)
)
QUERIES = st.dictionaries(st.text("abcAB-", min_size=1, max_size=5), st.text(max_size=10), max_size=4)


def botocores(credentials: Credentials) -> BotocoreCredentials:
    return BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token)


@pytest.fixture(scope="module", autouse=True)
def _same_time() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature, "current_time", lambda: TODAY)
        patch.setattr("botocore.auth.get_current_datetime", lambda: TODAY)
        yield


@given(credentials=CREDENTIALS, headers=HEADERS, path=PATHS, body=st.binary(max_size=10))
def test_headers_are_botocores(credentials: Credentials, headers: dict[str, str], path: str, body: bytes) -> None:
    request = AWSRequest("PUT", f"http://{HOST}{path}", dict(headers), data=body)
    request.context["has_streaming_input"] = True
    S3SigV4Auth(botocores(credentials), "s3", "eu-central-1").add_auth(request)
    signed = Signer("s3", "eu-central-1").sign_headers(
        credentials,
        "PUT",
        HOST,
        path,
        query={},
        headers=headers,
        payload_hash=request.headers["x-amz-content-sha256"],
    )
    assert signed["Authorization"] == request.headers["Authorization"]


@given(credentials=CREDENTIALS, headers=HEADERS, path=PATHS, query=QUERIES)
def test_urls_are_botocores(
    credentials: Credentials, headers: dict[str, str], path: str, query: dict[str, str]
) -> None:
    url = f"https://{HOST}:8443{path}"
    request = AWSRequest("GET", url, dict(headers), params=dict(query))
    S3SigV4QueryAuth(botocores(credentials), "s3", "eu-central-1", 60).add_auth(request)
    presigned = Signer("s3", "eu-central-1").presign_url(
        credentials,
        "GET",
        url,
        query=query,
        headers=headers,
        lifetime=timedelta(minutes=1),
        payload_hash=UNSIGNED_PAYLOAD,
    )
    assert presigned == request.url


@given(credentials=CREDENTIALS, key=st.text(max_size=10))
def test_forms_are_botocores(credentials: Credentials, key: str) -> None:
    conditions = [{"key": key}, ["content-length-range", 0, 5]]
    request = AWSRequest("POST", f"https://{HOST}/")
    request.context["s3-presign-post-policy"] = {
        "expiration": "2026-11-28T12:35:56Z",
        "conditions": list(conditions),
    }
    S3SigV4PostAuth(botocores(credentials), "s3", "eu-central-1").add_auth(request)
    signer = Signer("s3", "eu-central-1")
    assert (
        signer.sign_form(credentials, conditions, timedelta(minutes=1))
        == (request.context["s3-presign-post-fields"])
    )
