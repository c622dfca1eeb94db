"""Names and headers that try to become another header, another statement, or another owner."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from chalicelib.core.accounts.model import Scope
from tests.integration.access.valid_requests import JSON, ValidRequest
from tests.integration.access.world import World
from tests.json_log import json_log, lines

STORED_NAMES = [
    'a"; filename="b.exe',
    "a;b=c,d.txt",
    "a%0d%0aSet-Cookie: x=y.txt",
    "photo\u202egnp.exe",
    "' OR owner <> '; DROP TABLE files; --",
    "<script>alert(1).svg",
    "..%2f..%2fetc%2fpasswd",
    "${filename}",
    "%s%n{0}{owner}",
    "Grüße 文件 👩‍👧.txt",
    "x" * 255,
]
REFUSED_NAMES = ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\x7fb", "a\x1b[31mb", "a\u2028b", "..", "", " ", "x" * 256]

OWNER_NAMES = ['a"b', "a;b,c", "100%", "' OR 1=1 --", "<b>", "müller 文件", "a=b&c", "x" * 128, "${owner}"]
NO_OWNERS = ["a\r\nb", "a\nb", "a\0", "a\u202eb", "a\x7f", "a\u2028b", "x" * 129, "a/b", " a", "a\u00a0", "..", ""]


def upload(world: World, name: str) -> Any:
    body = json.dumps({"name": name, "size": 3}).encode()
    return world.send("alice", "POST", ValidRequest("/api/uploads", body=body, headers=JSON))


def check_headers(response: Any) -> None:
    """Check that no header of the response could become two, or isn't ASCII."""
    for name, value in response.headers.items():
        assert f"{name}{value}".isascii()
        assert f"{name}{value}".isprintable()


@pytest.mark.parametrize("name", STORED_NAMES)
def test_a_name_is_given_back_as_it_was_and_stays_in_its_place(world: World, name: str) -> None:
    created = upload(world, name)
    assert created.status_code == 201
    check_headers(created)
    file_id = json.loads(created.body)["id"]
    key = f"uploads/{file_id}/{name.replace('${filename}', '$filename')}"
    world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"abc")
    assert world.send("alice", "POST", ValidRequest(f"/api/uploads/{file_id}/complete")).status_code == 200

    shown = world.send("alice", "GET", ValidRequest(f"/api/files/{file_id}"))
    assert json.loads(shown.body)["name"] == name
    check_headers(shown)
    redirect = world.send("alice", "GET", ValidRequest(f"/api/files/{file_id}/content"))
    check_headers(redirect)
    [disposition] = parse_qs(urlsplit(redirect.headers["Location"]).query)["response-content-disposition"]
    assert re.fullmatch(r'attachment; filename="[ -~]*"; filename\*=UTF-8\'\'[A-Za-z0-9%._~-]+', disposition)
    assert set('"\\%').isdisjoint(disposition.split('"')[1:-1][0])
    assert disposition.count('"') == 2
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == name

    listed = world.send("alice", "GET", ValidRequest(f"/api/files?limit=1&q={quote(name, safe='')}"))
    check_headers(listed)
    assert [file["id"] for file in json.loads(listed.body)] == [file_id]
    assert world.send("alice", "DELETE", ValidRequest(f"/api/files/{file_id}")).status_code == 204


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_a_name_that_no_file_can_have_is_refused_and_leaves_nothing(world: World, name: str) -> None:
    before = world.snapshot()
    refused = upload(world, name)
    assert refused.status_code in {400, 422}
    check_headers(refused)
    assert world.snapshot() == before


@pytest.mark.parametrize(
    "value", ["a\r\nX-Evil: 1", 'a"b\\', "' OR 1=1 --", "a\u202eb", "\u2028", "100%", "x" * 500]
)
def test_metadata_are_texts_in_json_and_nowhere_else(world: World, value: str) -> None:
    body = json.dumps({"name": "a.txt", "size": 3, "metadata": {"k": value}}).encode()
    created = world.send("alice", "POST", ValidRequest("/api/uploads", body=body, headers=JSON))
    assert created.status_code == 201
    check_headers(created)
    listed = world.send("alice", "GET", ValidRequest(f"/api/files?limit=1&metadata.k={quote(value, safe='')}"))
    check_headers(listed)
    assert [file["metadata"] for file in json.loads(listed.body)] == [{"k": value}]


