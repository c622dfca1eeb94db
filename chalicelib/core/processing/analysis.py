"""Analyze the object of a claimed file: type, facts, thumbnail and checksum, from ranged GETs."""

import io
from collections.abc import Callable, Sequence
from typing import BinaryIO, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.core.errors import (
    CHECKSUM_MISMATCH,
    OBJECT_MISSING,
    BadContentError,
    ObjectChangedError,
    ObjectMissingError,
    RejectedContentError,
)
from chalicelib.core.files.model import Analysis, AnalyzedObject, Checksum, Failure, File
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.type_mismatch import is_mismatch
from chalicelib.core.processing.admission import Admission
from chalicelib.core.processing.checksum import compute_sha256
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.scanning.ports import Scanner
from chalicelib.core.scanning.scan_object import scan_object
from chalicelib.core.scanning.verdicts import Verdict
from chalicelib.core.storage import Storage
from chalicelib.core.streams.object_reader import ObjectReader

MAX_OBJECT_REPLACEMENTS = 3
"""How often the object may be replaced while a worker reads it, before the worker releases the file."""

MAX_ATTEMPTS = 12
"""How often a file is tried. The backoff doubles with each attempt, so the last one is after a day and a half: an
outage of the storage is over by then. A file that crashes its workers doesn't wait, and fails within the hour."""

MAX_WORKER_CRASHES = 3
"""How often a file may crash its worker before its processor is skipped."""

AnalyzeFn = Callable[[BinaryIO, int, Sequence[str | None]], Analysis]
"""Analyzes a file of the given size, which was declared as one of the given types; raises BadContentError if the
content is bad."""


class ProcessorFns(Struct, frozen=True):
    """The functions that detect the type of a file and describe it."""

    analyze: AnalyzeFn
    detect_only: AnalyzeFn
    """Detects the type, without running a processor."""


class AnalysisOutcome(NamedTuple):
    """What to store about a file."""

    outcome: Analysis | Failure
    analyzed_object: AnalyzedObject | None
    """None if there is no object."""


MISSING_OBJECT_OUTCOME = AnalysisOutcome(Failure(OBJECT_MISSING.code, OBJECT_MISSING.message), None)


class Analyzer(Struct, frozen=True):
    """Analyzes files by ranged GETs."""

    storage: Storage
    processors: ProcessorFns
    admission: Admission
    max_checksum_bytes: int
    """A larger object gets no checksum, unless the storage has one."""
    scanner: Scanner | None = None
    """Scans each object for malware, where the worker is to do that."""

    def analyze(self, claimed: File, ref: ObjectRef) -> AnalysisOutcome:
        """Analyze the file's current object: the one that `ref` names, otherwise the one that S3 has now.

        If the file has crashed three workers, only its type is detected. Raises RejectedContentError for a file
        that exceeds its owner's limits, has malware, or is without the checksum that was given. Where the content
        isn't the cause: ScannerUnavailableError, and ServiceError for an error of the storage, or an object that
        is replaced again and again.
        """
        size, etag = claimed.size if ref.size is None else ref.size, None
        for _ in range(MAX_OBJECT_REPLACEMENTS):
            if not size:  # unknown, or 0: nothing of an empty object is read, so its absence would go unnoticed
                stored = self.storage.head(claimed.object_key)
                if stored is None:
                    return MISSING_OBJECT_OUTCOME
                size, etag = stored.size, stored.etag
            try:
                return self._analyze_object(claimed, ObjectReader(self.storage, claimed.object_key, size, etag))
            except ObjectMissingError:
                return MISSING_OBJECT_OUTCOME
            except ObjectChangedError:
                size = None
        raise ObjectChangedError

    def _analyze_object(self, claimed: File, reader: ObjectReader) -> AnalysisOutcome:
        self.admission.check_size(claimed, reader.size)
        verdict = self._scan(claimed, reader)
        skips_processor = claimed.worker_crashes >= MAX_WORKER_CRASHES
        analyze = self.processors.detect_only if skips_processor else self.processors.analyze
        try:
            declared_types = (claimed.declared_type, type_of_extension(claimed.name))
            outcome: Analysis | Failure = analyze(io.BufferedReader(reader), reader.size, declared_types)
        except ObjectMissingError:
            raise
        except BadContentError as error:
            outcome = Failure(error.kind.code, error.message, error.partial_analysis)
        etag = reader.etag or claimed.etag  # a processor may read nothing
        self.admission.check_type(claimed, outcome, reader.etag)
        analyzed_object = AnalyzedObject(reader.size, etag, self._checksum(claimed, etag, reader), verdict)
        return AnalysisOutcome(_check_type(claimed, outcome), analyzed_object)

    def _scan(self, claimed: File, reader: ObjectReader) -> Verdict | None:
        """Return the verdict about the object. It comes before everything else that reads the content."""
        if self.scanner is None:
            return None
        return scan_object(reader, self.scanner, is_last_attempt=claimed.attempts_this_round >= MAX_ATTEMPTS)

    def _checksum(self, claimed: File, etag: str | None, reader: ObjectReader) -> Checksum | None:
        """Return the row's checksum if it is this object's, otherwise the storage's, otherwise compute it."""
        if _is_unverified(claimed):
            return self._verify(claimed, self._compute_checksum(reader)) or self._stored_checksum(claimed, etag)
        if claimed.checksum is not None and claimed.etag == etag:
            return claimed.checksum
        return self._stored_checksum(claimed, etag) or self._compute_checksum(reader)

    def _stored_checksum(self, claimed: File, etag: str | None) -> Checksum | None:
        stored = self.storage.head(claimed.object_key)
        return stored.checksum if stored is not None and stored.etag == etag else None

    def _verify(self, claimed: File, computed: Checksum | None) -> Checksum | None:
        """Return the checksum. Raises RejectedContentError if the client has given another one."""
        if computed is not None and computed != claimed.checksum:
            raise RejectedContentError(CHECKSUM_MISMATCH)
        return computed

    def _compute_checksum(self, reader: ObjectReader) -> Checksum | None:
        return compute_sha256(reader) if reader.size <= self.max_checksum_bytes else None


def _is_unverified(claimed: File) -> bool:
    """Return whether the row's checksum is what the client has given and S3 can't verify: a SHA-256 of a multipart
    upload. Once an object was analyzed, the row has its ETag, and a checksum that is verified.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html"""
    is_sha256 = claimed.checksum is not None and claimed.checksum.algorithm == "sha256"
    return is_sha256 and claimed.multipart_upload_id is not None and claimed.etag is None


def _check_type(claimed: File, outcome: Analysis | Failure) -> Analysis | Failure:
    """Return the outcome with the mismatch between its detected type and the declared type or the extension."""
    if isinstance(outcome, Failure):
        if outcome.partial_analysis is None:
            return outcome
        return replace(outcome, partial_analysis=_set_mismatch(claimed, outcome.partial_analysis))
    return _set_mismatch(claimed, outcome)


def _set_mismatch(claimed: File, analysis: Analysis) -> Analysis:
    mismatch = is_mismatch(claimed.name, claimed.declared_type, analysis.detected_type, result=analysis.result)
    return replace(analysis, mismatch=mismatch)
