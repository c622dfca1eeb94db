"""Keys that the settings hold."""

from collections.abc import Sequence

from chalicelib.core.accounts.signing_keys import Jwk


class PinnedKeys:
    """Implements `KeyFinder`, and never fetches any. The issuer's new keys have to be added by hand."""

    def __init__(self, keys: Sequence[Jwk]) -> None:
        self._keys = keys

    def find_keys(self, key_id: str) -> Sequence[Jwk]:
        return [key for key in self._keys if key["kid"] == key_id]
