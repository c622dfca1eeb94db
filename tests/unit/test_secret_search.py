"""The search for secrets in the logs of acceptance tests can find each kind."""

from pathlib import Path

import pytest

from emulator.signing_secret import load_secret
from tests.acceptance.secret_search import check_logs, find_secrets

SIGNATURE = "0123456789abcdef" * 4
TOKEN = "flt_" + "aB3" * 12 + "xy"


@pytest.mark.parametrize(
    "logged",
    [
        f"GET http://127.0.0.1/bucket/a?X-Amz-Credential=test&X-Amz-Signature={SIGNATURE}&x=1",
        f'{{"fields": {{"x-amz-signature": "{SIGNATURE}"}}}}',
        f"invalid token {TOKEN}",
        "{'authorization': 'Bearer something-else'}",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
        "GET /u/eyJvIjoiYWxpY2UifQ.aSfGhw.c2lnbmF0dXJl/s3/sign",
        '{"token": "abcdefghijklmnopqrstuvwxyz"}',
        "connection to postgresql://file_loader:p4ssw0rd-of-it@127.0.0.1/files failed",
    ],
)
def test_what_looks_like_a_secret_is_found(logged: str) -> None:
    line = f'{{"message": "{logged}"}}'
    assert find_secrets(f"starting\n{line}\nready\n", set()) == [line]


@pytest.mark.parametrize(
    "logged",
    [
        '{"path": "/u/{token}/s3/sign", "status": 201}',
        '{"path": "/api/tokens/{token_id}", "token_id": "01930000-0000-7000-8000-000000000000"}',
        "postgresql://file_loader@/file_loader?host=/tmp/x",
        f'{{"version": "{SIGNATURE}"}}',
        "The token is revoked.",
    ],
)
def test_what_a_log_may_have_is_not(logged: str) -> None:
    assert find_secrets(logged, {"another-secret", "f" * 64}) == []


def test_known_secrets_are_found_whatever_they_look_like() -> None:
    log = f"a {SIGNATURE}\nb s3cr3t\nc"
    assert find_secrets(log, {SIGNATURE, "s3cr3t"}) == log.splitlines()[:2]


def test_emulators_own_secrets_are_searched_for_in_all_its_logs(tmp_path: Path) -> None:
    secret = load_secret(tmp_path)
    variables = {"UPLOAD_TOKEN_SECRET": "of-the-environment"}
    check_logs("ready\n", tmp_path, variables)
    for printed in (f"signs with {secret}", "signs with of-the-environment"):
        with pytest.raises(AssertionError, match="the log has secrets"):
            check_logs(printed, tmp_path, variables)
    (tmp_path / "postgres.log.1").write_text(f"invalid: {secret}")
    with pytest.raises(AssertionError, match="the log has secrets"):
        check_logs("", tmp_path, {})
