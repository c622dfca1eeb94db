"""The conformance suite of `Scanner`: the fake, and ClamAV's client with a server that speaks clamd's protocol.

With CLAMD=HOST:PORT in the environment also with a real clamd, whose StreamMaxLength must be 20M.
"""

import os
from collections.abc import Iterator

import pytest

from chalicelib.adapters.clamav import ClamavScanner
from chalicelib.core.errors import ObjectChangedError
from chalicelib.core.scanning.ports import Scanner
from chalicelib.core.scanning.verdicts import ScanResult, Verdict
from tests.clamd import run_clamd
from tests.fakes.scanner import EICAR, SIZE_LIMIT, FakeScanner

REAL_CLAMD = os.environ.get("CLAMD", "")


@pytest.fixture(params=["fake", "clamd", *(["real clamd"] if REAL_CLAMD else [])])
def scanner(request: pytest.FixtureRequest) -> Iterator[Scanner]:
    if request.param == "fake":
        yield FakeScanner()
    elif request.param == "clamd":
        with run_clamd() as clamd:
            yield ClamavScanner(clamd.address)
    else:
        host, _, port = REAL_CLAMD.rpartition(":")
        yield ClamavScanner((host, int(port)))


def test_content_without_a_threat_is_clean(scanner: Scanner) -> None:
    for chunks in ([], [b"hello"], [b"a" * 100_000, b"b"]):
        assert scanner.scan(chunks) == ScanResult(Verdict.CLEAN)


def test_a_threat_is_found_and_named(scanner: Scanner) -> None:
    for chunks in ([EICAR], [EICAR[:30], EICAR[30:]]):
        result = scanner.scan(chunks)
        assert result.verdict is Verdict.INFECTED
        assert "eicar" in str(result.threat).lower()


def test_content_up_to_the_limit_is_scanned(scanner: Scanner) -> None:
    chunks = [b"x" * (SIZE_LIMIT - 1000), b"x" * 1000]
    assert scanner.scan(chunks) == ScanResult(Verdict.CLEAN)


def test_content_above_the_limit_is_unsupported_and_not_read_to_its_end(scanner: Scanner) -> None:
    read = 0

    def chunks() -> Iterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield bytes(8 * 1024 * 1024)

    assert scanner.scan(chunks()) == ScanResult(Verdict.UNSUPPORTED)
    assert read < 10


def test_what_reading_raises_is_raised(scanner: Scanner) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"hello"
        raise ObjectChangedError

    with pytest.raises(ObjectChangedError):
        scanner.scan(chunks())
    assert scanner.scan([b"hello"]) == ScanResult(Verdict.CLEAN)
