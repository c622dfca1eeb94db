"""The function `manage`: tokens without a token."""

from typing import Any

import pytest

import app
from chalicelib import container
from chalicelib.core.accounts.model import AllOwners
from chalicelib.http.management import ManagementError
from tests.integration.access.conftest import Bearer
from tests.integration.conftest import Context, Service
from tests.integration.costs import count_costs


def manage(**event: Any) -> Any:
    return app.manage(event, Context())


def test_the_first_token_of_an_administrator(protected: Service, caplog: pytest.LogCaptureFixture) -> None:
    created = manage(action="create_token", owner="operations", scopes=["admin"], name="first", expires_in=60)
    assert (created["owner"], created["scopes"], created["name"]) == ("operations", ["admin"], "first")
    bearer = Bearer(created["token"], created["id"], "operations")
    assert protected.http.get("/api/tokens", headers=bearer.headers).status_code == 200
    [entry] = [vars(record) for record in caplog.records if hasattr(record, "audit")]
    assert entry["actor"] == "the function manage"
    assert created["token"] not in caplog.text


def test_each_action_is_one_statement(protected: Service) -> None:  # noqa: ARG001  # its database
    with count_costs() as costs:
        created = manage(action="create_token", owner="alice")
        assert costs.take() == (1, 0)
        other = manage(action="create_token", owner="bob")
        costs.take()
        assert [each["id"] for each in manage(action="list_tokens")] == [other["id"], created["id"]]
        assert costs.take() == (1, 0)
        assert [each["id"] for each in manage(action="list_tokens", owner="alice")] == [created["id"]]
        costs.take()
        assert manage(action="revoke_token", id=created["id"]) == {"id": created["id"]}
        assert costs.take() == (1, 0)
    assert manage(action="list_tokens", owner="alice")[0]["revoked_at"] is not None


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "action"),
        ({"action": "drop_tables"}, "drop_tables"),
        ({"action": "create_token"}, "owner"),
        ({"action": "create_token", "owner": "a/b"}, "`owner` must have"),
        ({"action": "create_token", "owner": "a", "name": "a\nb"}, "`name` must have"),
        ({"action": "create_token", "owner": "a", "scope": "write"}, "scope"),
        ({"action": "create_token", "owner": "a", "scopes": ["root"]}, "root"),
        ({"action": "create_token", "owner": "a", "expires_in": 0}, "expires_in"),
        ({"action": "list_tokens", "limit": 1001}, "limit"),
        ({"action": "revoke_token", "id": "x"}, "id"),
        ({"action": "revoke_token", "id": "01930000-0000-7000-8000-000000000000"}, "No token has this id"),
    ],
)
@pytest.mark.usefixtures("protected")
def test_a_wrong_event_is_an_error_that_says_what_is_wrong(event: dict[str, Any], message: str) -> None:
    with pytest.raises(ManagementError, match=message):
        manage(**event)
    assert container.tokens().list(AllOwners.ALL, 9, None) == []
