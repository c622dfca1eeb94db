"""Decoding and recording dead letters."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.core.processing.dead_letters import DeadLetter, HandleDeadLetters, handle_dead_letters
from chalicelib.http.dead_letter_messages import MAX_REASON_LENGTH, parse_dead_letter, parse_dead_letters
from tests.database_ports import FakePorts, fake_ports
from tests.fakes.processing_queue import FakeProcessingQueue
from tests.fakes.storage import FakeStorage
from tests.fakes.table import Table
from tests.unit.use_cases import LEASE, upload

EVENTS = Path(__file__).parents[1] / "events"
KEY = "uploads/01930000-0000-7000-8000-000000000000/two words + one.txt"


def recorded(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def event(*keys: str) -> str:
    """Return the body of a message that SQS has moved, as in the emulator."""
    return json.dumps(
        {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": k}}} for k in keys]}
    )


def handle(bodies: list[str], db: FakePorts) -> None:
    messages = {"Records": [{"body": body} for body in bodies]}
    handle_dead_letters(HandleDeadLetters(parse_dead_letters(messages)), queue=db.queue)


class TestParseDeadLetter:
    def test_record_of_lambda_gives_keys_and_reason(self) -> None:
        letter = parse_dead_letter(json.dumps(recorded("dead-letter")))
        reason = "RetriesExhausted: storage_unavailable: The storage is not responding. Retry in a few seconds."
        assert letter == DeadLetter((KEY,), reason)

    @pytest.mark.parametrize(
        ("response", "reason"),
        [
            (None, "EventAgeExceeded"),
            ("a text", "EventAgeExceeded"),
            ({"errorMessage": "Task timed out"}, "EventAgeExceeded: Task timed out"),
            (
                {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out"},
                "EventAgeExceeded: Task timed out",
            ),
            ({"errorType": "Runtime.ExitError", "errorMessage": None}, "EventAgeExceeded: Runtime.ExitError"),
            ({"errorType": "KeyError", "errorMessage": "of the code's"}, "EventAgeExceeded: KeyError"),
        ],
    )
    def test_reason_quotes_only_the_services_and_lambdas_errors(self, response: Any, reason: str) -> None:
        record = recorded("dead-letter") | {"responsePayload": response}
        record["requestContext"]["condition"] = "EventAgeExceeded"
        assert parse_dead_letter(json.dumps(record)) == DeadLetter((KEY,), reason)

    def test_record_without_context_still_gives_the_key(self) -> None:
        payload = {"requestPayload": recorded("dead-letter")["requestPayload"]}
        assert parse_dead_letter(json.dumps(payload)) == DeadLetter((KEY,), "MaxReceivesExceeded")

    def test_bare_s3_event_gives_all_its_keys(self) -> None:
        letter = parse_dead_letter(json.dumps(recorded("awkward-names")))
        assert letter is not None
        assert letter.object_keys[0] == "uploads/1/two words + one.txt"
        assert len(letter.object_keys) == 3
        assert letter.reason == "MaxReceivesExceeded"

    def test_long_reason_is_cut(self) -> None:
        record = recorded("dead-letter") | {"responsePayload": {"errorMessage": "x" * 100_000}}
        letter = parse_dead_letter(json.dumps(record))
        assert letter is not None
        assert len(letter.reason) == MAX_REASON_LENGTH

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{",
            "null",
            "7",
            '"Records"',
            '["requestPayload"]',
            "{}",
            '{"requestPayload": null}',
            '{"requestPayload": {"Records": null}}',
            '{"Records": [7]}',
            '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
            '{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": null}}}]}',
            "[" * 100_000,
            json.dumps(recorded("test-event")),
            json.dumps(recorded("removed")),
            json.dumps({"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {}}),
        ],
    )
    def test_message_without_object_created_record_is_no_dead_letter(self, body: str) -> None:
        assert parse_dead_letter(body) is None

    def test_other_records_are_read_despite_a_malformed_one(self) -> None:
        body = json.loads(event("uploads/1", "uploads/2"))
        body["Records"].insert(1, {"eventName": "ObjectCreated:Put", "s3": {}})
        letter = parse_dead_letter(json.dumps(body))
        assert letter == DeadLetter(("uploads/1", "uploads/2"), "MaxReceivesExceeded")

    @pytest.mark.parametrize("condition", [7, ["a"], {"a": "b"}, "\0", "\ud800"])
    def test_reason_of_any_type_can_be_stored(self, condition: Any) -> None:
        record = recorded("dead-letter") | {"requestContext": {"condition": condition}}
        letter = parse_dead_letter(json.dumps(record))
        assert letter is not None
        assert letter.object_keys == (KEY,)
        assert not {"\0", "\ud800"} & set(letter.reason)

    @pytest.mark.parametrize("message", [None, 7, {}, {"body": None}, {"body": 7}])
    def test_other_messages_are_read_despite_one_without_a_body(self, message: Any) -> None:
        letters = parse_dead_letters({"Records": [message, {"body": event("uploads/1")}]})
        assert [letter.object_keys for letter in letters] == [("uploads/1",)]

    @pytest.mark.parametrize("event", [None, {}, {"Records": None}, []])
    def test_event_without_messages_has_no_dead_letters(self, event: Any) -> None:
        assert list(parse_dead_letters(event)) == []


class TestHandleDeadLetters:
    def test_dead_letter_is_recorded_and_its_files_are_due(self) -> None:
        db, storage = fake_ports(), FakeStorage()
        files = [upload(db, storage) for _ in range(3)]
        first, second, third = (file.object_key for file in files)
        handle([event(first, second), event(third)], db)
        assert db.queue.dead_letters == [(key, "MaxReceivesExceeded") for key in (first, second, third)]
        assert {file.id for file in db.queue.overdue(LEASE, 10)} == {file.id for file in files}

    def test_invalid_and_unknown_dead_letters_do_not_block_the_batch(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        db = fake_ports()
        file = upload(db, FakeStorage())
        handle(["{", event("uploads/other"), event(file.object_key)], db)
        assert [due.id for due in db.queue.overdue(LEASE, 10)] == [file.id]
        messages = [record.getMessage() for record in caplog.records]
        assert messages == [
            "ignoring a dead letter without an ObjectCreated record (1 characters)",
            "Lambda's retries of the event of uploads/…, which has no row, are exhausted: MaxReceivesExceeded",
            f"Lambda's retries of the event of uploads/{file.id}/… are exhausted: MaxReceivesExceeded",
        ]

    def test_key_that_postgres_cannot_store_does_not_block_the_batch(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        db = ports_that_raise({"bad": ValueError("a string literal cannot contain NUL")})
        file = upload(db, FakeStorage())
        handle([event("bad", file.object_key)], db)
        assert [due.id for due in db.queue.overdue(LEASE, 10)] == [file.id]
        assert caplog.records[0].exc_info is not None

    def test_unavailable_database_fails_the_whole_batch(self) -> None:
        db = ports_that_raise({"any": ServiceError(DATABASE_UNAVAILABLE)})
        with pytest.raises(ServiceError, match="database_unavailable"):
            handle([event("any")], db)


class RaisingQueue(FakeProcessingQueue):
    """Raises for some keys, as the PostgreSQL adapter does; tests/integration/test_dead_letters.py."""

    def __init__(self, table: Table, errors: dict[str, Exception]) -> None:
        super().__init__(table)
        self.errors = errors

    def record_dead_letter(self, object_key: str, reason: str) -> bool:
        if error := self.errors.get(object_key):
            raise error
        return super().record_dead_letter(object_key, reason)


def ports_that_raise(errors: dict[str, Exception]) -> FakePorts:
    db = fake_ports()
    return replace(db, queue=RaisingQueue(db.table, errors))
