"""Letting one processor describe a file, within bounds."""

import logging
from importlib import import_module
from types import ModuleType
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError, ServiceError
from chalicelib.core.processing.processor_result import Described, storable
from chalicelib.core.streams.bounded_reader import BoundedReader

log = logging.getLogger(__name__)

SECONDS = 40
"""For which one processor may go on: a third of what the function has."""

MAX_REASON = 200
"""Characters of what a library says."""

READ_WHOLE = 16 * 1024 * 1024
"""Bytes of a file that any processor may read whole. Of a larger one, LIMIT bytes of its module."""


def run(module: str, source: BinaryIO, size: int, function: str = "describe") -> Described:
    """Call a function of the processor, given by its module's full name; return what it tells.

    What it raises means that the file is not what it begins like, unless the storage was at fault.
    """
    processor = import_module(module)
    limit = max(processor.LIMIT, size if size <= READ_WHOLE else 0)
    bounded = BoundedReader(source, size, limit=limit, seconds=SECONDS)
    try:
        described: Described = getattr(processor, function)(bounded, size)
    except Exception as fault:
        raise _blamed(fault, bounded, processor) from fault
    if bounded.fault is not None:
        raise _blamed(bounded.fault, bounded, processor)
    return Described(storable(described.facts), described.thumbnail)


def _blamed(fault: Exception, bounded: BoundedReader, processor: ModuleType) -> Exception:
    """Return the exception to raise: the storage's, the processor's own, or bad content."""
    if isinstance(bounded.fault or fault, MemoryError):
        return BadContentError(RESOURCE_LIMIT_EXCEEDED)
    if bounded.fault is not None:
        return bounded.fault
    if isinstance(fault, ServiceError):
        return fault
    # Hostile bytes make libraries raise whatever they stumble over.
    log.warning("%s can't read a file", processor.__name__, exc_info=fault)
    return BadContentError(processor.UNREADABLE, reason=str(fault)[:MAX_REASON] or type(fault).__name__)
