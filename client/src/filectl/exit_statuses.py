"""The exit statuses of `filectl`, from which the help and the reference page are made."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """How a command ended. If several files ended differently, the highest one is returned."""

    OK = 0
    FILE_FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    SERVICE_FAILED = 4
    FAULT = 70
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141
    TERMINATED = 143


MEANINGS = {
    ExitStatus.OK: "everything was done",
    ExitStatus.FILE_FAILED: "a file isn't stored, saved or processed; its status or a message says why",
    ExitStatus.USAGE: "wrong options, arguments or configuration; nothing was done",
    ExitStatus.NOT_FOUND: "the service has no such file or token",
    ExitStatus.SERVICE_FAILED: "the service or S3 can't be reached, has failed, or refuses the token or more",
    ExitStatus.FAULT: "a fault in filectl itself: please report it",
    ExitStatus.INTERRUPTED: "ended by Ctrl-C; the same upload command continues",
    ExitStatus.OUTPUT_CLOSED: "the reader of the output has closed it, as head does",
    ExitStatus.TERMINATED: "ended by SIGTERM; likewise",
}
