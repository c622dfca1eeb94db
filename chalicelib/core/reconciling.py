"""The bucket against the rows, page by page: what no event told of, and what somebody took away."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from chalicelib.core.findings import Finding
from chalicelib.core.names import DERIVED, UPLOADS, file_of_thumbnail
from chalicelib.core.ports import Inventory, Listing
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.s3_events import CreatedObject

log = logging.getLogger(__name__)

SETTLES_IN = 10
"""Times what an event may take. What changed within that may have an event, a request or a worker on its way."""

GONE_AT_ONCE = 100

Step = Callable[[], Finding | None]
"""Does something that is due, and returns what it was; None where there was nothing to do any more."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Goes through the bucket round after round: a page of 1,000 objects a sweep, whatever the bucket holds."""

    worker: Worker
    inventory: Inventory
    settling: timedelta
    """What changed within that time is left alone."""

    def steps(self, remaining: Callable[[], timedelta]) -> Iterator[Step]:
        """Yield what is to be done about the next page of each prefix. Two statements and one request for each,
        and one statement more where it has several pages.

        The next page's turn comes when all of this one's steps were taken: if time runs out before, it is looked
        at again. Raises ServiceError: STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE.
        """
        yield from self._of_uploads(remaining)
        yield from self._of_thumbnails()

    def _of_uploads(self, remaining: Callable[[], timedelta]) -> Iterator[Step]:
        after = self.inventory.position(UPLOADS)
        page = _nameable(self.worker.storage.list(UPLOADS, after))
        found = self.inventory.compare(page, after, self.settling, GONE_AT_ONCE)
        listed = {created.key: created for created in page.objects}
        for key in found.unheard_of:
            if not listed[key].is_folder:
                yield partial(self._take_in, listed[key], remaining)
        for key in found.gone:
            yield partial(self._look_for, key, remaining)
        self._move_on(UPLOADS, after, page)

    def _of_thumbnails(self) -> Iterator[Step]:
        after = self.inventory.position(DERIVED)
        page = _nameable(self.worker.storage.list(DERIVED, after))
        files = {listed.key: file_of_thumbnail(listed.key) for listed in page.objects}
        thumbnails = {key: file_id for key, file_id in files.items() if file_id is not None}
        for key in self.inventory.strays(thumbnails):
            yield partial(self._delete, key)
        self._move_on(DERIVED, after, page)

    def _move_on(self, prefix: str, after: str, page: Listing) -> None:
        end = page.objects[-1].key if page.more and page.objects else ""
        if end != after:
            self.inventory.move_to(prefix, end)

    def _delete(self, key: str) -> Finding:
        self.worker.storage.delete(key)
        return Finding.ORPHANED_THUMBNAIL

    def _take_in(self, created: CreatedObject, remaining: Callable[[], timedelta]) -> Finding | None:
        if self.worker.process(created, remaining()) is None:
            return None  # its event came meanwhile, or another sweep was quicker
        log.warning("no event told of %s, or its event was lost", created.key)
        return Finding.MISSED_EVENT

    def _look_for(self, key: str, remaining: Callable[[], timedelta]) -> Finding | None:
        if self.worker.storage.head(key) is not None:
            return None  # it came after the listing
        log.error("the object %s is gone, although its file was not deleted", key)
        self.inventory.recheck(key)
        self.worker.process(CreatedObject(key), remaining())
        return Finding.OBJECT_MISSING


def _nameable(page: Listing) -> Listing:
    """Return the page without objects whose keys PostgreSQL's text can't hold: no file of ours can be one."""
    objects = [listed for listed in page.objects if "\0" not in listed.key]
    if len(objects) < len(page.objects):
        log.warning("%d objects have a NUL in their keys and are left alone", len(page.objects) - len(objects))
    return Listing(objects, page.more)
