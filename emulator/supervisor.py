"""Starts, watches and stops the app and the services that it needs, in order."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Protocol

from emulator.app_spec import AppSpec
from emulator.chaos_protocol import Chaos
from emulator.errors import EmulatorError
from emulator.function_log_pipe import FunctionLogPipe
from emulator.http_server_process import HttpServerProcess
from emulator.ministack import MiniStack, is_ministack
from emulator.net import http_status
from emulator.postgres import EmbeddedPostgres
from emulator.postgres_recovery import PostgresRecovery
from emulator.postgres_wal import reserve_segments
from emulator.processes import Pause, ServerProcess
from emulator.provisioner_process import ProvisionerProcess
from emulator.signing_secret import load_secret
from emulator.source_watcher import SourceStates, scan_sources
from emulator.termination import POLL_SECONDS

TICK_SECONDS = 0.2
MIGRATION_FUNCTION = "migrate"
"""The function that is invoked at every start, before the routes are served."""

FUNCTION_VARIABLES = ("AUTH", "DATABASE_URL", "MIGRATION_DATABASE_URL", "AWS_ENDPOINT_URL", "PUBLIC_URL")
"""What the functions are configured with. An app may have no use for some of them."""

Print = Callable[[str], None]
"""Prints a line."""


@dataclass(frozen=True)
class Output:
    """Where lines are printed."""

    print_line: Print
    """Prints the emulator's own lines."""
    print_log: Print
    """Prints the app's log lines."""
    formats_log: bool
    """Whether `print_log` changes lines. Otherwise the HTTP server may write them to stderr itself."""


class FunctionLogs(Protocol):
    """Prints what the functions log."""

    def follow(self, app_spec: AppSpec) -> None: ...
    def stop(self) -> None: ...


class Service(Protocol):
    """A server that the emulator starts."""

    process: ServerProcess

    def start(self) -> None: ...
    def wait_until_ready(self, pause: Pause) -> None: ...
    def stop(self) -> None: ...


