"""Lambda's side of a function: the Runtime API, and the function's process that polls it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import Empty, Queue
from signal import SIGTERM
from typing import Any
from uuid import uuid4

from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer
from tests.local_http_server import LocalHttpServer

TIMEOUT = 60
"""Seconds that a function may run; its context has them too."""

INVOCATIONS = "/2018-06-01/runtime/invocation/"


class FunctionError(Exception):
    """The error that the function reported, or its log if it exited without a report."""


class RuntimeApi(LocalHttpServer):
    """A server that delivers the `events`, and puts what the runtime reports into `reports`, with the last part of
    the URL's path: response, or error."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.events: Queue[dict[str, Any] | None] = Queue()
        self.reports: Queue[tuple[str, Any]] = Queue()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the base class's name
        event = self.server.events.get()
        if event is None:  # the function is stopped
            self.close_connection = True
            return
        body = json.dumps(event).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid4()))
        self.send_header("Lambda-Runtime-Deadline-Ms", str(round((time.time() + TIMEOUT) * 1000)))
        self.send_header(
            "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:file-loader"
        )
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.reports.put((self.path.rsplit("/", 1)[1], json.loads(body)))

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


class Function:
    """A running function."""

    def __init__(self, api: RuntimeApi, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._api, self._process, self._log = api, process, log

    def invoke(self, event: dict[str, Any]) -> Any:
        """Return what the handler returned. Raises FunctionError."""
        self._api.events.put(event)
        outcome, report = self._wait_for_report()
        if outcome != "response":
            raise FunctionError(f"{outcome}: {report}")
        return report

    def _wait_for_report(self) -> tuple[str, Any]:
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                return self._api.reports.get(timeout=0.1)
            except Empty:
                continue
        raise FunctionError(f"no report, exit {self._process.poll()}: {self._log.read_text()[-2000:]}")


@contextmanager
def running(
    task_root: Path, runtime: Path, handler: str, environment: Mapping[str, str], log: Path
) -> Iterator[Function]:
    """Run a handler of the package unpacked in `task_root`, with only the runtime interface client in the folder
    `runtime` and the standard library; its output and each module that it loads go to `log`.

    The environment variables are those that Lambda sets, without this process's own.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    api = RuntimeApi()
    variables = {
        "_HANDLER": handler,
        "AUTH": "off",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_NAME": f"file-loader-test-{handler.removeprefix('app.')}",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/file-loader",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/23/[$LATEST]0",
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "test",
        "LAMBDA_RUNTIME_DIR": str(runtime),
        "LAMBDA_TASK_ROOT": str(task_root),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(runtime),
        "TZ": ":UTC",
        **environment,
    }
    # -S and -s exclude the site-packages of this Python and of the user.
    command = [sys.executable, "-S", "-s", "-v", "-m", "awslambdaric", handler]
    with log.open("wb") as output, api.run():
        process = subprocess.Popen(command, cwd=task_root, env=variables, stdout=output, stderr=subprocess.STDOUT)
        end_with_this_process(RunningServer.describe(process.pid, SIGTERM))
        try:
            yield Function(api, process, log)
        finally:
            process.terminate()
            process.wait(timeout=10)
            api.events.put(None)
