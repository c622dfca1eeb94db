"""Which checksum is told of an object."""

from dataclasses import dataclass, field, replace
from typing import BinaryIO

import pytest

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError, ObjectChangedError
from chalicelib.core.files.model import Analysis, Checksum, Failure, File
from chalicelib.core.processing.analysis import AnalysisOutcome, AnalyzeFn, Analyzer, ProcessorFns
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectHead, ObjectRange
from chalicelib.core.streams.object_reader import BLOCK
from tests.database_ports import FakePorts
from tests.fakes.storage import FakeStorage
from tests.samples import checksum
from tests.unit.use_cases import analyze, detect_only, upload

BODY = b"hello"
OF_ROW, OF_STORAGE = Checksum("sha256", "the row's"), Checksum("crc32", "the storage's")


@dataclass
class KnowingStorage(FakeStorage):
    """Has a checksum of its objects, as S3 does."""

    known: Checksum | None = OF_STORAGE
    asked: list[str] = field(default_factory=list)
    """The requests, in their order."""

    def head(self, key: str) -> ObjectHead | None:
        self.asked.append("HEAD")
        stored = super().head(key)
        return stored and replace(stored, checksum=self.known)

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        self.asked.append("GET")
        return super().read(key, start, length, etag)


@pytest.fixture
def knowing() -> KnowingStorage:
    return KnowingStorage()


@pytest.fixture
def file(db: FakePorts, knowing: KnowingStorage) -> File:
    return replace(upload(db, knowing, BODY), checksum=OF_ROW)


def outcome(storage: FakeStorage, file: File, analyze: AnalyzeFn = analyze, limit: int = 1000) -> AnalysisOutcome:
    analyzer = Analyzer(storage, ProcessorFns(analyze, detect_only), max_checksum_bytes=limit)
    return analyzer.analyze(file, ObjectRef(file.object_key))


def told(storage: FakeStorage, file: File, analyze: AnalyzeFn = analyze, limit: int = 1000) -> Checksum | None:
    _, content = outcome(storage, file, analyze, limit)
    assert content is not None
    return content.checksum


class TestWhoseChecksum:
    def test_the_rows_own_where_it_is_of_this_object(self, knowing: KnowingStorage, file: File) -> None:
        assert told(knowing, file) == OF_ROW
        assert knowing.asked == ["GET"]

    @pytest.mark.parametrize("etag", ["of another", None])
    def test_otherwise_the_storages(self, knowing: KnowingStorage, file: File, etag: str | None) -> None:
        assert told(knowing, replace(file, etag=etag)) == OF_STORAGE
        assert knowing.asked == ["GET", "HEAD"]

    def test_otherwise_a_computed_one(self, knowing: KnowingStorage, file: File) -> None:
        knowing.known = None
        assert told(knowing, replace(file, etag="of another")) == checksum(BODY)
        assert knowing.asked == ["GET", "HEAD"]  # it was fetched whole to be described

    def test_the_storage_has_none_where_the_row_knows_the_object_without(
        self, knowing: KnowingStorage, file: File
    ) -> None:
        assert told(knowing, replace(file, checksum=None)) == checksum(BODY)
        assert knowing.asked == ["GET"]

    def test_not_the_storages_of_another_object(
        self, knowing: KnowingStorage, file: File, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(knowing, "head", lambda _: ObjectHead(5, None, OF_STORAGE, "yet another"))
        assert told(knowing, replace(file, etag="of another")) == checksum(BODY)


class TestComputing:
    @pytest.fixture
    def unknown(self, file: File) -> File:
        return replace(file, checksum=None)

    @pytest.fixture
    def large(self, db: FakePorts, knowing: KnowingStorage) -> File:
        """One of which a digest fetches again what is no longer kept."""
        return replace(upload(db, knowing, bytes(BLOCK + 1)), checksum=None)

    @pytest.mark.parametrize(("limit", "expected"), [(4, None), (5, checksum(BODY)), (6, checksum(BODY))])
    def test_up_to_the_limit(
        self, knowing: KnowingStorage, unknown: File, limit: int, expected: Checksum | None
    ) -> None:
        assert told(knowing, unknown, limit=limit) == expected
        assert knowing.asked == ["GET"]

    def test_of_a_file_that_was_too_costly(self, knowing: KnowingStorage, unknown: File) -> None:
        def refuse(source: BinaryIO, *_: object) -> Analysis:
            source.read(1)
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)

        failure, content = outcome(knowing, unknown, refuse)
        assert isinstance(failure, Failure)
        assert failure.code == RESOURCE_LIMIT_EXCEEDED.code
        assert content is not None
        assert content.checksum == checksum(BODY)

    def test_of_a_file_that_killed_its_workers(self, knowing: KnowingStorage, unknown: File) -> None:
        assert told(knowing, replace(unknown, worker_crashes=3)) == checksum(BODY)

    def test_of_the_new_object_where_it_is_replaced_meanwhile(self, knowing: KnowingStorage, large: File) -> None:
        def described(source: BinaryIO, size: int, *_: object) -> Analysis:
            description = analyze(source, size)
            knowing.known = None
            knowing.objects[large.object_key] = (b"another", "")
            return description

        description, content = outcome(knowing, large, described, limit=2 * BLOCK)
        assert isinstance(description, Analysis)
        assert description.result["size"] == len(b"another")
        assert content is not None
        assert content.checksum == checksum(b"another")

    def test_never_where_it_is_replaced_again_and_again(self, knowing: KnowingStorage, large: File) -> None:
        knowing.known = None
        sizes = []

        def described(source: BinaryIO, size: int, *_: object) -> Analysis:
            description = analyze(source, size)
            sizes.append(size)
            knowing.objects[large.object_key] = (b"x" * (size + 1), "")
            return description

        with pytest.raises(ObjectChangedError):
            outcome(knowing, large, described, limit=2 * BLOCK)
        assert sizes == [BLOCK + 1, BLOCK + 2, BLOCK + 3]
