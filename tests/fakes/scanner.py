"""`Scanner` in memory."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.core.scanning.ports import ScannerUnavailableError
from chalicelib.core.scanning.verdicts import ScanResult, Verdict

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner finds. In two parts, so that none finds it in this file.
https://www.eicar.org/download-anti-malware-testfile/"""

NAME = "Eicar-Test-Signature"

SIZE_LIMIT = 20 * 1024 * 1024
"""More bytes aren't scanned."""


@dataclass
class FakeScanner:
    """`Scanner` in memory."""

    down: bool = False
    fails: bool = False
    scans: int = 0

    def scan(self, chunks: Iterable[bytes]) -> ScanResult:
        self.scans += 1
        if self.down:
            raise ScannerUnavailableError("the scanner is down")
        content = b""
        for chunk in chunks:
            content += chunk
            if len(content) > SIZE_LIMIT:
                return ScanResult(Verdict.UNSUPPORTED)
        if self.fails:
            return ScanResult(Verdict.FAILED)
        return ScanResult(Verdict.INFECTED, NAME) if EICAR in content else ScanResult(Verdict.CLEAN)
