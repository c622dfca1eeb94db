"""Run uploads, events, crashes, sweeps, reprocessing and deletion in any order, and check every file's final
status."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.administration.model import Count
from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.errors import ATTEMPTS_EXHAUSTED, OBJECT_MISSING
from chalicelib.core.files.model import Checksum, File
from chalicelib.core.files.object_keys import DERIVED_PREFIX, UPLOADS_PREFIX
from chalicelib.core.files.statuses import STORED, Status
from chalicelib.core.files.update_file import UpdateFile, update_file
from chalicelib.core.limits.model import Quotas
from chalicelib.core.processing.analysis import MAX_ATTEMPTS
from chalicelib.core.uploads import create_upload
from tests.crc64nvme import crc64nvme
from tests.database_ports import MINUTE
from tests.properties.model import BAD, Fault, Model, etag_of
from tests.properties.upload_clients import PART_SIZE, UploadClients
from tests.properties.upload_rules import BODIES, FAULTS, NO_FAULT, PICK, UploadRules
from tests.samples import OWNER, checksum

FINAL_SWEEPS = 4
ENOUGH = Quotas(max_files=10**6, max_stored_bytes=10**12, max_files_per_day=10**6, max_bytes_per_day=10**12)
MAX_BACKOFF = timedelta(days=2)


class FileLifecycleMachine(UploadRules):
    """The actions on files, the invariants after each of them, and the conditions at the end."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.database)
        self.clients = UploadClients(self.model)

    @initialize(has_quotas=st.booleans())
    def choose_quotas(self, has_quotas: bool) -> None:
        """With quotas, files are added by other statements. No file exceeds them."""
        if has_quotas:
            self.model.use_quotas(ENOUGH)

    def pick_file(self, pick: int) -> UUID | None:
        files = sorted(self.model.accepted | self.model.unacknowledged)
        return files[pick % len(files)] if files else None

    @rule(body=BODIES, fault=FAULTS)
    def upload(self, body: bytes, fault: Fault) -> None:
        self.model.upload(body, fault)

    @rule(body=BODIES, number=st.integers(1, 3))
    def put_by_another_tool(self, body: bytes, number: int) -> None:
        self.model.bucket.put_by_another_tool(f"uploads/elsewhere/{number}", body)

    @rule(body=BODIES, pick=PICK)
    def replace_object(self, body: bytes, pick: int) -> None:
        if file_id := self.pick_file(pick):
            key = (self.model.accepted | self.model.unacknowledged)[file_id]
            self.model.bucket.put_by_another_tool(key, body)
            self.model.replaced.add(key)

    @rule(pick=PICK)
    def remove_object(self, pick: int) -> None:
        if file_id := self.pick_file(pick):
            self.model.bucket.objects.pop((self.model.accepted | self.model.unacknowledged)[file_id], None)

    @precondition(lambda self: self.model.bucket.events)
    @rule(pick=PICK, again=st.booleans(), fault=FAULTS)
    def deliver_event(self, pick: int, again: bool, fault: Fault) -> None:
        events = self.model.bucket.events
        event = events[pick % len(events)]
        self.model.deliver(event, fault)
        if not again:
            events.remove(event)

    @precondition(lambda self: self.model.bucket.events)
    @rule(pick=PICK)
    def lose_event(self, pick: int) -> None:
        events = self.model.bucket.events
        events.pop(pick % len(events))

    @rule(fault=FAULTS)
    def sweep(self, fault: Fault) -> None:
        self.model.sweep(fault)

    @rule()
    def advance_time(self) -> None:
        self.model.advance_time()

    @rule(pick=PICK)
    def reprocess(self, pick: int) -> None:
        if file_id := self.pick_file(pick):
            self.model.db.files.requeue(OWNER, file_id)

    @rule(pick=PICK)
    def rename(self, pick: int) -> None:
        file_id = self.pick_file(pick)
        if file_id and self.model.db.files.get(OWNER, file_id):  # an upload that failed may have no row
            update_file(UpdateFile(OWNER, file_id, "another name"), files=self.model.db.files)

    @rule(pick=PICK)
    def change_metadata(self, pick: int) -> None:
        file_id = self.pick_file(pick)
        if file_id and self.model.db.files.get(OWNER, file_id):
            update_file(UpdateFile(OWNER, file_id, metadata={"picked": f"{pick}"}), files=self.model.db.files)

    @rule(pick=PICK, fault=FAULTS)
    def delete(self, pick: int, fault: Fault) -> None:
        if file_id := self.pick_file(pick):
            self.model.delete(file_id, fault)

    @precondition(lambda self: self.model.bucket.events)
    @rule(pick=PICK)
    def begin_slow_worker(self, pick: int) -> None:
        """It may never finish."""
        events = self.model.bucket.events
        self.model.begin(events.pop(pick % len(events)))

    @precondition(lambda self: self.model.slow)
    @rule(pick=PICK)
    def finish_slow_worker(self, pick: int) -> None:
        self.model.end(pick % len(self.model.slow))

    @invariant()
    def no_file_is_lost(self) -> None:
        status = {file.id: file.status for file in self.model.files()}
        assert all(status.get(file_id) in STORED | {Status.REJECTED} for file_id in self.model.accepted)
        assert self.model.deleted.isdisjoint(status)

    @invariant()
    def the_usage_is_that_of_the_files(self) -> None:
        usage = self.model.db.usage_counts.get(OWNER)
        assert (usage.files, usage.bytes) == self.model.usage_of_files()
        assert usage.files <= usage.files_today
        assert usage.bytes <= usage.bytes_today

    @invariant()
    def the_counts_are_those_of_the_files(self) -> None:
        statuses = Counter(file.status for file in self.model.files())
        counts = self.model.db.file_counts
        assert counts.by_status().by_status == {status: Count(statuses[status]) for status in Status}
        failures = sum(failure.count.files for failure in counts.failures(MAX_BACKOFF))
        assert failures == statuses[Status.FAILED] + statuses[Status.REJECTED]

    @invariant()
    def every_result_is_of_one_object(self) -> None:
        for file in self.model.files():
            if file.status is Status.PROCESSED:
                assert file.result == {"etag": file.etag}
                assert (
                    file.thumbnail_key is None
                    or etag_of(self.model.content(file.thumbnail_key) or b"") == file.etag
                )
                assert file.failure is None
            assert (file.status in {Status.FAILED, Status.REJECTED}) == (file.failure is not None)

    def teardown(self) -> None:
        model = self.model
        sent = self.clients.sent_completely()
        for _ in range(FINAL_SWEEPS):
            model.advance_time(MAX_BACKOFF)
            model.sweep(NO_FAULT)
        for file in model.files():
            self.check_final_status(file)
            assert file.status is not Status.EXPIRED or file.id not in sent
        self.check_open_multipart_uploads()
        keys = [file.object_key for file in model.files()]
        assert model.objects(UPLOADS_PREFIX) <= set(keys), "an object has no file"
        assert model.objects(DERIVED_PREFIX) == {file.thumbnail_key for file in model.files()} - {None}
        assert len(keys) == len(set(keys))
        assert list(model.db.tombstones.pending(MINUTE, 9)) == []
        assert self.claims_are_finished_at_most_once()
        self.check_changes_have_every_version()

    def check_final_status(self, file: File) -> None:
        content = self.model.content(file.object_key)
        if file.failure is not None and file.failure.code == ATTEMPTS_EXHAUSTED.code:
            assert file.attempts_this_round >= MAX_ATTEMPTS
        elif file.status is Status.REJECTED:
            self.check_rejected(file)
        elif content is not None:
            assert (file.size, file.etag) == (len(content), etag_of(content))
            assert file.checksum in {checksum(content), Checksum("crc64nvme", crc64nvme(content))}
            assert file.status is (Status.FAILED if content.startswith(BAD) else Status.PROCESSED)
        elif file.id in self.model.unacknowledged and file.status is Status.EXPIRED:
            assert file.uploaded_at is None
        else:
            assert file.failure is not None
            assert file.failure.code == OBJECT_MISSING.code

    def claims_are_finished_at_most_once(self) -> bool:
        ends: Counter[tuple[UUID, int | None]] = Counter()
        for file in self.model.files():
            for entry in self.model.db.history.timeline(OWNER, file.id, 1000):
                if (
                    entry.type in {HistoryEventType.FINISHED, HistoryEventType.RETRIED}
                    and entry.error_code != ATTEMPTS_EXHAUSTED.code
                ):
                    ends[file.id, entry.attempts] += 1
        return all(times == 1 for times in ends.values())

    def check_changes_have_every_version(self) -> None:
        seen: dict[UUID, list[int | None]] = {}
        since = 0
        while page := self.model.db.history.changes(OWNER, since, 50):
            for entry in page:
                seen.setdefault(entry.file_id, []).append(entry.version)
            since = page[-1].seq or 0
        for file in self.model.files():
            assert seen[file.id] == list(range(1, file.version + 1))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.mark.slow(20)
def test_every_interleaving_ends_in_a_true_terminal_status(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # the faults are wanted
    monkeypatch.setattr(create_upload, "part_size_for", lambda _: PART_SIZE)
    FileLifecycleMachine.database = database
    run_state_machine_as_test(FileLifecycleMachine)
