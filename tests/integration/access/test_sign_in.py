"""How people sign in: what a page is told before it has a credential."""

import json
from typing import Any

import pytest

from chalicelib import container
from chalicelib.http.pages.page_responses import content_security_policy
from chalicelib.http.pages.page_urls import token_origin
from tests.integration.conftest import Service
from tests.integration.costs import count_costs
from tests.unit.http_requests import get_request

CLIENT = {
    "OIDC_ISSUER": "https://issuer.example/",
    "OIDC_AUDIENCE": "files",
    "OIDC_CLIENT_ID": "page",
    "OIDC_AUTHORIZATION_URL": "https://issuer.example/authorize?audience=files",
    "OIDC_TOKEN_URL": "https://tokens.example:8443/oauth2/token",
    "OIDC_SCOPE": "openid offline_access",
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of an issuer's client, if a mark asks for this fixture, so that it comes before the service."""
    for name, value in CLIENT.items():
        monkeypatch.setenv(name, value)


def get_sign_in(service: Service) -> Any:
    response = service.http.get("/api/sign-in")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    return json.loads(response.body)


def test_without_authentication_nobody_signs_in(service: Service) -> None:
    assert get_sign_in(service) == {"required": False, "methods": [], "oidc": None}
    assert token_origin(get_request()) is None


def test_token_is_what_always_works(protected: Service) -> None:
    assert get_sign_in(protected) == {"required": True, "methods": ["token"], "oidc": None}
    assert token_origin(get_request()) is None


@pytest.mark.usefixtures("client")
def test_issuer_without_a_client_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
    protected: Service,
) -> None:
    for name in ("OIDC_CLIENT_ID", "OIDC_AUTHORIZATION_URL", "OIDC_TOKEN_URL"):
        monkeypatch.delenv(name)
    container.reset()
    assert get_sign_in(protected) == {"required": True, "methods": ["token"], "oidc": None}


@pytest.mark.usefixtures("client")
def test_client_of_the_issuer(protected: Service) -> None:
    with count_costs() as costs:
        found = get_sign_in(protected)
    assert costs.take() == (0, 0)
    assert found == {
        "required": True,
        "methods": ["token", "oidc"],
        "oidc": {
            "issuer": "https://issuer.example/",
            "client_id": "page",
            "authorization_endpoint": "https://issuer.example/authorize?audience=files",
            "token_endpoint": "https://tokens.example:8443/oauth2/token",
            "scope": "openid offline_access",
        },
    }
    assert token_origin(get_request()) == "https://tokens.example:8443"


@pytest.mark.usefixtures("client")
def test_client_is_of_no_use_while_nobody_signs_in(service: Service) -> None:
    assert get_sign_in(service) == {"required": False, "methods": [], "oidc": None}
    assert token_origin(get_request()) is None


def test_page_may_get_tokens_and_nothing_else_of_the_issuer() -> None:
    def directives(*origins: str | None) -> dict[str, str]:
        return dict(part.split(" ", 1) for part in content_security_policy(*origins).split("; "))

    without, with_issuer = directives("https://s3.example"), directives("https://s3.example", "https://i.example")
    assert with_issuer.pop("connect-src") == f"{without.pop('connect-src')} https://i.example"
    assert with_issuer == without
