"""What dead letters say, and how the rows hear of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.core.processing.dead_letters import DeadLetter, handle_dead_letters
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


class TestReading:
    def test_lambdas_record(self) -> None:
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
    def test_what_became_of_the_function(self, response: Any, reason: str) -> None:
        record = recorded("dead-letter") | {"responsePayload": response}
        record["requestContext"]["condition"] = "EventAgeExceeded"
        assert parse_dead_letter(json.dumps(record)) == DeadLetter((KEY,), reason)

    def test_a_record_without_its_context_still_tells_the_key(self) -> None:
        payload = {"requestPayload": recorded("dead-letter")["requestPayload"]}
        assert parse_dead_letter(json.dumps(payload)) == DeadLetter((KEY,), "MaxReceivesExceeded")

    def test_an_s3_event_as_it_is(self) -> None:
        letter = parse_dead_letter(json.dumps(recorded("awkward-names")))
        assert letter is not None
        assert letter.object_keys[0] == "uploads/1/two words + one.txt"
        assert len(letter.object_keys) == 3
        assert letter.reason == "MaxReceivesExceeded"

    def test_a_long_message_is_cut(self) -> None:
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
    def test_anything_else_is_about_nothing(self, body: str) -> None:
        assert parse_dead_letter(body) is None


class TestTaking:
    def test_every_row_takes_note_and_is_due(self) -> None:
        db, storage = fake_ports(), FakeStorage()
        files = [upload(db, storage) for _ in range(3)]
        first, second, third = (file.object_key for file in files)
        handle_dead_letters(parse_dead_letters([event(first, second), event(third)]), queue=db.queue)
        assert db.queue.dead_letters == [(key, "MaxReceivesExceeded") for key in (first, second, third)]
        assert {file.id for file in db.queue.overdue(LEASE, 10)} == {file.id for file in files}

    def test_what_cannot_be_read_and_what_has_no_row_hold_nobody_up(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        db = fake_ports()
        file = upload(db, FakeStorage())
        handle_dead_letters(
            parse_dead_letters(["{", event("uploads/unknown"), event(file.object_key)]), queue=db.queue
        )
        assert [due.id for due in db.queue.overdue(LEASE, 10)] == [file.id]
        said = [record.getMessage() for record in caplog.records]
        assert said == [
            "ignoring dead letter without an ObjectCreated record: {",
            "the event of uploads/unknown, which has no row, was given up: MaxReceivesExceeded",
            f"the event of {file.object_key} was given up: MaxReceivesExceeded",
        ]

    def test_a_key_that_no_row_can_have_holds_nobody_up(self, caplog: pytest.LogCaptureFixture) -> None:
        db = ports_that_raise({"bad": ValueError("a string literal cannot contain NUL")})
        file = upload(db, FakeStorage())
        handle_dead_letters(parse_dead_letters([event("bad", file.object_key)]), queue=db.queue)
        assert [due.id for due in db.queue.overdue(LEASE, 10)] == [file.id]
        assert caplog.records[0].exc_info is not None

    def test_without_the_database_the_batch_comes_again(self) -> None:
        db = ports_that_raise({"any": ServiceError(DATABASE_UNAVAILABLE)})
        with pytest.raises(ServiceError, match="database_unavailable"):
            handle_dead_letters(parse_dead_letters([event("any")]), queue=db.queue)


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
