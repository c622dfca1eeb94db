"""Imports of libraries without what they use only if it is there.

Each millisecond of an import is one of every cold start.
"""

import sys
from importlib import import_module
from threading import active_count


def import_without(optional: str, library: str) -> None:
    """Import a library as if `optional`, another module, were missing.

    Threads would miss it, too: where there are several, the library is imported as usual, as it is where
    `optional` is there already.
    """
    if optional in sys.modules or active_count() > 1:
        return
    sys.modules[optional] = None  # type: ignore[assignment]  # https://docs.python.org/3/reference/import.html#the-module-cache
    try:
        import_module(library)
    finally:
        del sys.modules[optional]
