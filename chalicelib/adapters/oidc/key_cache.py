"""The issuer's keys, kept in the process.

PyJWT's PyJWKClient isn't used: while the issuer is down, its cache expires and each unknown `kid` makes a request;
it reads responses of any size; and all threads wait while one of them fetches.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import timedelta
from threading import Lock, Thread

from chalicelib.core.accounts.signing_keys import Jwk, SigningKeys, SigningKeySource, UnusableKeysError
from chalicelib.core.errors import ISSUER_UNAVAILABLE, ServiceError

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=5)
"""The age at which keys are fetched again: so long a key that the issuer has withdrawn is still accepted here."""

MIN_INTERVAL = timedelta(seconds=30)
"""Between two fetches, also if the first one fails: tokens with invented ids of keys must not cause more."""

MAX_AGE = timedelta(days=1)
"""How long keys are used while no newer ones can be fetched."""

TIMEOUT = timedelta(seconds=3)
"""Of a fetch as a whole, however the bytes come."""


class KeyCache:
    """Implements `KeyFinder` for all threads of the process, with one fetch at a time."""

    def __init__(
        self,
        source: SigningKeySource,
        *,
        timeout: timedelta = TIMEOUT,
        now: Callable[[], float] = time.time,  # not monotonic: a Lambda container is frozen in between
    ) -> None:
        self._source, self._timeout, self._now = source, timeout.total_seconds(), now
        self._lock = Lock()
        self._keys: SigningKeys | None = None
        self._attempted_at = self._fetched_at = float("-inf")

    def find_keys(self, key_id: str) -> Sequence[Jwk]:
        keys = self._usable()
        if keys is None or not keys.with_id(key_id):
            self._refresh(wait=True)
        elif self._now() - self._fetched_at > LIFETIME.total_seconds():
            self._refresh(wait=False)  # the others go on with the keys that there are
        keys = self._usable()
        if keys is None:
            raise ServiceError(ISSUER_UNAVAILABLE)
        return keys.with_id(key_id)

    def _usable(self) -> SigningKeys | None:
        keys = self._keys
        return keys if keys and self._now() - keys.fetched_at.timestamp() <= MAX_AGE.total_seconds() else None

    def _refresh(self, *, wait: bool) -> None:
        """Fetch the keys, unless that was tried a moment ago. Without `wait`, return if another thread does."""
        if not self._lock.acquire(blocking=wait):
            return
        try:
            if self._now() - self._attempted_at >= MIN_INTERVAL.total_seconds():
                self._attempted_at = self._now()
                self._keys = self._fetch()
                self._fetched_at = self._now()
        except UnusableKeysError as error:
            log.warning("the issuer's keys could not be fetched: %s", error)
        finally:
            self._lock.release()

    def _fetch(self) -> SigningKeys:
        """Return the source's keys, or raise UnusableKeysError after the timeout.

        A socket's timeout is for each of its calls: a server that sends a byte every second would never exceed it,
        nor does a slow lookup of its name.
        """
        future: Future[SigningKeys] = Future()
        Thread(target=_run, args=(future, self._source), daemon=True, name="fetch-signing-keys").start()
        try:
            return future.result(self._timeout)
        except TimeoutError:
            raise UnusableKeysError(f"nothing came within {self._timeout:g} s") from None


def _run(future: "Future[SigningKeys]", source: SigningKeySource) -> None:
    try:
        future.set_result(source.fetch())
    except BaseException as error:  # noqa: BLE001  # whatever it is, the waiting thread raises it
        future.set_exception(error)
