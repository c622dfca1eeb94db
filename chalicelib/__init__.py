"""The service: its rules, its HTTP API, and its adapters."""

from chalicelib.optional_imports import import_without

# All that msgspec uses of it is in `typing` since Python 3.11. It imports `inspect`, too.
import_without("typing_extensions", "msgspec")
