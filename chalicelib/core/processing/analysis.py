"""What is to be said of a file: from its object, in ranges, whichever object lies there."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.core.errors import OBJECT_MISSING, BadContentError, ObjectChangedError, ObjectMissingError
from chalicelib.core.files.model import Analysis, Checksum, Failure, File, ObjectFacts
from chalicelib.core.media_types.extensions import of_extension
from chalicelib.core.processing.checksum import digest
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import Storage
from chalicelib.core.streams.object_reader import RangedObject

REPLACEMENTS_FOLLOWED = 3
"""How often an object may be replaced under a worker's hands before it gives the file back."""

DEADLY = 3
"""How often a file may kill its worker before the processor is left out that does it."""

Describe = Callable[[BinaryIO, int, Sequence[str | None]], Analysis]
"""Describes a file of so many bytes, which others call by these types; raises BadContentError where the content
itself is at fault."""


@dataclass(frozen=True, slots=True)
class Processors:
    """What knows kinds of files."""

    describe: Describe
    identify: Describe
    """Tells only what it is, and lets no processor near it."""


Outcome = tuple[Analysis | Failure, ObjectFacts | None]
"""What is to be said of a file, and the object that it is about, None where there is none."""

MISSING: Outcome = Failure(OBJECT_MISSING.code, OBJECT_MISSING.message), None


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes files, from ranged GETs."""

    storage: Storage
    processors: Processors
    max_checksum_bytes: int
    """Bytes. A larger object whose checksum the storage doesn't know goes without one."""

    def outcome(self, claimed: File, created: ObjectRef) -> Outcome:
        """Describe the object that lies there: the one that was told of, otherwise the one that S3 finds.

        A file that has killed three workers is only identified. Raises ServiceError for what isn't the content's
        fault: the storage's, or an object that is replaced again and again.
        """
        size, etag = claimed.size if created.size is None else created.size, None
        for _ in range(REPLACEMENTS_FOLLOWED):
            if not size:  # nothing would be read of an empty object, not even whether it is there
                stored = self.storage.head(claimed.object_key)
                if stored is None:
                    return MISSING
                size, etag = stored.size, stored.etag
            try:
                return self._described(claimed, RangedObject(self.storage, claimed.object_key, size, etag))
            except ObjectMissingError:
                return MISSING
            except ObjectChangedError:
                size = 0
        raise ObjectChangedError

    def _described(self, claimed: File, ranged: RangedObject) -> Outcome:
        source = io.BufferedReader(ranged)
        describe = self.processors.identify if claimed.worker_crashes >= DEADLY else self.processors.describe
        try:
            claims = (claimed.declared_type, of_extension(claimed.name))
            outcome: Analysis | Failure = describe(source, ranged.size, claims)
        except ObjectMissingError:
            raise
        except BadContentError as fault:
            outcome = Failure(fault.kind.code, fault.message, fault.partial_analysis)
        etag = ranged.etag or claimed.etag  # a processor may read nothing
        return outcome, ObjectFacts(ranged.size, etag, self._checksum(claimed, etag, ranged))

    def _checksum(self, claimed: File, etag: str | None, ranged: RangedObject) -> Checksum | None:
        """Return the row's checksum, if it is this object's, otherwise the storage's, otherwise compute it."""
        if claimed.etag == etag:
            return claimed.checksum or self._digest(ranged)
        stored = self.storage.head(claimed.object_key)
        if stored is not None and stored.etag == etag and stored.checksum is not None:
            return stored.checksum
        return self._digest(ranged)

    def _digest(self, ranged: RangedObject) -> Checksum | None:
        return digest(ranged) if ranged.size <= self.max_checksum_bytes else None
