"""Run one processor with limits on time and reading."""

import logging
from importlib import import_module
from traceback import extract_tb
from types import ModuleType
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError, ServiceError
from chalicelib.core.processing.processor_result import ProcessorResult, to_jsonb_safe
from chalicelib.core.processing.result_size import trim_facts
from chalicelib.core.streams.bounded_reader import BoundedReader

log = logging.getLogger(__name__)

SECONDS = 40
"""Time limit of one processor: a third of the function's timeout."""

MAX_REASON = 200
"""Characters of a library's error message that are kept."""

MAX_READ_WHOLE = 16 * 1024 * 1024
"""Bytes of a file that any processor may read whole. Of a larger one it may read its module's LIMIT."""


def run(
    module_name: str, source: BinaryIO, size: int, media_type: str, function: str = "describe"
) -> ProcessorResult:
    """Call a function of the processor, given by its module's full name, and return its result.

    Any exception of the processor means that the file isn't what it begins like, unless the storage failed.
    """
    processor = import_module(module_name)
    limit = max(processor.LIMIT, size if size <= MAX_READ_WHOLE else 0)
    bounded = BoundedReader(source, size, limit=limit, seconds=SECONDS)
    try:
        result: ProcessorResult = getattr(processor, function)(bounded, size, media_type)
    except Exception as error:
        raise _classify(error, bounded, processor) from error
    if bounded.source_error is not None:
        raise _classify(bounded.source_error, bounded, processor)
    return ProcessorResult(trim_facts(to_jsonb_safe(result.facts)), result.thumbnail)


def _classify(error: Exception, bounded: BoundedReader, processor: ModuleType) -> Exception:
    """Return the exception to raise: the storage's, the processor's own, or BadContentError."""
    if isinstance(bounded.source_error or error, MemoryError):
        return BadContentError(RESOURCE_LIMIT_EXCEEDED)
    if bounded.source_error is not None:
        return bounded.source_error
    if isinstance(error, ServiceError):
        return error
    # Hostile bytes make libraries raise any exception.
    place = extract_tb(error.__traceback__)[-1]
    log.warning(  # without its message, which may quote the file
        "%s can't read a file: %s in %s:%s", processor.__name__, type(error).__name__, place.filename, place.lineno
    )
    return BadContentError(processor.UNREADABLE, reason=str(error)[:MAX_REASON] or type(error).__name__)
