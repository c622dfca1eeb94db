"""Which checksum an analyzed object gets."""

from dataclasses import dataclass, field
from typing import BinaryIO

import pytest
from msgspec.structs import replace

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError, ObjectChangedError
from chalicelib.core.files.model import Analysis, Checksum, Failure, File
from chalicelib.core.processing.admission import Admission
from chalicelib.core.processing.analysis import AnalysisOutcome, AnalyzeFn, Analyzer, ProcessorFns
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectHead, ObjectRange
from chalicelib.core.streams.object_reader import BLOCK
from tests.database_ports import FakePorts, fake_ports
from tests.fakes.storage import FakeStorage
from tests.samples import checksum, same_limits
from tests.unit.use_cases import analyze, detect_only, upload

BODY = b"hello"
OF_ROW, OF_STORAGE = Checksum("sha256", "the row's"), Checksum("crc32", "the storage's")


@dataclass
class StorageWithChecksums(FakeStorage):
    """Has checksums of its objects, as S3 does."""

    checksum: Checksum | None = OF_STORAGE
    requests_made: list[str] = field(default_factory=list)
    """In order."""

    def head(self, key: str) -> ObjectHead | None:
        self.requests_made.append("HEAD")
        stored = super().head(key)
        return stored and replace(stored, checksum=self.checksum)

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        self.requests_made.append("GET")
        return super().read(key, start, length, etag)


@pytest.fixture
def storage_with_checksums() -> StorageWithChecksums:
    return StorageWithChecksums()


@pytest.fixture
def file(db: FakePorts, storage_with_checksums: StorageWithChecksums) -> File:
    return replace(upload(db, storage_with_checksums, BODY), checksum=OF_ROW)


def outcome(storage: FakeStorage, file: File, analyze: AnalyzeFn = analyze, limit: int = 1000) -> AnalysisOutcome:
    admission = Admission(same_limits(), fake_ports().queue)
    analyzer = Analyzer(storage, ProcessorFns(analyze, detect_only), admission, max_checksum_bytes=limit)
    return analyzer.analyze(file, ObjectRef(file.object_key))


def checksum_of(
    storage: FakeStorage, file: File, analyze: AnalyzeFn = analyze, limit: int = 1000
) -> Checksum | None:
    _, content = outcome(storage, file, analyze, limit)
    assert content is not None
    return content.checksum


class TestStoredChecksum:
    def test_row_checksum_of_this_object_is_used(
        self, storage_with_checksums: StorageWithChecksums, file: File
    ) -> None:
        assert checksum_of(storage_with_checksums, file) == OF_ROW
        assert storage_with_checksums.requests_made == ["GET"]

    @pytest.mark.parametrize("etag", ["of another", None])
    def test_otherwise_storage_checksum_is_used(
        self, storage_with_checksums: StorageWithChecksums, file: File, etag: str | None
    ) -> None:
        assert checksum_of(storage_with_checksums, replace(file, etag=etag)) == OF_STORAGE
        assert storage_with_checksums.requests_made == ["GET", "HEAD"]

    def test_otherwise_checksum_is_computed(
        self, storage_with_checksums: StorageWithChecksums, file: File
    ) -> None:
        storage_with_checksums.checksum = None
        assert checksum_of(storage_with_checksums, replace(file, etag="of another")) == checksum(BODY)
        assert storage_with_checksums.requests_made == ["GET", "HEAD"]  # it was fetched whole to be described

    def test_row_may_have_this_object_without_a_checksum(
        self, storage_with_checksums: StorageWithChecksums, file: File
    ) -> None:
        """The client has completed the upload before the event came."""
        assert checksum_of(storage_with_checksums, replace(file, checksum=None), limit=1) == OF_STORAGE
        assert storage_with_checksums.requests_made == ["GET", "HEAD"]

    def test_storage_checksum_of_another_object_is_not_used(
        self, storage_with_checksums: StorageWithChecksums, file: File, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            storage_with_checksums, "head", lambda _: ObjectHead(5, None, OF_STORAGE, "yet another")
        )
        assert checksum_of(storage_with_checksums, replace(file, etag="of another")) == checksum(BODY)


class TestComputedChecksum:
    @pytest.fixture
    def unknown(self, storage_with_checksums: StorageWithChecksums, file: File) -> File:
        storage_with_checksums.checksum = None
        return replace(file, checksum=None)

    @pytest.fixture
    def large(self, db: FakePorts, storage_with_checksums: StorageWithChecksums) -> File:
        """A file of two blocks, which aren't a single cached one."""
        storage_with_checksums.checksum = None
        return replace(upload(db, storage_with_checksums, bytes(BLOCK + 1)), checksum=None)

    @pytest.mark.parametrize(("limit", "expected"), [(4, None), (5, checksum(BODY)), (6, checksum(BODY))])
    def test_checksum_is_computed_up_to_the_limit(
        self, storage_with_checksums: StorageWithChecksums, unknown: File, limit: int, expected: Checksum | None
    ) -> None:
        assert checksum_of(storage_with_checksums, unknown, limit=limit) == expected
        assert storage_with_checksums.requests_made == ["GET", "HEAD"]

    def test_checksum_of_a_file_that_exceeded_the_limits(
        self, storage_with_checksums: StorageWithChecksums, unknown: File
    ) -> None:
        def refuse(source: BinaryIO, *_: object) -> Analysis:
            source.read(1)
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)

        failure, content = outcome(storage_with_checksums, unknown, refuse)
        assert isinstance(failure, Failure)
        assert failure.code == RESOURCE_LIMIT_EXCEEDED.code
        assert content is not None
        assert content.checksum == checksum(BODY)

    def test_checksum_of_a_file_that_crashed_its_workers(
        self, storage_with_checksums: StorageWithChecksums, unknown: File
    ) -> None:
        assert checksum_of(storage_with_checksums, replace(unknown, worker_crashes=3)) == checksum(BODY)

    def test_checksum_is_of_the_new_object_if_replaced_meanwhile(
        self, storage_with_checksums: StorageWithChecksums, large: File
    ) -> None:
        def described(source: BinaryIO, size: int, *_: object) -> Analysis:
            analysis = analyze(source, size)
            storage_with_checksums.checksum = None
            storage_with_checksums.objects[large.object_key] = (b"another", "")
            return analysis

        analysis, content = outcome(storage_with_checksums, large, described, limit=2 * BLOCK)
        assert isinstance(analysis, Analysis)
        assert analysis.result["size"] == len(b"another")
        assert content is not None
        assert content.checksum == checksum(b"another")

    def test_repeated_replacement_raises_object_changed(
        self, storage_with_checksums: StorageWithChecksums, large: File
    ) -> None:
        storage_with_checksums.checksum = None
        sizes = []

        def described(source: BinaryIO, size: int, *_: object) -> Analysis:
            analysis = analyze(source, size)
            sizes.append(size)
            storage_with_checksums.objects[large.object_key] = (b"x" * (size + 1), "")
            return analysis

        with pytest.raises(ObjectChangedError):
            outcome(storage_with_checksums, large, described, limit=2 * BLOCK)
        assert sizes == [BLOCK + 1, BLOCK + 2, BLOCK + 3]