@pytest.mark.parametrize("metadata", [{"k": "a\0b"}, {"k\r\nX": "v"}, {"k;": "v"}, {"k": "x" * 501}, {'k"': "v"}])
def test_metadata_that_cannot_be_stored_are_refused(world: World, metadata: dict[str, str]) -> None:
    body = json.dumps({"name": "a.txt", "size": 3, "metadata": metadata}).encode()
    before = world.snapshot()
    refused = world.send("alice", "POST", ValidRequest("/api/uploads", body=body, headers=JSON))
    assert refused.status_code in {400, 422}
    check_headers(refused)
    assert world.snapshot() == before


@pytest.mark.parametrize("owner", OWNER_NAMES)
def test_an_owner_is_one_name(world: World, owner: str) -> None:
    headers = {**world.headers["admin"], "X-Owner": quote(owner, safe="")}
    body = json.dumps({"name": "a.txt", "size": 3}).encode()
    created = world.http.post("/api/uploads", headers={**headers, **JSON}, body=body)
    assert created.status_code == 201
    check_headers(created)
    [file] = json.loads(world.http.get("/api/files", headers=headers).body)
    assert file["owner"] == owner
    assert world.http.delete(f"/api/uploads/{file['id']}", headers=headers).status_code == 204


@pytest.mark.parametrize("header", [*(quote(owner, safe="") for owner in NO_OWNERS), "%FF", "a%C3", "m\u00fcller"])
def test_what_is_no_owners_name_is_refused(world: World, header: str) -> None:
    before = world.snapshot()
    response = world.http.get("/api/files", headers={**world.headers["admin"], "X-Owner": header})
    assert (response.status_code, json.loads(response.body)["error"]) == (400, "invalid_parameter")
    check_headers(response)
    assert world.snapshot() == before


@pytest.mark.parametrize(
    "token", ["flt_\r\nX-Evil: 1", "flt_\0", "' OR 1=1 --", "flt_\u202e", "x" * 9000, 'a"b', "..", "a b c"]
)
def test_a_token_is_never_given_back(world: World, token: str) -> None:
    response = world.http.get("/api/files", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    check_headers(response)
    assert token not in response.body.decode() + str(response.headers)


@pytest.mark.parametrize("key", ["a\r\nb", "a\0", "a b", "ü", "x" * 256, "a\u202e", ""])
def test_an_idempotency_key_is_printable_ascii(world: World, key: str) -> None:
    before = world.snapshot()
    body = json.dumps({"name": "a.txt", "size": 3}).encode()
    headers = {**JSON, "Idempotency-Key": key}
    response = world.send("alice", "POST", ValidRequest("/api/uploads", body=body, headers=headers))
    assert response.status_code == 400
    check_headers(response)
    assert world.snapshot() == before


def test_a_line_of_the_log_stays_one(world: World) -> None:
    """Names of owners are in the audit log; names of files, tokens and headers are in no line."""
    evil = 'a"},{"level":"x'
    with json_log() as stream:
        for owner in (evil, "a\r\nb", "a\u2028b", "\u202e"):
            headers = {**world.headers["bob"], "X-Owner": quote(owner, safe=""), "User-Agent": "x\r\ny"}
            assert world.http.get("/api/files", headers=headers).status_code in {400, 403}
        token_id = world.things_of(evil).issue(Scope.WRITE)[0]
        headers = {**world.headers["admin"], "X-Owner": quote(evil, safe="")}
        assert world.http.delete(f"/api/tokens/{token_id}", headers=headers).status_code == 204
        found = lines(stream)
    assert [line["audit"] for line in found if "audit" in line] == ["admin_call_denied", "token_revoked"]
    assert evil in {line.get("owner") for line in found}
    assert "\u2028" not in stream.getvalue()
