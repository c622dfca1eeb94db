"""OPTIONS of every path, here and on API Gateway."""

from typing import Any

import pytest
from chalice.deploy.swagger import SwaggerGenerator
from chalice.test import Client, HTTPResponse

from app import app

PATHS = sorted(app.routes)


def send(method: str, path: str, **headers: str) -> HTTPResponse:
    with Client(app) as client:
        return client.http.request(method, path, headers=headers)


def allowed(response: HTTPResponse) -> list[str]:
    methods: list[str] = response.headers["Allow"].split(", ")
    return methods


@pytest.mark.parametrize("path", PATHS)
def test_options_has_all_methods_of_the_path(path: str) -> None:
    response = send("OPTIONS", path)
    assert (response.status_code, response.body) == (204, b"")
    assert allowed(response) == list(app.routes[path])
    assert "OPTIONS" in app.routes[path]
    assert ("HEAD" in app.routes[path]) is ("GET" in app.routes[path])


@pytest.mark.parametrize("path", PATHS)
def test_allow_of_a_405_is_that_of_options(path: str) -> None:
    refused = send("TRACE", path)
    assert refused.status_code == 405
    assert allowed(refused) == allowed(send("OPTIONS", path))


@pytest.mark.parametrize("path", ["/api/files?unknown=1&limit=x", "/api/files/", "/api/files/no-uuid"])
def test_query_content_type_and_id_have_no_effect(path: str) -> None:
    response = send("OPTIONS", path, **{"Content-Type": "image/png"})
    assert (response.status_code, response.headers["Allow"][:9]) == (204, "GET, HEAD")


def test_without_origins_no_response_has_cors_headers() -> None:
    origin = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    for response in (send("OPTIONS", "/api/files/x", **origin), send("GET", "/api/files/x", **origin)):
        assert [name for name in response.headers if name.startswith("Access-Control") or name == "Vary"] == []


def test_api_gateway_passes_every_method_on_to_the_app() -> None:
    """Without a method of its own, API Gateway would respond 403 to HEAD; to OPTIONS it could respond itself."""
    resources = {"api_handler_arn": "arn:aws:lambda:us-east-1:000000000000:function:api"}
    paths = SwaggerGenerator("us-east-1", resources).generate_swagger(app)["paths"]
    assert set(paths) == set(app.routes)
    for path, methods in paths.items():
        assert [name.upper() for name in methods] == list(app.routes[path])
        assert {described["x-amazon-apigateway-integration"]["type"] for described in methods.values()} == {
            "aws_proxy"
        }


def test_chalice_itself_adds_no_cors_headers() -> None:
    """Its headers are the same for every origin."""
    routes: list[Any] = [route for methods in app.routes.values() for route in methods.values()]
    assert [route for route in routes if route.cors is not None] == []
