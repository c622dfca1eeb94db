"""Waits for the end of its parent, then ends the parent's servers: `python -m emulator.orphan_guard PARENT`.

The parent writes a line of JSON to stdin for each server (`RunningServer`) and each directory (a string), and the
line `end` when it ends. If it is killed, that is the end of stdin, or this process has another parent: a process
that the parent has forked may hold stdin open.

After a kill, requests and functions that have begun get a moment to complete. A file whose function is ended would
wait for the end of its lease, a minute.

The modules that end servers are imported only then: until then, this process takes 5 MiB.
"""

import os
import signal
import sys
import time
from select import select

END = "end\n"
"""The line that the parent writes when it ends without being killed."""
CHECK_SECONDS = 0.5
CHUNK_BYTES = 65_536
GRACE_SECONDS = 1.0


def main() -> None:
    """Run until the parent and its servers have ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a signal to the whole process group may reach the parent, too
    received = _read_until_end_of(int(sys.argv[1])).decode()
    if not received.endswith(END):
        time.sleep(GRACE_SECONDS)
    _end(received)


def _end(received: str) -> None:
    """End the servers, then delete the directories."""
    import json
    import shutil

    from emulator.termination import RunningServer

    directories = []
    for line in received.removesuffix(END).splitlines():
        if line.startswith('"'):
            directories.append(json.loads(line))
        else:
            RunningServer.from_json(line).terminate()
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


def _read_until_end_of(parent: int) -> bytes:
    """Return all that the parent has written to stdin, once it has ended."""
    received = b""
    while os.getppid() == parent and not received.endswith(END.encode()):
        if select([sys.stdin], [], [], CHECK_SECONDS)[0]:
            chunk = os.read(sys.stdin.fileno(), CHUNK_BYTES)
            if not chunk:
                break
            received += chunk
    while select([sys.stdin], [], [], 0)[0] and (chunk := os.read(sys.stdin.fileno(), CHUNK_BYTES)):
        received += chunk
    return received


if __name__ == "__main__":
    main()
