"""Two owners with the same names, contents, metadata and idempotency keys: neither sees anything of the other."""

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

import app as chalice_app
from chalicelib.core.accounts.model import Scope
from tests.integration.access.valid_requests import JSON, ValidRequest
from tests.integration.access.world import World, bearer
from tests.integration.conftest import Context, created_event, form

OWNERS = ("alice", "bob")
TWINS = ("ann", "ben")
"""Other tests add nothing of these."""


@dataclass
class Twins:
    """The ids of the same three files of each owner."""

    world: World
    ids: dict[str, list[str]]

    def get(self, owner: str, path: str, **headers: str) -> Any:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.send(owner, "GET", ValidRequest(path, headers=names))


@pytest.fixture(scope="module")
def twins(world: World) -> Twins:
    for owner in TWINS:
        world.headers[owner] = bearer(world.things_of(owner).issue(Scope.WRITE)[1])
    world.headers["admin as ben"] = {**world.headers["admin"], "X-Owner": "ben"}
    ids: dict[str, list[str]] = {owner: [] for owner in TWINS}
    for number in range(3):
        for owner in TWINS:
            upload = form(f"{number}.txt", b"hello\n")
            response = world.send(
                owner, "POST", ValidRequest("/api/upload?metadata.order=7", 201, upload["body"], upload["headers"])
            )
            assert response.status_code == 201
            file = json.loads(response.body)
            ids[owner].append(file["id"])
            event = created_event(f"uploads/{file['id']}/{number}.txt")
            chalice_app.process_upload(event, Context())
    return Twins(world, ids)


def listed(response: Any) -> list[str]:
    assert response.status_code == 200, response.body
    return [file["id"] for file in json.loads(response.body)]


def next_path(response: Any) -> str:
    link: str = response.headers["Link"]
    return urlsplit(link[1 : link.index(">")])._replace(scheme="", netloc="").geturl()


@pytest.mark.parametrize(
    "query",
    ["", "status=processed", "type=text/*", "type=text/plain", "mismatch=false", "q=.TXT", "metadata.order=7"]
    + [f"order={order}" for order in ("uploaded_at", "-name", "name", "size", "-size")],
)
def test_lists(twins: Twins, query: str) -> None:
    for owner in TWINS:
        assert sorted(listed(twins.get(owner, f"/api/files?{query}"))) == sorted(twins.ids[owner])
    administrators = listed(twins.get("admin", f"/api/files?{query}"))
    assert set(administrators) >= {*twins.ids["ann"], *twins.ids["ben"]}
    assert sorted(listed(twins.get("admin as ben", f"/api/files?{query}"))) == sorted(twins.ids["ben"])


@pytest.mark.parametrize("order", ["-uploaded_at", "uploaded_at", "name", "-name", "size", "-size"])
def test_a_cursor_of_another_owner_is_a_position_in_the_own_list(twins: Twins, order: str) -> None:
    first = twins.get("ann", f"/api/files?limit=1&order={order}")
    rest = listed(twins.get("ben", next_path(first).replace("limit=1", "limit=9")))
    assert set(rest) <= set(twins.ids["ben"])
    assert "ben" not in first.headers["Link"]


def test_pages_of_an_administrator_have_each_file_once(twins: Twins) -> None:
    found, path = [], "/api/files?limit=2&order=name"
    while path:
        response = twins.get("admin", path)
        found += listed(response)
        path = next_path(response) if "Link" in response.headers else ""
    assert len(found) == len(set(found))
    assert set(found) >= {*twins.ids["ann"], *twins.ids["ben"]}


def test_changes_are_numbered_for_each_owner(twins: Twins) -> None:
    changes = {owner: json.loads(twins.get(owner, "/api/changes").body) for owner in TWINS}
    numbers = {owner: [change["seq"] for change in changes[owner]] for owner in TWINS}
    for owner in TWINS:
        assert {change["id"] for change in changes[owner]} == set(twins.ids[owner])
    assert numbers["ann"] == numbers["ben"]
    administrators = {change["id"] for change in json.loads(twins.get("admin", "/api/changes").body)}
    assert administrators.isdisjoint(twins.ids["ann"] + twins.ids["ben"])
    assert json.loads(twins.get("admin as ben", "/api/changes").body) == changes["ben"]


def test_usage_is_of_one_owner(twins: Twins) -> None:
    for owner in TWINS:
        usage = json.loads(twins.get(owner, "/api/usage").body)
        assert (usage["owner"], usage["files"]["used"], usage["bytes"]["used"]) == (owner, 3, 18)


def test_an_etag_of_another_owners_file_is_not_confirmed(twins: Twins) -> None:
    [hers, *_], [his, *_] = twins.ids["ann"], twins.ids["ben"]
    etag = twins.get("ann", f"/api/files/{hers}").headers["ETag"]
    assert twins.get("ann", f"/api/files/{hers}", If_None_Match=etag).status_code == 304
    assert twins.get("ben", f"/api/files/{his}", If_None_Match=etag).status_code == 304  # of the same version
    for condition in (etag, "*"):
        assert twins.get("ben", f"/api/files/{hers}", If_None_Match=condition).status_code == 404


