"""Forks the processes in which MiniStack runs functions: `python -P fork_server.py SOCKET`.

It imports the working tree's app once. Its children share that memory, and are ready in milliseconds. It runs
nothing else and has one thread, so that forking is safe.

SOCKET is a descriptor of a connection to MiniStack (emulator/function_workers.py). It sends a message when the app
is imported, and exits without one if that fails, or leaves what can't be shared: threads, or open descriptors,
such as a connection to a database. Each worker is then a process of its own, whose import raises the error again.

Each message that it receives has a child's stdin, stdout and stderr, and a socket. On that it sends the child's
process id, and ENDED when the child has ended, before it closes it. It exits when MiniStack has closed the
connection and the last child has ended.

Only the standard library is imported: the functions may be another project's.
"""

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
from contextlib import redirect_stdout, suppress
from pathlib import Path

DESCRIPTORS = 4
MESSAGE = b"fork"
ENDED = b"."
PID = struct.Struct("!i")
NICENESS = 5
"""How much functions yield to the routes, which have processors of their own on AWS: nice(2)."""
LAST_SECONDS = 60.0
"""How long children may run once MiniStack has ended: as long as the functions' timeout (emulator/functions.py),
which MiniStack enforced."""


class Server:
    """Forks at each message of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_open = True
        self._children: dict[int, int] = {}
        """The descriptors of running children's sockets, by process id."""
        self._signalled, self._signals = socket.socketpair()
        for each in (self._signalled, self._signals):
            each.setblocking(False)
        self._selector = selectors.DefaultSelector()

    def serve(self) -> list[int]:
        """Return the message's standard streams in each child, and an empty list at the end."""
        signal.set_wakeup_fd(self._signals.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only a signal with a handler is written to the socket
        self._selector.register(self._signalled, selectors.EVENT_READ)
        self._selector.register(self._connection, selectors.EVENT_READ)
        while self._is_open or self._children:
            events = self._selector.select(None if self._is_open else LAST_SECONDS)
            if not events:
                for pid in self._children:
                    os.kill(pid, signal.SIGKILL)
            for key, _ in events:
                if key.fileobj is self._signalled:
                    self._reap()
                elif descriptors := self._receive():
                    return descriptors
        return []

    def _reap(self) -> None:
        """Close the sockets of the children that have ended."""
        self._signalled.recv(4096)
        while self._children:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            # The app's import may have started other processes.
            if (descriptor := self._children.pop(pid, None)) is not None:
                with suppress(OSError):  # MiniStack has ended
                    os.write(descriptor, ENDED)
                os.close(descriptor)

    def _receive(self) -> list[int]:
        """Fork if there is a message. Return its standard streams in the child."""
        message, descriptors, _, _ = socket.recv_fds(self._connection, len(MESSAGE), DESCRIPTORS)
        if not message:
            self._selector.unregister(self._connection)
            self._is_open = False
            return []
        *standard_streams, own = descriptors
        pid = os.fork()
        if pid == 0:
            self._close()
            os.close(own)
            return standard_streams
        self._children[pid] = own
        with suppress(OSError):  # MiniStack has ended
            os.write(own, PID.pack(pid))
        for descriptor in standard_streams:
            os.close(descriptor)
        return []

    def _close(self) -> None:
        """Undo in a child what belongs to its parent."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in self._children.values():
            os.close(descriptor)
        self._selector.close()
        for each in (self._connection, self._signalled, self._signals):
            each.close()


def main() -> None:
    """Serve until the connection is closed, and in each child run its program."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()
    os.nice(NICENESS)
    if not import_app(os.environ["WORKING_TREE"]):
        return
    gc.freeze()  # a collection in a child would copy all that it shares
    with suppress(OSError):  # the app has changed in the meantime
        connection.send(MESSAGE)
    standard_streams = Server(connection).serve()
    gc.enable()
    if standard_streams:
        run_program(standard_streams)


def import_app(tree: str) -> bool:
    """Import the app, let it build what its functions share, and return whether it can be forked."""
    sys.path.insert(0, tree)
    before = open_descriptors()
    try:
        with redirect_stdout(sys.stderr):  # as MiniStack does: what is printed must not come out of each child
            app = importlib.import_module("app")
            getattr(app, "warm_up_functions", lambda: None)()
            sys.stderr.flush()
    except BaseException:  # noqa: BLE001  # the import may raise anything
        return False
    return count_threads() == 1 and open_descriptors() <= before


def open_descriptors() -> set[str]:
    """Return the descriptors that are open in this process."""
    return {path.name for path in list(Path("/dev/fd").iterdir()) if path.exists()}


def count_threads() -> int:
    """Return how many threads this process has: on Linux those that are not Python's, too."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.exists() else threading.active_count()


def run_program(standard_streams: list[int]) -> None:
    """Run a Python program with these streams. The first line of stdin says which, and where."""
    for number, descriptor in enumerate(standard_streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    request = json.loads(sys.stdin.readline())
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["directory"])
    sys.argv = [request["program"]]
    runpy.run_path(request["program"], run_name="__main__")


if __name__ == "__main__":
    main()
