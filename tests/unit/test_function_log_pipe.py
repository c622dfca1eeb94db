"""What functions log is printed line by line, also when MiniStack's process ends."""

import os
from pathlib import Path

from emulator.app_spec import AppSpec, Function
from emulator.function_log_pipe import FunctionLogPipe
from emulator.log_streams import LogPipe
from emulator.ministack import MiniStack


def test_lines_are_printed_with_their_functions_names(tmp_path: Path) -> None:
    ministack = MiniStack(tmp_path, 0)
    printed: list[str] = []
    reader = FunctionLogPipe(ministack.open_function_log(), printed.append)
    reader.follow(AppSpec("app", [Function("note", "note")]))
    [descriptor] = ministack._log_descriptors()
    writer = LogPipe(os.dup(descriptor))
    writer.write("app-dev-note", ['{"level": "INFO"}', "a print\twith a tab\r", " "])
    writer.write("app-dev-note", ["START RequestId: 1 Version: $LATEST"])
    writer.write("other-dev-note", ["…"])
    os.close(writer._descriptor)
    ministack.stop()
    reader.stop()
    assert printed == ['{"level": "INFO"}', "note: a print\twith a tab\r", "other-dev-note: …"]


def test_functions_go_on_when_nobody_reads() -> None:
    reader, descriptor = os.pipe()
    os.close(reader)
    LogPipe(descriptor).write("app-dev-note", ["a line"])
    os.close(descriptor)


def test_the_last_line_of_a_killed_ministack_is_printed_as_far_as_it_was_written(tmp_path: Path) -> None:
    ministack = MiniStack(tmp_path, 0)
    printed: list[str] = []
    reader = FunctionLogPipe(ministack.open_function_log(), printed.append)
    [descriptor] = ministack._log_descriptors()
    os.write(descriptor, "app-dev-note\tcut…".encode()[:-1])
    ministack.stop()
    reader.stop()
    assert printed == ["app-dev-note: cut\N{REPLACEMENT CHARACTER}"]
