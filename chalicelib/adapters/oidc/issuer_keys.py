"""The issuer's keys, from the issuer."""

from datetime import UTC, datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from chalicelib.core.accounts.signing_keys import (
    MAX_KEY_SET_BYTES,
    SigningKeys,
    UnusableKeysError,
    parse_key_set,
)
from chalicelib.core.accounts.strict_json import parse_object

DISCOVERY_PATH = "/.well-known/openid-configuration"
"""https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig"""

TIMEOUT = 3.0
"""Seconds without a byte after which a request fails."""


class IssuerKeys:
    """Implements `chalicelib.core.accounts.signing_keys.SigningKeySource`.

    One request, or two where the issuer's configuration has to say where its keys are. Redirects are not followed.
    """

    def __init__(self, issuer: str, jwks_url: str | None = None, timeout: float = TIMEOUT) -> None:
        self._issuer, self._jwks_url, self._timeout = issuer, jwks_url, timeout
        self._opener = _build_opener()

    def fetch(self) -> SigningKeys:
        document = self._get(self._jwks_url or self._discover_jwks_url())
        return SigningKeys(parse_key_set(document), datetime.now(UTC))

    def _discover_jwks_url(self) -> str:
        try:
            configuration = parse_object(self._get(self._issuer.removesuffix("/") + DISCOVERY_PATH))
        except ValueError:
            raise UnusableKeysError("the issuer's configuration is malformed") from None
        url = configuration.get("jwks_uri")
        if configuration.get("issuer") != self._issuer:
            raise UnusableKeysError("the issuer's configuration names another `issuer` than OIDC_ISSUER")
        if not isinstance(url, str) or _scheme(url) not in {_scheme(self._issuer), "https"}:
            raise UnusableKeysError("the issuer's configuration has no `jwks_uri` with its scheme")
        return url

    def _get(self, url: str) -> bytes:
        try:
            with self._opener.open(url, timeout=self._timeout) as response:
                document: bytes = response.read(MAX_KEY_SET_BYTES + 1)
        except HTTPError as error:
            error.close()
            raise UnusableKeysError(f"the issuer responds with status {error.code}") from None
        except (OSError, HTTPException, ValueError) as error:
            cause = type(getattr(error, "reason", error)).__name__  # a URLError has one
            raise UnusableKeysError(f"the issuer doesn't respond ({cause})") from None
        return document


def _build_opener() -> OpenerDirector:
    """Return what opens URLs of HTTP and HTTPS alone, and follows no redirect.

    urllib's own opener also opens files, and follows redirects to wherever the response says.
    """
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""
