"""Compression of responses, as on API Gateway."""

import gzip
import json
from pathlib import Path

import pytest

from emulator.compression import MINIMUM_BYTES, compress

CONFIG = Path(__file__).parents[2] / ".chalice" / "config.json"


def test_the_smallest_compressed_response_is_that_of_api_gateway() -> None:
    assert json.loads(CONFIG.read_text())["minimum_compression_size"] == MINIMUM_BYTES


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.5", "br,gzip ; q=1"])
def test_response_is_compressed_for_a_client_that_accepts_it(accepted: str) -> None:
    body = b"a" * MINIMUM_BYTES
    compressed = compress(body, accepted)
    assert compressed is not None
    assert len(compressed) < len(body)
    assert gzip.decompress(compressed) == body


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip;q=0.00", "notgzip"])
def test_response_is_left_alone_for_others(accepted: str) -> None:
    assert compress(b"a" * MINIMUM_BYTES, accepted) is None


def test_small_response_is_left_alone() -> None:
    assert compress(b"a" * (MINIMUM_BYTES - 1), "gzip") is None
