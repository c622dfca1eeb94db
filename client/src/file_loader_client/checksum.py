"""Checksums of files."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import anycrc

from file_loader_client.models import Checksum

CRC64NVME = "crc64nvme"
SHA256 = "sha256"

BLOCK_BYTES = 1024 * 1024

_crc64nvme = anycrc.Model("CRC64-NVME")


def crc64nvme(blocks: Iterator[bytes]) -> Checksum:
    """Return the CRC64NVME of the bytes, which S3 can compute of all parts together."""
    value = 0
    for block in blocks:
        value = _crc64nvme.calc(block, value)
    return Checksum(CRC64NVME, f"{value:016x}")


def sha256(blocks: Iterator[bytes]) -> Checksum:
    """Return the SHA-256 of the bytes."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return Checksum(SHA256, digest.hexdigest())


ALGORITHMS: dict[str, Callable[[Iterator[bytes]], Checksum]] = {CRC64NVME: crc64nvme, SHA256: sha256}


def matches(path: Path, checksum: Checksum) -> bool:
    """Return whether a file has this checksum. One of an unknown algorithm matches."""
    if checksum.algorithm not in ALGORITHMS:
        return True
    with path.open("rb") as file:
        return ALGORITHMS[checksum.algorithm](_blocks(file)) == checksum


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block
