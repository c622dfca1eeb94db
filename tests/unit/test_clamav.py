"""ClamAV's client where clamd doesn't do what it should, and the verdicts of its responses."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, repeat
from threading import Event

import pytest

from chalicelib.adapters.clamav import MAX_RESPONSE, ClamavScanner, parse_response
from chalicelib.core.scanning.ports import ScannerUnavailableError
from chalicelib.core.scanning.verdicts import ScanResult, Verdict
from tests.clamd import Clamd, run_clamd


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with run_clamd() as server:
        yield server


@pytest.mark.parametrize(
    ("response", "result"),
    [
        ("stream: OK", ScanResult(Verdict.CLEAN)),
        ("stream: Win.Test.EICAR_HDB-1 FOUND", ScanResult(Verdict.INFECTED, "Win.Test.EICAR_HDB-1")),
        ("stream: stream: OK FOUND", ScanResult(Verdict.INFECTED, "stream: OK")),
        ("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", ScanResult(Verdict.UNSUPPORTED)),
        ("stream: Heuristics.Encrypted.Zip FOUND", ScanResult(Verdict.UNSUPPORTED)),
        ("stream: Heuristics.Phishing.Email FOUND", ScanResult(Verdict.INFECTED, "Heuristics.Phishing.Email")),
        ("stream: Can't allocate memory ERROR", ScanResult(Verdict.FAILED)),
        ("INSTREAM size limit exceeded. ERROR", ScanResult(Verdict.UNSUPPORTED)),
    ],
)
def test_a_response_about_the_content_is_a_verdict(response: str, result: ScanResult) -> None:
    assert parse_response(response) == result


@pytest.mark.parametrize(
    "response",
    [
        "",
        "OK",
        "stream: ",
        "stream: OK\n",
        "stream: NOT OK",
        "file: OK",
        "x stream: OK",
        "COMMAND READ TIMED OUT. ERROR",
        "UNKNOWN COMMAND",
        "Error: stream: OK",
    ],
)
def test_any_other_response_is_no_verdict(response: str) -> None:
    with pytest.raises(ScannerUnavailableError):
        parse_response(response)


@pytest.mark.parametrize("response", [b"", b"stream: OK", b"UNKNOWN COMMAND\0", b"x" * 2 * MAX_RESPONSE])
def test_a_connection_without_a_whole_response_is_no_verdict(clamd: Clamd, response: bytes) -> None:
    clamd.response = response
    for chunks in ([], [b"x" * 10_000_000]):
        with pytest.raises(ScannerUnavailableError):
            ClamavScanner(clamd.address).scan(chunks)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
    with pytest.raises(ScannerUnavailableError, match="can't be reached"):
        ClamavScanner((host, port)).scan([b"hello"])


def test_a_server_that_does_not_respond_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        for chunks in ([b"hello"], [bytes(50_000_000)]):  # the second one fills the buffers of the connection
            with pytest.raises(ScannerUnavailableError, match="too long"):
                ClamavScanner((host, port), seconds=0.1).scan(chunks)


def test_nothing_more_is_sent_after_an_early_response() -> None:
    assert scan_with_early_response(b"INSTREAM size limit exceeded. ERROR\0") == ScanResult(Verdict.UNSUPPORTED)


def test_a_response_before_all_bytes_are_sent_is_not_clean() -> None:
    with pytest.raises(ScannerUnavailableError, match="before it had all bytes"):
        scan_with_early_response(b"stream: OK\0")


def scan_with_early_response(response: bytes) -> ScanResult:
    """Return the result. The server neither reads on nor closes the connection, so that sending would wait
    forever."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        host, port = listener.getsockname()
        responded = Event()

        def chunks() -> Iterator[bytes]:
            yield b"x"
            responded.wait(5)
            yield from repeat(bytes(65536))

        scan = pool.submit(ClamavScanner((host, port), seconds=10).scan, chunks())
        connection, _ = listener.accept()
        with connection:
            connection.sendall(response)
            responded.set()
            return scan.result(5)


def test_reading_the_object_counts_as_time(clamd: Clamd) -> None:
    ticks = count()
    scanner = ClamavScanner(clamd.address, seconds=20, clock=lambda: float(next(ticks)))
    with pytest.raises(ScannerUnavailableError, match="too long"):
        scanner.scan(b"x" for _ in range(1000))
