"""Functions that are called once, whatever the number of threads."""

from collections.abc import Callable
from functools import cache
from threading import RLock
from typing import Generic, TypeVar

T = TypeVar("T")


class CachedFunction(Generic[T]):
    """A function that is called once for each set of arguments, until `clear`, by one thread at a time.

    `functools.cache` alone lets each thread of a first burst build a client of its own. The lock is the function's
    own, so threads wait only for what they need, and it is reentrant for functions that call each other.
    """

    def __init__(self, build: Callable[..., T]) -> None:
        self._lock = RLock()
        self._build = cache(build)

    def __call__(self, *args: object) -> T:
        with self._lock:
            return self._build(*args)

    def clear(self) -> None:
        """Forget the results."""
        self._build.cache_clear()

    @property
    def size(self) -> int:
        """How many results are kept."""
        return self._build.cache_info().currsize
