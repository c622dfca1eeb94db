"""`SearchBacklog` in memory."""

from collections.abc import Sequence

from chalicelib.core.files.model import File


class FakeSearchBacklog:
    """`SearchBacklog` in memory, where files are found without anything stored."""

    def next_batch(self, limit: int) -> Sequence[File]:
        del limit
        return []

    def store(self, batch: Sequence[File]) -> None:
        """Do nothing."""
