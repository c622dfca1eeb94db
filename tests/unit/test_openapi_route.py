"""GET /api/openapi.json: the description with the service's URLs, sent once to a client that keeps it."""

from collections.abc import Iterator

import pytest
from chalice.test import Client

from app import app
from chalicelib import container
from chalicelib.http.openapi import document
from chalicelib.http.openapi.responses import Description, description

PATH = "/api/openapi.json"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setenv("AUTH", "required")
    monkeypatch.setenv("PUBLIC_URL", "https://files.example.com https://files.example.org/base")
    container.reset()
    with Client(app) as opened:
        yield opened
    monkeypatch.undo()
    container.reset()


def test_servers_are_the_public_urls_and_the_one_that_was_used_is_first(client: Client) -> None:
    for host, servers in {
        "files.example.com": ["https://files.example.com", "https://files.example.org/base"],
        "files.example.org": ["https://files.example.org/base", "https://files.example.com"],
    }.items():
        response = client.http.get(PATH, headers={"Host": host})
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "application/json"
        assert [server["url"] for server in response.json_body["servers"]] == servers


def test_without_public_url_the_server_is_the_one_that_was_requested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    container.reset()
    with Client(app) as client:
        response = client.http.get(PATH, headers={"Host": "localhost:8123"})
    assert response.json_body["servers"] == [{"url": "http://localhost:8123"}]


def test_client_with_the_current_description_gets_304(client: Client) -> None:
    headers = {"Host": "files.example.com"}
    first = client.http.get(PATH, headers=headers)
    assert first.headers["Cache-Control"] == "no-cache"
    etag = first.headers["ETag"]
    again = client.http.get(PATH, headers={**headers, "If-None-Match": etag})
    assert (again.status_code, again.body, again.headers["ETag"]) == (304, b"", etag)
    other = client.http.get(PATH, headers={"Host": "files.example.org", "If-None-Match": etag})
    assert other.status_code == 200  # its servers are in another order


def test_document_is_built_once_for_all_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    description(app, ["https://one.example"], None)

    def fail(*_arguments: object, **_named: object) -> None:
        raise AssertionError("it is built again")

    monkeypatch.setattr(document, "build_document", fail)
    found = description(app, ["https://two.example"], None)
    assert isinstance(found, Description)
    assert "https://two.example" in found.body.text