class Supervisor:
    """Runs one working tree's app and the services that it needs."""

    def __init__(self, tree: Path, listener: socket, chaos: Chaos, pause: Pause, output: Output) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.aws_url = ""
        self._tree = tree
        self._listener = listener
        self._pause = pause
        self._output = output
        self._chaos = chaos
        self._function_logs: FunctionLogs | None = None
        """None where no functions are created."""
        self._stops = ExitStack()
        self._services: list[Service] = []
        self._postgres: EmbeddedPostgres | None = None
        self._recovery: PostgresRecovery | None = None
        self._ministack: MiniStack | None = None
        self._http_server: HttpServerProcess | None = None
        self._sources: SourceStates = {}

    def start(self, directory: Path, aws_port: int, postgres_templates: Path | None = None) -> None:
        """Start every service, provision the app, migrate, and serve the routes."""
        self._environment = {
            **os.environ,
            "AUTH": os.environ.get("AUTH") or "off",
            "PUBLIC_URL": self._public_urls(),
        }
        if not self._environment.get("UPLOAD_TOKEN_SECRET"):
            self._environment["UPLOAD_TOKEN_SECRET"] = load_secret(directory)
        self._prepare_postgres(directory, postgres_templates)
        self._prepare_aws(directory, aws_port)
        if self._services:
            names = " and ".join(service.process.name for service in self._services)
            self._output.print_line(f"starting {names}")
        for service in reversed(self._services):  # MiniStack gets ready while PostgreSQL's first start runs initdb
            service.start()
        self._stops.callback(self._chaos.stop)  # after the HTTP server, which may still cause events
        self._sources = scan_sources(self._tree)
        self._http_server = self._start_http_server()
        self._stops.callback(self._stop_http_server)
        if (provisioning := self._start_provisioning()) is not None:
            self._stops.callback(provisioning.stop)
        for service in self._services:
            service.wait_until_ready(self._pause)
        self._app_spec = self._http_server.read_app_spec(self._pause)
        self._provision(provisioning, self._app_spec, invoke=MIGRATION_FUNCTION)
        self._http_server.serve()
        while not http_status(self.url, "/"):
            self._check_and_pause()

    def watch(self) -> None:
        """Reload the app at every saved change, and inject faults. Raises EmulatorError if a service has ended."""
        self._chaos.begin(self._ministack, self._postgres)
        if self._postgres is not None:
            reserve_segments(self._postgres.url, self._postgres.data)
        while True:
            self._pause(TICK_SECONDS)
            if self._recovery is None or self._recovery.tick():
                self._check()
            for service in self._services:
                service.process.rotate_log()
            self._chaos.tick(self._pause)
            if scan_sources(self._tree) != self._sources:
                self._reload()

    def stop(self) -> None:
        """Stop what was started: the HTTP server first, PostgreSQL last."""
        self._stops.close()

    def _public_urls(self) -> str:
        """Return where the routes are, and the URLs by which others reach them, such as a tunnel's."""
        return f"{self.url} {os.environ.get('PUBLIC_URL', '')}".rstrip()

    def _prepare_postgres(self, directory: Path, templates: Path | None) -> None:
        if not self._environment.get("DATABASE_URL"):
            self._postgres = EmbeddedPostgres(directory, templates)
            self._recovery = PostgresRecovery(self._postgres, directory, self._output.print_line)
            self._add(self._postgres)
            self._environment["DATABASE_URL"] = self._postgres.app_url
            self._environment["MIGRATION_DATABASE_URL"] = self._postgres.url

    def _prepare_aws(self, directory: Path, port: int) -> None:
        external_url = self._environment.get("AWS_ENDPOINT_URL")
        if not external_url:
            self._ministack = self._chaos.create_ministack(directory, port)
            logs = FunctionLogPipe(self._ministack.open_function_log(), self._output.print_log)
            self._print_function_logs(logs)  # stopped after MiniStack
            self._add(self._ministack)
            self._environment["AWS_ENDPOINT_URL"] = self._ministack.url
        elif is_ministack(external_url):
            from emulator.function_log_polling import FunctionLogPolling  # it loads boto3

            self._print_function_logs(FunctionLogPolling(external_url, self._environment, self._output.print_log))
        else:
            self._chaos.check_unprovisioned(external_url)
            self._output.print_line(
                f"  {external_url} is not a MiniStack, so no function is created there: run `chalice deploy`"
            )
        self.aws_url = self._environment["AWS_ENDPOINT_URL"]
        if os.environ.get("PUBLIC_URL") and (s3_urls := self._environment.get("S3_PUBLIC_URL")):
            self._environment["S3_PUBLIC_URL"] = f"{self.aws_url} {s3_urls}"

    def _add(self, service: Service) -> None:
        self._services.append(service)
        self._stops.callback(service.stop)

    def _start_http_server(self) -> HttpServerProcess:
        print_line = self._output.print_log if self._output.formats_log else None
        return HttpServerProcess(self._listener, self._tree, self._environment, print_line)

    def _print_function_logs(self, logs: FunctionLogs) -> None:
        self._function_logs = logs
        self._stops.callback(logs.stop)

    def _start_provisioning(self) -> ProvisionerProcess | None:
        """Return a process that gets ready to provision; None where no functions are created."""
        if self._function_logs is None:
            return None
        return ProvisionerProcess(self.aws_url, self._environment, use_relay=self._chaos.uses_relay)

    def _provision(
        self, provisioning: ProvisionerProcess | None, app_spec: AppSpec, invoke: str | None = None
    ) -> None:
        if provisioning is None or self._function_logs is None:
            return
        self._function_logs.follow(app_spec)
        environment = {name: self._environment.get(name, "") for name in FUNCTION_VARIABLES}
        provisioning.run(app_spec, self._tree, environment, self._check_and_pause, invoke=invoke)
        self._chaos.connect_relay(self.aws_url, self._environment, app_spec)

    def _check_and_pause(self) -> None:
        self._check()
        self._pause(POLL_SECONDS)

    def _reload(self) -> None:
        self._sources = scan_sources(self._tree)
        successor, provisioning = self._start_http_server(), self._start_provisioning()
        try:
            app_spec = successor.read_app_spec(self._pause)
            self._provision(provisioning, app_spec)
        except EmulatorError as error:
            successor.stop()
            self._output.print_line(f"not reloaded, the previous version keeps running: {error}")
            return
        except BaseException:
            successor.stop()
            raise
        finally:
            if provisioning is not None:
                provisioning.stop()
        successor.serve()
        self._stop_http_server()
        self._http_server = successor
        self._app_spec = app_spec
        self._output.print_line("reloaded")

    def _stop_http_server(self) -> None:
        if self._http_server is not None:
            self._http_server.stop()

    def _check(self) -> None:
        for service in self._services:
            service.process.check()
        if self._http_server is not None:
            self._http_server.check()
        self._chaos.check()
