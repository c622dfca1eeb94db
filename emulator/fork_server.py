"""Forks the processes in which MiniStack runs functions: `python -P fork_server.py SOCKET`.

It imports the working tree's app once. Its children share that memory, and are ready in milliseconds. It runs
nothing else and has one thread, so that forking is safe.

SOCKET is a descriptor of a connection to MiniStack (emulator/function_workers.py). It sends a message when the app
is imported, and exits without one if that fails, or has started threads: each worker is then a process of its own,
and its import raises the error again. Each message that it receives has a child's stdin, stdout and stderr, and a
socket on which the child sends its process id, and which is closed when the child has ended. It exits when
MiniStack has closed the connection and the last child has ended.

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
import sys
import threading

DESCRIPTORS = 4
MESSAGE = b"fork"


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
        """Return the message's descriptors in each child, and an empty list at the end."""
        signal.set_wakeup_fd(self._signals.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only a signal with a handler is written to the socket
        self._selector.register(self._signalled, selectors.EVENT_READ)
        self._selector.register(self._connection, selectors.EVENT_READ)
        while self._is_open or self._children:
            for key, _ in self._selector.select():
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
            os.close(self._children.pop(pid))

    def _receive(self) -> list[int]:
        """Fork if there is a message. Return its descriptors in the child."""
        message, descriptors, _, _ = socket.recv_fds(self._connection, len(MESSAGE), DESCRIPTORS)
        if not message:
            self._selector.unregister(self._connection)
            self._is_open = False
            return []
        pid = os.fork()
        if pid == 0:
            self._close()
            return descriptors
        *standard_streams, self._children[pid] = descriptors
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
    if not import_app(os.environ["WORKING_TREE"]):
        return
    gc.freeze()  # a collection in a child would copy all that it shares
    connection.send(MESSAGE)
    descriptors = Server(connection).serve()
    gc.enable()
    if descriptors:
        run_program(descriptors)


def import_app(tree: str) -> bool:
    """Import the app, let it build what its functions share, and return whether it can be forked."""
    sys.path.insert(0, tree)
    try:
        app = importlib.import_module("app")
        getattr(app, "warm_up_functions", lambda: None)()
    except BaseException:  # noqa: BLE001  # the import may raise anything
        return False
    return threading.active_count() == 1


def run_program(descriptors: list[int]) -> None:
    """Run a Python program with these as its standard streams. The first line of stdin says which, and where."""
    *standard_streams, own = descriptors
    for number, descriptor in enumerate(standard_streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    with socket.socket(fileno=own) as parent:
        parent.send(str(os.getpid()).encode())
    request = json.loads(sys.stdin.readline())
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["directory"])
    sys.argv = [request["program"]]
    runpy.run_path(request["program"], run_name="__main__")


if __name__ == "__main__":
    main()
