"""Store an issuer's keys in the bucket, from where functions without a route to the internet read them."""

from msgspec import Struct

from chalicelib.core.accounts.signing_keys import SigningKeySource, format_stored_keys
from chalicelib.core.storage import Objects


class StoreSigningKeys(Struct, frozen=True):
    """Store the keys that the issuer has now."""

    object_key: str


def store_signing_keys(command: StoreSigningKeys, *, issuer: SigningKeySource, storage: Objects) -> int:
    """Return how many keys there are. One S3 request. What is stored stays if the issuer doesn't respond.

    Raises UnusableKeysError, and ServiceError: STORAGE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    fetched = issuer.fetch()
    storage.put(command.object_key, format_stored_keys(fetched), "application/json")
    return len(fetched.keys)
