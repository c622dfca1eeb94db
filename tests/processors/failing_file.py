"""A file that can only be read at its beginning, because the storage fails."""

import io

from chalicelib.core.errors import STORAGE_UNAVAILABLE, ServiceError


class FailingFile(io.BytesIO):
    """Raises ServiceError(STORAGE_UNAVAILABLE) for every read that doesn't begin at offset 0."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise ServiceError(STORAGE_UNAVAILABLE)
        return super().read(size)
