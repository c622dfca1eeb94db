"""The emulator starts, stops, survives being killed and reloads. Its app is a small one, defined here."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

import boto3
import psutil
import pytest
import requests
from botocore.config import Config

from tests.acceptance.emulator_process import Emulator, launch, running, start_emulator

INVALID_SETTING = """
class InvalidSettingError(Exception):
    needs_traceback = False


raise InvalidSettingError("SIZE must be a number")
"""
APP = """
    import os

    import psycopg2
    from chalice.app import Chalice, Rate, Response

    app = Chalice(app_name="sample")


    def rows(statement, *values, url="DATABASE_URL"):
        with psycopg2.connect(os.environ[url]) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


    @app.route("/version")
    def version():
        return {"version": "one"}


    @app.route("/flavour")
    def flavour():
        return {"flavour": os.environ["FLAVOUR"]}


    @app.route("/keys")
    def keys():
        return [key for key, in rows("SELECT key FROM handled ORDER BY key")]


    @app.route("/dead")
    def dead():
        return [body for body, in rows("SELECT body FROM dead")]


    @app.route("/echo/{name}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], content_types=["text/plain"])
    def echo(name):
        request = app.current_request
        return Response(
            {"method": request.method, "name": name, "query": request.query_params and dict(request.query_params),
             "size": len(request.raw_body)},
            headers={"X-Once": "1", "Set-Cookie": ["a=1", "b=2"]},
        )


    @app.route("/fails")
    def fails():
        raise RuntimeError("a secret of the code")


    @app.on_s3_event(bucket="samples", events=["s3:ObjectCreated:*"], prefix="in/")
    def note(event):
        if event.key.startswith("in/fails"):
            raise RuntimeError("always")
        key = event.key.format(**os.environ)
        rows("INSERT INTO handled VALUES (%s) ON CONFLICT DO NOTHING", key)


    @app.on_sqs_message(queue="sample-dead-letters", batch_size=10, maximum_concurrency=2)
    def handle_dead_letters(event):
        for message in event:
            rows("INSERT INTO dead VALUES (%s) ON CONFLICT DO NOTHING", message.body)


    @app.schedule(Rate(1, unit=Rate.MINUTES))
    def sweep(event):
        pass


    @app.lambda_function()
    def migrate(event, context):
        for statement in (
            "CREATE TABLE IF NOT EXISTS handled (key text PRIMARY KEY)",
            "CREATE TABLE IF NOT EXISTS dead (body text PRIMARY KEY)",
            "DO 'BEGIN CREATE ROLE file_loader_app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END'",
            "GRANT SELECT, INSERT ON handled, dead TO file_loader_app",
        ):
            rows(statement, url="MIGRATION_DATABASE_URL")
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working tree with an app, whose folder has a space in its name."""
    tree = tmp_path_factory.mktemp("working tree")
    (tree / "app.py").write_text(dedent(APP))
    return tree


@pytest.fixture(scope="module")
def emulator(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator for the tests that leave it running."""
    data = tmp_path_factory.mktemp("shared") / "data"
    with start_emulator(data, tree=tree, variables={"FLAVOUR": "vanilla"}) as emulator:
        yield emulator


def put(emulator: Emulator, key: str) -> None:
    s3 = boto3.client("s3", endpoint_url=emulator.aws_url, config=Config(s3={"addressing_style": "path"}))
    s3.put_object(Bucket="samples", Key=key, Body=b"content")


def eventually(holds: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def keys(emulator: Emulator) -> list[str]:
    keys: list[str] = requests.get(f"{emulator.url}/keys", timeout=10).json()
    return keys


def dead_letters(emulator: Emulator) -> list[str]:
    bodies: list[str] = requests.get(f"{emulator.url}/dead", timeout=10).json()
    return bodies


def retry_at_once(emulator: Emulator, queue: str) -> None:
    """Let failed messages be retried after a second, rather than after the queue's visibility timeout."""
    sqs = boto3.client("sqs", endpoint_url=emulator.aws_url)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})


