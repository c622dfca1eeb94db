"""Runs the app of the current directory with the data of one directory, and says where it is served."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from emulator.chaos_protocol import Chaos
from emulator.data_directory import DataDirectory
from emulator.disk_space import check_space
from emulator.errors import EmulatorError
from emulator.external_servers import check_external_servers
from emulator.net import listen
from emulator.orphans import terminate_orphans
from emulator.processes import Pause
from emulator.supervisor import Output, Print, Supervisor


@dataclass(frozen=True)
class Options:
    """The command line's options."""

    port: int
    aws_port: int
    data_directory: Path
    fresh: bool
    postgres_templates: Path | None
    start_chaos: Callable[[Path, Print], Chaos]
    """Returns the fault injection for a data directory. Raises EmulatorError."""


def run(options: Options, pause: Pause, output: Output) -> None:
    """Run the app of the current directory until `pause` raises. Raises EmulatorError if it can't go on."""
    tree = Path.cwd()
    if not (tree / "app.py").is_file():
        raise EmulatorError("there is no app.py here; run this in the project's directory")
    started_at = time.monotonic()
    check_external_servers(os.environ)
    with ExitStack() as stack:
        data = stack.enter_context(DataDirectory(options.data_directory))
        listener = stack.enter_context(listen(options.port, "--port"))
        # MiniStack first: its functions still use PostgreSQL while its queues are drained.
        terminate_orphans(data.path, ["ministack", "postgres"])
        if options.fresh:
            data.clear()
        check_space(data.path, output.print_line)
        chaos = options.start_chaos(data.path, output.print_line)
        supervisor = Supervisor(tree, listener, chaos, pause, output)
        stack.callback(supervisor.stop)
        supervisor.start(data.path, options.aws_port, options.postgres_templates)
        output.print_line(f"ready {supervisor.url}")
        upload = f"echo hello | curl -F 'file=@-;filename=hello.txt' {supervisor.url}/api/upload/"
        output.print_line(f"  try it: {upload}")
        output.print_line(f"  in a browser: {supervisor.url}/ (its API: {supervisor.url}/api/docs)")
        output.print_line(f"  S3 is at {supervisor.aws_url}, the data is in {data.path}")
        output.print_line(f"  started in {time.monotonic() - started_at:.1f} s; press Ctrl-C to stop")
        supervisor.watch()
