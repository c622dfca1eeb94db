"""How clients track their files: timeline, change feed, ETags, long polls, reprocessing."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Timer

import pytest

from chalicelib import container
from chalicelib.adapters.postgres import history
from chalicelib.core.files.update_file import UpdateFile, update_file
from tests.database_access import connect_to
from tests.integration.conftest import Service

UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"


def test_the_timeline_has_every_step_of_a_file(service: Service) -> None:
    file = service.upload()
    service.process(service.key(file))
    status, entries = service.get(f"/api/files/{file['id']}/timeline")
    assert (status, [entry["type"] for entry in entries]) == (200, ["announced", "stored", "claimed", "finished"])
    assert entries[0] == {
        "at": entries[0]["at"],
        "type": "announced",
        "status": "awaiting_upload",
        "version": 1,
        "attempts": 0,
    }
    assert entries[-1]["status"] == "processed"
    assert service.get(f"/api/files/{UNKNOWN_ID}/timeline")[0] == 404
    assert service.get("/api/files/x/timeline")[0] == 400


def test_the_timeline_has_every_delivery_of_an_event(service: Service) -> None:
    file = service.upload()
    event = service.put(service.key(file), b"hello\n")
    for _ in range(3):
        service.deliver(event)
    assert service.timeline(file["id"]) == [
        *("announced", "stored", "event", "claimed", "finished", "event", "event"),
    ]
    _, entries = service.get(f"/api/files/{file['id']}/timeline")
    assert entries[2]["event"]["size"] == 6


def test_the_timeline_of_a_deleted_file_is_kept(service: Service) -> None:
    file = service.upload()
    service.http.delete(f"/api/files/{file['id']}")
    assert service.timeline(file["id"]) == ["announced", "stored", "deleted"]


def test_the_change_feed_is_paged_by_seq(service: Service) -> None:
    assert service.get("/api/changes") == (200, [])
    files = [service.upload(f"{number}") for number in range(3)]
    response = service.http.get("/api/changes/?limit=4")
    first = response.json_body
    assert [change["type"] for change in first] == ["announced", "stored"] * 2
    assert response.headers["Link"] == '<http://127.0.0.1:8000/api/changes?limit=4&since=4>; rel="next"'
    rest = service.http.get("/api/changes?since=4")
    assert "Link" not in rest.headers
    assert rest.json_body == [
        {
            "seq": number,
            "id": files[2]["id"],
            "at": change["at"],
            "type": change["type"],
            "status": change["status"],
            "version": number - 4,
            "attempts": 0,
            "error": None,
            "mismatch": None,
            "metadata": {},
            "verdict": None,
        }
        for number, change in enumerate(rest.json_body, 5)
    ]
    assert service.get("/api/changes?since=6") == (200, [])


def test_the_newest_changes_are_found_although_nobody_has_read_the_others(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request numbers only some of them; the link leads on."""
    monkeypatch.setattr(history, "MAX_NUMBERED", 4)
    files = [service.upload(f"{number}") for number in range(3)]
    response = service.http.get("/api/changes?newest=true&limit=1")
    assert [change["id"] for change in response.json_body] == [files[1]["id"]]
    link = '<http://127.0.0.1:8000/api/changes?newest=true&limit=1&since=4>; rel="next"'
    assert response.headers["Link"] == link
    last = service.http.get("/api/changes?newest=true&limit=1&since=4")
    assert [(change["id"], change["seq"]) for change in last.json_body] == [(files[2]["id"], 6)]
    assert "Link" not in last.headers
    assert service.get("/api/changes?newest=true&since=6") == (200, [])


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=99999999999999999999", "limit=0", "limit=1001"])
def test_invalid_parameters_of_the_change_feed_are_rejected(service: Service, query: str) -> None:
    status, error = service.get(f"/api/changes?{query}")
    assert (status, error["error"]) == (400, "invalid_parameter")


def test_a_matching_if_none_match_gets_304(service: Service) -> None:
    file = service.upload()
    tag = service.http.get(f"/api/files/{file['id']}").headers["ETag"]
    for condition in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
        response = service.http.get(f"/api/files/{file['id']}", headers={"If-None-Match": condition})
        assert (response.status_code, response.body, response.headers["ETag"]) == (304, b"", tag)
    assert service.get(f"/api/files/{file['id']}", If_None_Match='W/"99"')[0] == 200
    service.process(service.key(file))
    assert service.get(f"/api/files/{file['id']}", If_None_Match=tag)[0] == 200


def test_a_change_ends_a_long_poll(service: Service) -> None:
    file = service.upload()
    with ThreadPoolExecutor() as pool:
        begin = time.monotonic()
        timer = Timer(0.5, lambda: update_file(UpdateFile("everyone", file["id"], "b"), files=container.files()))
        long_poll = pool.submit(service.get, f"/api/files/{file['id']}?wait=20&since={file['version']}")
        timer.start()
        status, changed = long_poll.result()
    assert (status, changed["name"]) == (200, "b")
    assert time.monotonic() - begin < 10


def test_a_long_poll_for_an_older_version_returns_at_once(service: Service) -> None:
    file = service.upload()
    begin = time.monotonic()
    assert service.get(f"/api/files/{file['id']}?wait=20&since=1")[0] == 200
    assert service.get(f"/api/files/{file['id']}?wait=20", If_None_Match='W/"1"')[0] == 200
    assert time.monotonic() - begin < 10


def test_a_long_poll_without_a_change_ends_after_its_wait(service: Service) -> None:
    file = service.upload()
    begin = time.monotonic()
    assert service.get(f"/api/files/{file['id']}?wait=1&since={file['version']}")[1] == file
    tag = f'W/"{file["version"]}"'
    assert service.get(f"/api/files/{file['id']}?wait=1", If_None_Match=tag) == (304, None)
    assert time.monotonic() - begin >= 2


@pytest.mark.parametrize("query", ["wait=21", "wait=-1", "wait=x", "since=x", "since=1.5"])
def test_invalid_parameters_of_a_long_poll_are_rejected(service: Service, query: str) -> None:
    file = service.upload()
    status, error = service.get(f"/api/files/{file['id']}?{query}")
    assert (status, error["error"]) == (400, "invalid_parameter")


def test_a_file_can_be_reprocessed(service: Service) -> None:
    file = service.upload()
    assert service.http.post(f"/api/files/{file['id']}/reprocess").status_code == 202  # it is queued already
    service.process(service.key(file))
    again = service.http.post(f"/api/files/{file['id']}/reprocess/").json_body
    assert (again["status"], again["processed"], again["processed_at"]) == ("uploaded", False, None)
    service.sweep()
    done = service.show(file["id"])
    assert (done["status"], done["attempts"]) == ("processed", 2)
    assert service.http.post(f"/api/files/{UNKNOWN_ID}/reprocess").status_code == 404


def test_a_file_without_an_object_cannot_be_reprocessed(service: Service) -> None:
    file = service.upload()
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("UPDATE files SET status = 'expired'")
    response = service.http.post(f"/api/files/{file['id']}/reprocess")
    assert (response.status_code, response.json_body["error"]) == (409, "not_uploaded")


def test_an_invalid_if_none_match_is_ignored(service: Service) -> None:
    file = service.upload()
    for condition in ('"' + "9" * 5000 + '"', '"', "x", 'W/"-1"', '"\u0662"', "9" * 5000):
        assert service.get(f"/api/files/{file['id']}?wait=0", If_None_Match=condition)[0] == 200


def test_the_timeline_of_a_file_older_than_the_history_is_empty(service: Service) -> None:
    file = service.upload()
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("DELETE FROM history")
    assert service.timeline(file["id"]) == []
