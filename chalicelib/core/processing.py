"""Working on one file: claim, describe, finish."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import BinaryIO

from chalicelib.core.adopting import adopt
from chalicelib.core.errors import BadContentError
from chalicelib.core.files import Checksum, Description, Failure, File
from chalicelib.core.object_reader import BLOCK, open_object
from chalicelib.core.ports import Storage, Work

log = logging.getLogger(__name__)

MAX_SIZE_TO_DIGEST = 256 * 1024 * 1024
"""Bytes. A larger object whose checksum S3 doesn't know goes without one."""

Describe = Callable[[BinaryIO, int], Description]
"""Describes a file of so many bytes; raises BadContentError where the content itself is at fault."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Processes files by their object keys."""

    work: Work
    storage: Storage
    describe: Describe
    adopter: str
    """The owner of objects that nobody announced."""

    def process_all(self, keys: Iterable[str], lease: timedelta) -> None:
        """Process each object. One that fails doesn't keep the others from their turn.

        Raises what the first one raised, so that the event is delivered again; those that are done find
        nothing to claim then.
        """
        faults = [fault for key in keys if (fault := self._attempt(key, lease)) is not None]
        if faults:
            raise faults[0]

    def _attempt(self, key: str, lease: timedelta) -> Exception | None:
        try:
            self.process(key, lease)
        except Exception as fault:
            log.exception("processing %s was interrupted", key)
            return fault
        return None

    def process(self, key: str, lease: timedelta) -> None:
        """Claim the file, describe it and store what was found. Two statements and ranged GETs.

        Without anything to claim (a duplicate event, a deleted file) it ends quietly. An object without a
        row is adopted first. Bad content ends in `failed`; any other fault gives the claim back and is raised
        for whoever delivers the event to try again.
        """
        claimed = self.work.claim(key, lease)
        if claimed is None and adopt(key, self.adopter, work=self.work, storage=self.storage):
            claimed = self.work.claim(key, lease)
        if claimed is None:
            return
        try:
            finished = self.work.finish(claimed, self._outcome(claimed))
        except Exception:
            self._release(claimed)
            raise
        if not finished:
            log.warning("%s was taken over or deleted; the result of attempt %d is dropped", key, claimed.attempts)

    def _outcome(self, claimed: File) -> Description | Failure:
        try:
            with open_object(self.storage, claimed.object_key, claimed.size) as source:
                description = self.describe(source, claimed.size)
                checksum = claimed.checksum or _digest(source, claimed.size)
        except BadContentError as fault:
            return Failure(fault.kind.code, fault.message)
        return replace(description, checksum=checksum)

    def _release(self, claimed: File) -> None:
        try:
            self.work.release(claimed)
        except Exception:
            # The fault that brought us here is the one to tell of, and the lease ends by itself.
            log.exception("the claim on %s could not be given back", claimed.object_key)


def _digest(source: BinaryIO, size: int) -> Checksum | None:
    if size > MAX_SIZE_TO_DIGEST:
        return None
    source.seek(0)
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
    return Checksum("sha256", digest.hexdigest())
