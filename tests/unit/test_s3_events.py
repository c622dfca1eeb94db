"""Decoding recorded S3 events."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.http.s3_events import created_objects

EVENTS = Path(__file__).parents[1] / "events"


def recorded(name: str) -> list[ObjectRef]:
    return list(created_objects(json.loads((EVENTS / f"{name}.json").read_text())))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("put", ["uploads/01930000-0000-7000-8000-000000000000/report.pdf"]),
        ("awkward-names", ["uploads/1/two words + one.txt", "uploads/2/Grüße 100%.txt", 'uploads/3/"😀".gif']),
        ("test-event", []),
        ("removed", []),
        ("multipart", ["uploads/01930000-0000-7000-8000-000000000001/video.mp4"]),
    ],
)
def test_keys_of_created_objects_are_decoded(name: str, keys: list[str]) -> None:
    assert [created.key for created in recorded(name)] == keys


def test_size_etag_and_sequencer_are_decoded() -> None:
    [created] = recorded("put")
    assert (created.size, created.etag) == (48213, "d41d8cd98f00b204e9800998ecf8427e")
    assert created.sequencer is not None
    assert created.sequencer.startswith("0055AED6DCD90281E5000")


def test_sequencers_compare_as_if_padded_with_zeros() -> None:
    def sequencer(raw: str) -> str:
        event = {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "k", "sequencer": raw}}}
        [created] = created_objects({"Records": [event]})
        assert created.sequencer is not None
        return created.sequencer

    assert sequencer("0055AE") == sequencer("0055ae00")
    assert sequencer("0055AE") < sequencer("0055AE01") < sequencer("0055AF")


def test_event_with_key_only_has_no_other_facts() -> None:
    event = {"eventName": "s3:ObjectCreated:Put", "s3": {"object": {"key": "k"}}}
    assert list(created_objects({"Records": [event]})) == [ObjectRef("k")]


CREATED = "ObjectCreated:Put"

MALFORMED: list[Any] = [
    None,
    7,
    [],
    {},
    {"eventName": None},
    {"eventName": ["ObjectCreated:Put"]},
    {"eventName": CREATED},
    {"eventName": CREATED, "s3": None},
    {"eventName": CREATED, "s3": {}},
    {"eventName": CREATED, "s3": {"bucket": {}}},
    {"eventName": CREATED, "s3": {"object": None}},
    {"eventName": CREATED, "s3": {"object": {}}},
    *(
        {"eventName": CREATED, "s3": {"object": s3_object}}
        for s3_object in (
            {"key": None},
            {"key": 7},
            {"key": ""},
            {"key": "a%00b"},
            {"key": "a\ud800"},
            {"key": "a" * 4000},
            {"key": "a", "size": "3"},
            {"key": "a", "size": -1},
            {"key": "a", "size": 2**70},
            {"key": "a", "eTag": 7},
            {"key": "a", "eTag": "\0"},
            {"key": "a", "sequencer": 7},
            {"key": "a", "sequencer": "Z"},
            {"key": "a", "sequencer": "0" * 65},
        )
    ),
]


@pytest.mark.parametrize("record", MALFORMED)
def test_malformed_record_is_logged_and_the_others_are_read(record: Any, caplog: pytest.LogCaptureFixture) -> None:
    good = [{"eventName": CREATED, "s3": {"object": {"key": key}}} for key in ("first", "second")]
    event = {"Records": [good[0], record, good[1]]}
    assert [created.key for created in created_objects(event)] == ["first", "second"]
    [logged] = caplog.records
    assert logged.levelname == "ERROR"


@pytest.mark.parametrize("event", [None, 7, [], {"Records": None}, {"Records": {}}, {"Records": "x"}])
def test_malformed_event_has_no_objects(event: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert list(created_objects(event)) == []
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_deeply_nested_record_is_malformed() -> None:
    nested: Any = {}
    for _ in range(100_000):
        nested = {"object": nested}
    assert list(created_objects({"Records": [{"eventName": CREATED, "s3": nested}]})) == []
