"""The download of one file."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from urllib3 import Retry
from urllib3.exceptions import HTTPError, MaxRetryError

from file_loader_client import checksum
from file_loader_client.connections import BLOCK_BYTES, S3_RETRIES, Connections
from file_loader_client.errors import UnreachableError, VerificationError
from file_loader_client.models import File
from file_loader_client.progress import Phase, ProgressCallback, ProgressMeter
from file_loader_client.s3 import response_error


def target_path(target: Path, file: File) -> Path:
    """Return the path to write to: the target, or in it the file's name without any directory."""
    if not target.is_dir():
        return target
    name = file.name.replace("\\", "/").rpartition("/")[2]
    return target / (file.id if name in {"", ".", ".."} else name)


def download_file(
    connections: Connections,
    file: File,
    find_url: Callable[[], str],
    target: Path,
    progress: ProgressCallback | None,
) -> None:
    """Download the file to the target. `find_url` returns a presigned URL, which may expire soon.

    Raises VerificationError if what came isn't the file, also when all of it was downloaded anew.
    """
    partial = target.with_name(f".{file.id}.part")
    attempts = 2 if partial.exists() else 1  # what is there may be of other bytes
    try:
        for _ in range(attempts):
            _fetch(connections, file, find_url, partial, progress)
            if _is_whole(partial, file):
                partial.replace(target)
                return
            partial.unlink()
    finally:
        if partial.exists() and partial.stat().st_size == 0:
            partial.unlink()
    raise VerificationError(f"what was downloaded isn't {file.name} ({file.id}): it has another checksum")


def _is_whole(path: Path, file: File) -> bool:
    has_size = file.size is None or path.stat().st_size == file.size
    return has_size and (file.checksum is None or checksum.matches(path, file.checksum))


def _fetch(
    connections: Connections,
    file: File,
    find_url: Callable[[], str],
    path: Path,
    progress: ProgressCallback | None,
) -> None:
    """Append to the path what is missing in it. A response that breaks off is continued."""
    retries: Retry = S3_RETRIES
    with path.open("ab") as output:
        meter = ProgressMeter(progress, Phase.DOWNLOAD, file.size or 0, output.tell())
        while output.tell() != file.size:
            first = output.tell()
            try:
                _append(connections, find_url(), output, meter)
            except HTTPError as error:
                retries = _wait_for_retry(S3_RETRIES if output.tell() > first else retries, error)
            else:
                return


def _append(connections: Connections, url: str, output: IO[bytes], meter: ProgressMeter) -> None:
    first = output.tell()
    headers = {"Range": f"bytes={first}-"} if first else {}
    response = connections.request("GET", url, headers=headers, retries=S3_RETRIES, stream=True)
    try:
        if response.status == 416:  # the rest of another file, which is shorter than this beginning
            return
        if response.status not in {200, 206}:
            raise response_error(response)
        if response.status == 200 and first:
            output.truncate(0)
            meter.add(-first)
        for block in response.stream(BLOCK_BYTES, decode_content=False):
            output.write(block)
            meter.add(len(block))
    finally:
        output.flush()
        response.close()


def _wait_for_retry(retries: Retry, error: HTTPError) -> Retry:
    """Wait before the next attempt, and return how many are left. Raises UnreachableError after the last one."""
    try:
        retries = retries.increment("GET", error=error)
    except MaxRetryError as last:
        raise UnreachableError(f"the download broke off: {last.reason}") from error
    retries.sleep()
    return retries