class TestStart:
    def test_object_event_calls_its_function(self, emulator: Emulator) -> None:
        put(emulator, "in/a b+c.txt")
        put(emulator, "out/other.txt")
        assert eventually(lambda: "in/a b+c.txt" in keys(emulator))
        assert "out/other.txt" not in keys(emulator)

    def test_users_environment_reaches_routes_and_functions(self, emulator: Emulator) -> None:
        assert requests.get(f"{emulator.url}/flavour", timeout=10).json() == {"flavour": "vanilla"}
        put(emulator, "in/{FLAVOUR}.txt")
        assert eventually(lambda: "in/vanilla.txt" in keys(emulator))

    def test_event_that_always_fails_becomes_a_dead_letter(self, emulator: Emulator) -> None:
        retry_at_once(emulator, "sample-dev-note")
        put(emulator, "in/fails a+b.txt")
        put(emulator, "in/works.txt")
        assert eventually(lambda: len(dead_letters(emulator)) == 1)
        [record] = json.loads(dead_letters(emulator)[0])["Records"]  # S3's event as it was
        assert record["eventName"] == "ObjectCreated:Put"
        assert record["s3"]["object"]["key"] == "in/fails+a%2Bb.txt"
        assert "in/works.txt" in keys(emulator)

    def test_processes_share_what_they_import_and_return_what_they_free(self, emulator: Emulator) -> None:
        put(emulator, "in/shared.txt")
        assert eventually(lambda: "in/shared.txt" in keys(emulator))
        commands = {process: " ".join(command) for process, command in emulator.command_lines().items()}
        servers = {process for process, command in commands.items() if "fork_server.py" in command}
        assert {process for process in servers if process.parent() in servers}, "no function was forked"
        returning = {
            process
            for process, command in commands.items()
            if any(name in command for name in ("fork_server", "http_server", "ministack_server"))
        }
        assert len(returning) >= 4
        assert {process.environ()["MALLOC_MMAP_THRESHOLD_"] for process in returning} == {"131072"}

    def test_emulator_listens_only_on_loopback(self, emulator: Emulator) -> None:
        processes = [psutil.Process(emulator.process.pid), *emulator.descendants()]
        addresses = {
            connection.laddr.ip
            for process in processes
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert addresses == {"127.0.0.1"}

    @pytest.mark.slow(3)
    def test_two_emulators_run_side_by_side(self, emulator: Emulator, tree: Path, tmp_path: Path) -> None:
        with start_emulator(tmp_path / "data", tree=tree) as second:
            put(second, "in/second.txt")
            assert eventually(lambda: keys(second) == ["in/second.txt"])
            assert "in/second.txt" not in keys(emulator)

    def test_data_directory_in_use_is_refused(self, emulator: Emulator, tree: Path) -> None:
        process = launch(emulator.data, tree=tree)
        printed, _ = process.communicate(timeout=20)
        assert process.returncode == 1
        assert printed == (
            f"error: another emulator is using {emulator.data}; "
            "stop it, or choose another directory with --data-dir\n"
        )

    @pytest.mark.parametrize("option", ["--port", "--aws-port"])
    def test_port_in_use_is_refused(self, option: str, tree: Path, tmp_path: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            port = listener.getsockname()[1]
            process = launch(tmp_path / "data", option, str(port), tree=tree)
            printed, _ = process.communicate(timeout=20)
        assert process.returncode == 1
        assert printed == (
            f"error: port {port} of 127.0.0.1 is in use; stop the program that uses it, "
            f"or choose another port: {option} 0 takes any free one\n"
        )

    def test_invalid_port_is_a_usage_error(self, tree: Path, tmp_path: Path) -> None:
        process = launch(tmp_path / "data", "--port", "65536", tree=tree)
        printed, _ = process.communicate(timeout=20)
        assert process.returncode == 2
        assert "'65536' is not a port: use 0 to 65535" in printed

    def test_directory_not_made_by_the_emulator_is_left_alone(self, tree: Path, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("three years")
        process = launch(tmp_path, "--fresh", tree=tree)
        printed, _ = process.communicate(timeout=20)
        assert process.returncode == 1
        assert printed.startswith(f"error: {tmp_path} isn't empty and wasn't made by the emulator")
        assert (tmp_path / "thesis.txt").read_text() == "three years"

    @pytest.mark.parametrize(
        ("variable", "value", "message"),
        [
            ("OWNER", "alice", "OWNER is now called DEFAULT_OWNER; set DEFAULT_OWNER instead"),
            (
                "PUBLIC_URL",
                "https://a.example",
                "PUBLIC_URL https://a.example can be reached by others: set AUTH=required too",
            ),
        ],
    )
    def test_invalid_setting_of_this_project_is_one_line_of_error(
        self, variable: str, value: str, message: str, tmp_path: Path
    ) -> None:
        process = launch(tmp_path / "data", variables={variable: value})
        printed, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert printed == f"starting postgres and ministack\nerror: {message}\n"

    @pytest.mark.slow(3)
    def test_failing_migration_aborts_the_start(self, tmp_path: Path) -> None:
        (tmp_path / "app.py").write_text(
            dedent(APP).replace("CREATE TABLE IF NOT EXISTS handled", "CREATE TABLE no good")
        )
        process = launch(tmp_path / "data", tree=tmp_path)
        printed, _ = process.communicate(timeout=30)
        assert process.returncode == 1
        assert 'migrate failed: syntax error at or near "good"' in printed
        assert "ready" not in printed


class TestStop:
    @pytest.mark.slow(12)
    def test_each_start_keeps_the_data_however_the_last_one_ended(self, tree: Path, tmp_path: Path) -> None:
        """One after the other: it is killed, then all its processes are; it is interrupted, then terminated."""
        data = tmp_path / "data"
        with start_emulator(data, tree=tree) as first:
            put(first, "in/a.txt")
            assert eventually(lambda: keys(first) == ["in/a.txt"])
            descendants = first.descendants()
            assert any("postgres" in process.name() for process in descendants)
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait()
        with start_emulator(data, tree=tree) as second:
            assert running(descendants) == []
            assert keys(second) == ["in/a.txt"]
            put(second, "in/b.txt")
            assert eventually(lambda: keys(second) == ["in/a.txt", "in/b.txt"])
            second.kill_all()
        with start_emulator(data, tree=tree) as third:
            assert keys(third) == ["in/a.txt", "in/b.txt"]
            put(third, "in/c.txt")
            assert eventually(lambda: keys(third) == ["in/a.txt", "in/b.txt", "in/c.txt"])
            self._check_that_signal_ends_every_process(signal.SIGINT, third)
        with start_emulator(data, tree=tree) as fourth:
            assert keys(fourth) == ["in/a.txt", "in/b.txt", "in/c.txt"]
            put(fourth, "in/d.txt")
            assert eventually(lambda: "in/d.txt" in keys(fourth))
            self._check_that_signal_ends_every_process(signal.SIGTERM, fourth)
        with start_emulator(data, "--fresh", tree=tree) as fifth:
            assert keys(fifth) == []

    @staticmethod
    def _check_that_signal_ends_every_process(number: signal.Signals, emulator: Emulator) -> None:
        descendants = emulator.descendants()
        assert any("postgres" in process.name() for process in descendants)
        assert emulator.stop(number) == 0
        assert running(descendants) == []

    def test_service_that_ends_stops_the_emulator(self, tree: Path, tmp_path: Path) -> None:
        with start_emulator(tmp_path / "data", tree=tree) as emulator:
            descendants = emulator.command_lines()
            next(each for each, command in descendants.items() if "emulator.ministack_server" in command).kill()
            assert emulator.process.wait(20) == 1
            assert "error: ministack ended with code -9" in "".join(iter(emulator.line, ""))
            assert running(list(descendants)) == []


class TestHttpServer:
    def test_keep_alive_connection_has_no_delay(self, emulator: Emulator) -> None:
        """Nagle's algorithm and delayed acknowledgements would cost 40 ms a request, 2 s together."""
        address = urlsplit(emulator.url)
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=10)) as connection:
            connection.connect()
            first = connection.sock
            began = time.monotonic()
            for _ in range(50):
                connection.request("GET", "/version")
                assert connection.getresponse().read() == b'{"version":"one"}'
            assert time.monotonic() - began < 1
            assert connection.sock is first

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_request_and_response_are_passed_on_unchanged(self, method: str, emulator: Emulator) -> None:
        headers = {"Content-Type": "text/plain"}
        body = b"" if method == "GET" else b"12345"
        url = f"{emulator.url}/echo/a%20b/?q=x%26y&empty="
        response = requests.request(method, url, data=body, headers=headers, timeout=10)
        query = {"q": "x&y", "empty": ""}
        assert response.json() == {"method": method, "name": "a%20b", "query": query, "size": len(body)}
        assert response.headers["X-Once"] == "1"
        assert response.headers["Set-Cookie"] == "a=1, b=2"

    def test_chunked_body_is_accepted(self, emulator: Emulator) -> None:
        headers = {"Content-Type": "text/plain"}
        chunks = iter([b"one", b"two"])
        response = requests.post(f"{emulator.url}/echo/x", data=chunks, headers=headers, timeout=10)
        assert response.json()["size"] == 6

    def test_gateway_errors_have_the_apps_shape(self, emulator: Emulator) -> None:
        unknown = requests.get(f"{emulator.url}/nowhere", headers={"Authorization": "Bearer x"}, timeout=10)
        large = requests.post(f"{emulator.url}/echo/x", data=b"x" * 10_485_761, timeout=30)
        assert (unknown.status_code, unknown.json()["error"]) == (404, "not_found")
        assert (large.status_code, large.json()["error"]) == (413, "file_too_large")
        assert all(set(response.json()) == {"error", "message", "requestId"} for response in (unknown, large))

    def test_exception_is_not_shown_in_the_response(self, emulator: Emulator) -> None:
        response = requests.get(f"{emulator.url}/fails", timeout=10)
        assert response.status_code == 500
        assert "secret" not in response.text

    def test_head_response_has_no_body(self, emulator: Emulator) -> None:
        with requests.Session() as session:
            assert session.head(f"{emulator.url}/version", timeout=10).content == b""
            assert session.get(f"{emulator.url}/version", timeout=10).json() == {"version": "one"}


@pytest.mark.slow(5)
class TestReload:
    def test_saved_app_is_served_without_a_failed_request_unless_it_is_broken(self, tmp_path: Path) -> None:
        app = tmp_path / "app.py"
        app.write_text(dedent(APP))
        with start_emulator(tmp_path / "data", tree=tmp_path) as emulator:
            app.write_text(dedent(APP).replace('"one"', '"two"').replace('NOTHING", key)', 'NOTHING", key + "!")'))
            assert self._versions_until(emulator, "two") == {"one", "two"}
            assert self._next_line_with("reloaded", emulator) == "reloaded\n"
            put(emulator, "in/a.txt")
            assert eventually(lambda: keys(emulator) == ["in/a.txt!"])

            app.write_text("def broken(:\n")
            assert "not reloaded" in self._next_line_with("reloaded", emulator)
            assert requests.get(f"{emulator.url}/version", timeout=10).json() == {"version": "two"}

            app.write_text(INVALID_SETTING)
            line = self._next_line_with("reloaded", emulator)
            assert line == "not reloaded, the previous version keeps running: SIZE must be a number\n"

            moved = dedent(APP).replace("sample-dead-letters", "sample-elsewhere")
            app.write_text(moved.replace('"one"', '"three"').replace("Rate(1,", "Rate(2,"))
            assert self._next_line_with("reloaded", emulator) == "reloaded\n"
            assert requests.get(f"{emulator.url}/version", timeout=10).json() == {"version": "three"}
            rules = boto3.client("events", endpoint_url=emulator.aws_url).list_rules()["Rules"]
            assert [rule["ScheduleExpression"] for rule in rules] == ["rate(2 minutes)"]
            functions = boto3.client("lambda", endpoint_url=emulator.aws_url)
            mappings = functions.list_event_source_mappings(FunctionName="sample-dev-handle_dead_letters")
            [mapping] = mappings["EventSourceMappings"]
            assert mapping["EventSourceArn"].endswith(":sample-elsewhere")
            assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (10, {"MaximumConcurrency": 2})

    @staticmethod
    def _versions_until(emulator: Emulator, last: str) -> set[str]:
        """Return what requests got, each of which succeeded, until one got the last version."""
        versions: set[str] = set()
        end = time.monotonic() + 15
        while last not in versions and time.monotonic() < end:
            versions.add(requests.get(f"{emulator.url}/version", timeout=10).json()["version"])
        return versions

    @staticmethod
    def _next_line_with(text: str, emulator: Emulator) -> str:
        while text not in (line := emulator.line()):
            assert line, "the emulator has ended"
        return line
