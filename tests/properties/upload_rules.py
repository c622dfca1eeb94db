"""What clients of presigned and multipart uploads do, in any order, and what must hold of their uploads."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from tests.properties.model import BAD, Fault, Interruption, Model
from tests.properties.upload_clients import ClientUpload, UploadClients, parts_of

BODIES = st.sampled_from([b"", b"one", b"two", b"three", BAD, BAD + b"der"])
NO_FAULT = Fault()
FAULTS = st.one_of(
    st.just(NO_FAULT), st.builds(Fault, at=st.integers(1, 8), killed=st.booleans(), after=st.booleans())
)
PICK = st.integers(0, 1000)
"""Chooses one of the existing files or events."""


class UploadRules(RuleBasedStateMachine):
    """The actions of clients that send bytes to the bucket themselves."""

    model: Model
    clients: UploadClients

    def pick_upload(self, pick: int) -> tuple[UUID, ClientUpload]:
        uploads = sorted(self.clients.uploads.items())
        return uploads[pick % len(uploads)]

    @rule(
        body=BODIES,
        in_parts=st.booleans(),
        algorithm=st.sampled_from([None, "sha256", "crc64nvme"]),
        idempotency_key=st.sampled_from([None, "key 1", "key 2"]),
        fault=FAULTS,
    )
    def create_upload(
        self, body: bytes, in_parts: bool, algorithm: str | None, idempotency_key: str | None, fault: Fault
    ) -> None:
        self.clients.create(
            body, in_parts=in_parts, algorithm=algorithm, idempotency_key=idempotency_key, fault=fault
        )

    @precondition(lambda self: self.clients.uploads)
    @rule(pick=PICK, is_longer=st.booleans())
    def send_whole_file(self, pick: int, is_longer: bool) -> None:
        _, upload = self.pick_upload(pick)
        self.clients.send_whole(upload, upload.body + b"!" if is_longer else upload.body)

    @precondition(lambda self: self.clients.uploads)
    @rule(pick=PICK, numbers=st.lists(st.integers(1, 3), min_size=1, max_size=3), is_wrong=st.booleans())
    def send_parts(self, pick: int, numbers: list[int], is_wrong: bool) -> None:
        _, upload = self.pick_upload(pick)
        for number in numbers:
            body = upload.part(number)
            self.clients.send_part(upload, number, body[::-1] if is_wrong else body)

    @precondition(lambda self: self.clients.uploads)
    @rule(pick=PICK)
    def send_all_parts(self, pick: int) -> None:
        _, upload = self.pick_upload(pick)
        for part in upload.plan.parts or ():
            self.clients.send_part(upload, part.number, upload.part(part.number))

    @precondition(lambda self: self.clients.uploads)
    @rule(pick=PICK, number=st.integers(0, 4), fault=FAULTS)
    def look_at_upload(self, pick: int, number: int, fault: Fault) -> None:
        file_id, _ = self.pick_upload(pick)
        self.clients.look(file_id, number, fault)

    @precondition(lambda self: self.clients.uploads)
    @rule(pick=PICK, list_of_parts=st.sampled_from(["none", "right", "wrong"]), fault=FAULTS)
    def complete_upload(self, pick: int, list_of_parts: str, fault: Fault) -> None:
        file_id, upload = self.pick_upload(pick)
        if list_of_parts == "none":
            parts = None
        else:
            parts = parts_of(upload, lambda etag: etag if list_of_parts == "right" else etag[::-1])
        self.clients.complete(file_id, parts, fault)

    @precondition(lambda self: self.clients.uploads)
    @rule(
        pick=PICK,
        at=st.integers(2, 4),
        meanwhile=st.sampled_from(["abort", "delete", "sweep", "late sweep", "event", "complete"]),
    )
    def complete_upload_meanwhile(self, pick: int, at: int, meanwhile: str) -> None:
        """Something else happens before the request's call number `at` to a port."""
        file_id, _ = self.pick_upload(pick)
        model = self.model

        def sweep_late() -> None:
            model.advance_time(timedelta(days=1))
            model.sweep(NO_FAULT)

        def deliver() -> None:
            while model.bucket.events:
                model.deliver(model.bucket.events.pop(), NO_FAULT)

        action = {
            "abort": lambda: self.clients.abort(file_id, NO_FAULT),
            "delete": lambda: model.delete(file_id, NO_FAULT),
            "sweep": lambda: model.sweep(NO_FAULT),
            "late sweep": sweep_late,
            "event": deliver,
            "complete": lambda: self.clients.complete(file_id, None, NO_FAULT),
        }[meanwhile]
        model.interruption = Interruption(at, action)
        self.clients.complete(file_id, None, NO_FAULT)
        model.interruption = None

    @precondition(lambda self: self.clients.uploads)
    @rule(pick=PICK, fault=FAULTS)
    def abort_upload(self, pick: int, fault: Fault) -> None:
        file_id, _ = self.pick_upload(pick)
        self.clients.abort(file_id, fault)

    def check_open_multipart_uploads(self) -> None:
        """Fail if the bucket has one that isn't left to its lifecycle: those that no row has ever known, and those
        of files whose object another tool has put."""
        opened = self.model.bucket.open_uploads
        left = {
            upload_id
            for upload_id, upload in opened.items()
            if upload_id in self.clients.unknown_multipart_uploads or upload.key in self.model.replaced
        }
        assert opened.keys() == left
        assert not any(opened[upload_id].parts for upload_id in self.clients.unknown_multipart_uploads & left)

    def check_rejected(self, file: File) -> None:
        """Only what S3 can't verify is rejected: a SHA-256 of an upload in parts. The object is deleted."""
        assert file.status is Status.REJECTED
        assert file.multipart_upload_id is not None
        assert file.checksum is not None
        assert file.checksum.algorithm == "sha256"
        assert self.model.content(file.object_key) is None
