"""Compare the bucket with the database, page by page: objects whose events were lost, and missing objects."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from msgspec import Struct

from chalicelib.core.files.object_keys import DERIVED_PREFIX, UPLOADS_PREFIX, hide_name, parse_thumbnail_key
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.storage import ObjectPage
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.sweep.ports import BucketScan

log = logging.getLogger(__name__)

SETTLING_FACTOR = 10
"""The settling time as a multiple of the sweep's grace period. Rows changed more recently may still have an event,
a request or a worker under way."""

MAX_MISSING_PER_PAGE = 100

Action = Callable[[], SweepOutcome | None]
"""Recovers or deletes something and returns the outcome; None if there was nothing left to do."""


class Reconciliation(Struct, frozen=True):
    """Scans the bucket round after round: a page of 1,000 objects for each sweep, whatever the bucket holds."""

    worker: Worker
    bucket_scan: BucketScan
    settling_time: timedelta
    """Rows that changed more recently are left alone."""

    def actions(self, remaining: Callable[[], timedelta]) -> Iterator[Action]:
        """Yield the actions for the next page of each prefix. Two statements and one request for each prefix, and
        another statement if it has several pages.

        The cursor moves on after all actions of a page were run: if time runs out before, the page is scanned
        again. Raises ServiceError: STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        yield from self._compare_uploads(remaining)
        yield from self._compare_thumbnails()

    def _compare_uploads(self, remaining: Callable[[], timedelta]) -> Iterator[Action]:
        after = self.bucket_scan.cursor(UPLOADS_PREFIX)
        page = _without_nul_keys(self.worker.storage.list(UPLOADS_PREFIX, after))
        diff = self.bucket_scan.compare(page, after, self.settling_time, MAX_MISSING_PER_PAGE)
        refs = {ref.key: ref for ref in page.objects}
        for key in diff.unprocessed:
            if not refs[key].is_folder:
                yield partial(self._process_missed, refs[key], remaining)
        for key in diff.missing:
            yield partial(self._confirm_missing, key, remaining)
        self._save_cursor(UPLOADS_PREFIX, after, page)

    def _compare_thumbnails(self) -> Iterator[Action]:
        after = self.bucket_scan.cursor(DERIVED_PREFIX)
        page = _without_nul_keys(self.worker.storage.list(DERIVED_PREFIX, after))
        file_ids = {ref.key: parse_thumbnail_key(ref.key) for ref in page.objects}
        thumbnails = {key: file_id for key, file_id in file_ids.items() if file_id is not None}
        for key in self.bucket_scan.orphaned_thumbnails(thumbnails):
            yield partial(self._delete_thumbnail, key)
        self._save_cursor(DERIVED_PREFIX, after, page)

    def _save_cursor(self, prefix: str, after: str, page: ObjectPage) -> None:
        end = page.objects[-1].key if page.has_more and page.objects else ""
        if end != after:
            self.bucket_scan.save_cursor(prefix, end)

    def _delete_thumbnail(self, key: str) -> SweepOutcome:
        self.worker.storage.delete(key)
        return SweepOutcome.ORPHANED_THUMBNAIL

    def _process_missed(self, ref: ObjectRef, remaining: Callable[[], timedelta]) -> SweepOutcome | None:
        if self.worker.process(ref, remaining()) is None:
            return None  # its event arrived meanwhile, or another sweep was faster
        log.warning("processed %s, whose event is missing", hide_name(ref.key))
        return SweepOutcome.MISSED_EVENT

    def _confirm_missing(self, key: str, remaining: Callable[[], timedelta]) -> SweepOutcome | None:
        if self.worker.storage.head(key) is not None:
            return None  # it was put after the listing
        log.error("the object %s is missing, although its file was not deleted", hide_name(key))
        self.bucket_scan.requeue_by_key(key)
        self.worker.process(ObjectRef(key), remaining())
        return SweepOutcome.OBJECT_MISSING


def _without_nul_keys(page: ObjectPage) -> ObjectPage:
    """Return the page without keys that PostgreSQL's text can't store: none of the service's own keys has a
    NUL."""
    objects = [ref for ref in page.objects if "\0" not in ref.key]
    if len(objects) < len(page.objects):
        log.warning("ignoring %d objects with a NUL in their keys", len(page.objects) - len(objects))
    return ObjectPage(objects, page.has_more)
