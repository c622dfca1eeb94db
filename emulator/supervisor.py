"""The order in which everything is started, watched and stopped."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chaos.session import Calm, Chaos
from chaos.spec import Spec
from emulator.app_spec import Description
from emulator.data_directory import DataDirectory
from emulator.errors import EmulatorError
from emulator.function_logs import FunctionLogs
from emulator.http_server_process import RoutesProcess
from emulator.ministack import MiniStack, is_ministack, with_credentials
from emulator.net import answers, listen
from emulator.postgres import EmbeddedPostgres
from emulator.processes import POLL_SECONDS, Child, Pause, end_left_over
from emulator.provisioner import Aws
from emulator.source_watcher import Sources, read_sources

TICK_SECONDS = 0.2
MIGRATION = "migrate"
"""The function that is called at every start, before a request is answered."""


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    port: int
    aws_port: int
    data_directory: Path
    fresh: bool
    chaos: Spec | None


class Part(Protocol):
    """A server that the emulator brings along."""

    child: Child

    def start(self) -> None: ...
    def wait_until_ready(self, pause: Pause) -> None: ...
    def stop(self) -> None: ...


Say = Callable[[str], None]
"""Prints a line."""


def run(options: Options, pause: Pause, say: Say) -> None:
    """Run the app of the current directory until `pause` raises. Raises EmulatorError if it can't go on."""
    tree = Path.cwd()
    if not (tree / "app.py").is_file():
        raise EmulatorError("there is no app.py here; run this in the project's directory")
    began = time.monotonic()
    with ExitStack() as stack:
        data = stack.enter_context(DataDirectory(options.data_directory))
        listener = stack.enter_context(listen(options.port, "--port"))
        end_left_over(data.path, ["ministack", "postgres"])  # whose queue is worked off with the other
        if options.fresh:
            data.empty()
        chaos = Chaos(options.chaos, os.environ, data.path, say) if options.chaos else Calm()
        emulation = Emulation(tree, listener, chaos, pause, say)
        stack.callback(emulation.stop)
        emulation.start(data.path, options.aws_port)
        say(f"ready {emulation.url}")
        say(f"  try it: echo hello | curl -F 'file=@-;filename=hello.txt' {emulation.url}/api/upload/")
        say(f"  S3 is at {emulation.aws_url}, the data are in {data.path}")
        say(f"  started in {time.monotonic() - began:.1f} s; Ctrl-C stops it")
        emulation.watch()


class Emulation:
    """All that runs for one working tree."""

    def __init__(self, tree: Path, listener: socket, chaos: Calm, pause: Pause, say: Say) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.aws_url = ""
        self._tree = tree
        self._listener = listener
        self._pause = pause
        self._say = say
        self._chaos = chaos
        self._function_logs = FunctionLogs(say)
        self._stops = ExitStack()
        self._parts: list[Part] = []
        self._postgres: EmbeddedPostgres | None = None
        self._ministack: MiniStack | None = None
        self._aws: Aws | None = None
        self._routes: RoutesProcess | None = None
        self._sources: Sources = {}

    def start(self, directory: Path, aws_port: int) -> None:
        """Start every part, wire the app, migrate, and let the routes be served."""
        self._environment = {**os.environ, "PUBLIC_URL": self.url}
        self._prepare_postgres(directory)
        self._prepare_aws(directory, aws_port)
        for part in reversed(self._parts):  # MiniStack first: PostgreSQL's first start takes long to begin
            part.start()
        self._stops.callback(self._function_logs.stop)
        self._stops.callback(self._chaos.stop)  # after the routes, which may still make events
        self._sources = read_sources(self._tree)
        self._routes = RoutesProcess(self._listener, self._tree, self._environment)
        self._stops.callback(self._stop_routes)
        for part in self._parts:
            part.wait_until_ready(self._pause)
        self._description = self._routes.describe(self._pause)
        self._prepare_functions()
        self._routes.serve()
        while not answers(self.url, "/"):
            self._check()
            self._pause(POLL_SECONDS)

    def watch(self) -> None:
        """Bring every saved change into what runs, until a part ends that no fault was meant for."""
        self._chaos.begin(self._ministack, self._postgres)
        while True:
            self._pause(TICK_SECONDS)
            self._check()
            self._chaos.tick(self._pause)
            if read_sources(self._tree) != self._sources:
                self._reload()

    def stop(self) -> None:
        """Stop what was started: the routes first, PostgreSQL last."""
        self._stops.close()

    def _prepare_postgres(self, directory: Path) -> None:
        if not self._environment.get("DATABASE_URL"):
            self._postgres = EmbeddedPostgres(directory)
            self._add(self._postgres)
            self._environment["DATABASE_URL"] = self._postgres.url

    def _prepare_aws(self, directory: Path, port: int) -> None:
        given = self._environment.get("AWS_ENDPOINT_URL")
        if not given:
            self._ministack = self._chaos.ministack(directory, port)
            self._add(self._ministack)
            self._environment = {**with_credentials(self._environment), "AWS_ENDPOINT_URL": self._ministack.url}
        self.aws_url = self._environment["AWS_ENDPOINT_URL"]
        if not given or is_ministack(given):
            self._aws = Aws(self.aws_url, self._environment, relayed=self._chaos.relays)
        else:
            self._chaos.check_unwired(given)
            self._say(f"  {given} is no MiniStack: its functions and schedules are left to `chalice deploy`")

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        self._stops.callback(part.stop)

    def _prepare_functions(self) -> None:
        if self._aws is None:
            return
        self._wire(self._aws, self._description)
        for function in self._description.functions:
            if function.name == MIGRATION:
                with ThreadPoolExecutor() as pool:
                    migration = pool.submit(self._aws.invoke, self._description, function)
                    while not migration.done():
                        self._check()
                        self._pause(POLL_SECONDS)
                    migration.result()

    def _wire(self, aws: Aws, description: Description) -> None:
        names = ("DATABASE_URL", "AWS_ENDPOINT_URL", "PUBLIC_URL")
        try:
            aws.wire(description, self._tree, {name: self._environment[name] for name in names})
            self._function_logs.follow(aws.logs(), description)
            self._chaos.relay(aws, description)
        except (BotoCoreError, ClientError) as fault:
            raise EmulatorError(f"the app can't be wired at {self.aws_url}: {fault}") from fault

    def _reload(self) -> None:
        self._sources = read_sources(self._tree)
        successor = RoutesProcess(self._listener, self._tree, self._environment)
        try:
            description = successor.describe(self._pause)
            if self._aws is not None:
                self._wire(self._aws, description)
        except EmulatorError as fault:
            successor.stop()
            self._say(f"not reloaded, what was saved before goes on: {fault}")
            return
        except BaseException:
            successor.stop()
            raise
        successor.serve()
        self._stop_routes()
        self._routes = successor
        self._description = description
        self._say("reloaded")

    def _stop_routes(self) -> None:
        if self._routes is not None:
            self._routes.stop()

    def _check(self) -> None:
        for part in self._parts:
            part.child.check()
        if self._routes is not None:
            self._routes.check()
        self._chaos.check()
