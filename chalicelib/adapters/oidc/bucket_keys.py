"""The issuer's keys as the scheduled function has stored them in the bucket."""

from chalicelib.core.accounts.signing_keys import (
    MAX_KEY_SET_BYTES,
    SigningKeys,
    UnusableKeysError,
    parse_stored_keys,
)
from chalicelib.core.errors import ServiceError
from chalicelib.core.storage import Objects


class BucketKeys:
    """Implements `chalicelib.core.accounts.signing_keys.SigningKeySource` with one S3 request."""

    def __init__(self, storage: Objects, object_key: str) -> None:
        self._storage, self._object_key = storage, object_key

    def fetch(self) -> SigningKeys:
        try:
            stored = self._storage.read(self._object_key, 0, MAX_KEY_SET_BYTES + 1)
        except ServiceError as error:  # there is no object yet, or S3 doesn't respond
            raise UnusableKeysError(
                f"{self._object_key} can't be read from the bucket ({error.kind.code})"
            ) from None
        return parse_stored_keys(stored.data)
