"""A processor that records which modules the real one imports in its child."""

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.registry import PROCESSORS, module_of

UNREADABLE = UNREADABLE_CONTENT
LIMIT = 64 * 1024 * 1024


def _processor(media_type: str) -> ModuleType:
    name = next(name for name, spec in PROCESSORS.items() if media_type.startswith(spec.types))
    return import_module(module_of(name))


def preload(media_type: str) -> None:
    processor = _processor(media_type)
    if hasattr(processor, "preload"):
        processor.preload(media_type)


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    before = set(sys.modules)
    _processor(media_type).describe(source, size, media_type)
    imported: Sequence[str] = sorted(set(sys.modules) - before)
    return ProcessorResult({"imported": imported})