def test_nobody_waits_for_another_owners_file(twins: Twins) -> None:
    began = time.monotonic()
    assert twins.get("ben", f"/api/files/{twins.ids['ann'][0]}?wait=20").status_code == 404
    assert time.monotonic() - began < 5


def test_an_idempotency_key_is_of_one_owner(world: World) -> None:
    def create(caller: str, size: int) -> tuple[int, str]:
        headers = {**JSON, "Idempotency-Key": "film"}
        body = json.dumps({"name": "film.mp4", "size": size}).encode()
        response = world.send(caller, "POST", ValidRequest("/api/uploads", 201, body, headers))
        return response.status_code, json.loads(response.body).get("id")

    hers, his = create("alice", 3), create("bob", 4)
    assert (hers[0], his[0]) == (201, 201)
    assert hers[1] != his[1]
    assert create("alice", 3)[1] == create("admin as alice", 3)[1] == hers[1]
    assert create("admin as bob", 3)[0] == 422  # bob's key came with another size
    assert create("admin", 3)[1] not in {hers[1], his[1]}
    for owner, (_, file_id) in (("alice", hers), ("bob", his)):
        assert world.send(owner, "DELETE", ValidRequest(f"/api/uploads/{file_id}")).status_code == 204


def test_keys_and_upload_ids_of_two_owners_do_not_mix(world: World) -> None:
    hers, his = (world.things_of(owner).add_parts() for owner in OWNERS)
    for key, upload_id in ((hers.key, his.upload_id), (his.key, hers.upload_id), (hers.key, hers.upload_id)):
        path = f"/s3/multipart/{upload_id}?key={quote(key)}"
        assert world.send("bob", "GET", ValidRequest(path)).status_code == 404
        body = json.dumps({"method": "PUT", "key": key, "uploadId": upload_id, "partNumber": 1}).encode()
        assert world.send("bob", "POST", ValidRequest("/s3/sign", body=body, headers=JSON)).status_code == 404
    for owner, upload in zip(OWNERS, (hers, his), strict=True):
        path = f"/api/uploads/{upload.file_id}"
        assert world.send(owner, "DELETE", ValidRequest(path)).status_code == 204


def test_what_one_does_leaves_the_others_file_as_it_is(world: World) -> None:
    hers, his = (str(world.things_of(owner).add_file()) for owner in OWNERS)
    before = world.rows_of("alice")
    body = json.dumps({"name": "renamed.txt"}).encode()
    assert (
        world.send("bob", "PATCH", ValidRequest(f"/api/files/{his}", body=body, headers=JSON)).status_code == 200
    )
    assert world.send("bob", "POST", ValidRequest(f"/api/files/{his}/reprocess")).status_code == 202
    assert world.send("bob", "DELETE", ValidRequest(f"/api/files/{his}")).status_code == 204
    assert world.rows_of("alice") == before
    assert world.send("bob", "GET", ValidRequest(f"/api/files/{his}/timeline")).status_code == 200
    assert world.send("alice", "GET", ValidRequest(f"/api/files/{his}/timeline")).status_code == 404
    assert world.send("alice", "DELETE", ValidRequest(f"/api/files/{his}")).status_code == 404
    assert world.send("alice", "DELETE", ValidRequest(f"/api/files/{hers}")).status_code == 204


@pytest.mark.parametrize(
    ("key", "owner", "name"),
    [
        ("uploads/by/müller & co/a+b%41 文.txt", "müller & co", "a+b%41 文.txt"),
        ("uploads/by/a%2Fb/x.txt", "a%2Fb", "x.txt"),
        ("uploads/by/a+b@example.com/2026/x.txt", "a+b@example.com", "x.txt"),
        ("uploads/by//x.txt", "everyone", "x.txt"),
        ("uploads/by/../x.txt", "everyone", "x.txt"),
        ("uploads/by/carol", "everyone", "carol"),
    ],
)
@pytest.mark.parametrize("found_by", ["event", "sweep"])
def test_an_object_of_another_tool_belongs_to_the_owner_in_its_key(
    world: World, key: str, owner: str, name: str, found_by: str
) -> None:
    world.s3.put_object(Bucket=world.bucket, Key=key, Body=b"hello\n")
    if found_by == "event":
        chalice_app.process_upload(created_event(key), Context())
    else:
        chalice_app.sweep({}, Context())
    headers = {**world.headers["admin"], "X-Owner": quote(owner)}
    response = world.http.get("/api/files", headers=headers)
    [file] = json.loads(response.body)
    assert (file["owner"], file["name"]) == (owner, name)
    assert world.http.delete(f"/api/files/{file['id']}", headers=headers).status_code == 204
