"""Services that take uploads and process them: this one, the one it replaces, and the floor's upload route."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil

from benchmarks.environments import CONTENDERS, django_python
from benchmarks.function_servers import CREDENTIALS
from benchmarks.memory import total_pss
from benchmarks.postgres_cursor import open_cursor
from benchmarks.sample_content import FORM_TYPE, make_form
from benchmarks.server_processes import running
from benchmarks.statements import recorded
from emulator.net import listen
from emulator.postgres import EmbeddedPostgres

PASSWORD = "benchmark"  # noqa: S105  # of a server that ends with the benchmark
SERVICE_VARIABLES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "AWS_ENDPOINT_URL", "PUBLIC_URL")


@dataclass(frozen=True)
class UploadService:
    """A service that runs."""

    name: str
    port: int
    database_url: str
    """A superuser's."""
    processed: str
    """SQL that counts the processed files."""
    is_processed: str
    """SQL that says whether the file %s is processed."""
    processes: tuple[psutil.Process, ...]
    """With their descendants, all of it."""
    postgres_log: Path
    environment: dict[str, str]
    """Of its HTTP server."""

    def memory(self) -> float:
        """Return the MiB of all its processes, each page of memory counted once (PSS)."""
        return total_pss(self.processes)


@contextmanager
def running_service() -> Iterator[UploadService]:
    """Run `python -m emulator` on an empty data directory."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name not in SERVICE_VARIABLES}
        command = [sys.executable, "-m", "emulator", "--port", "0", "--aws-port", "0", "--log-format", "json"]
        command += ["--data-dir", folder]
        with running(command, environment, r"^ready http://127.0.0.1:(\d+)$") as (process, port):
            supervisor = psutil.Process(process.pid)
            server = next(child for child in supervisor.children() if "emulator.http_server" in child.cmdline())
            yield UploadService(
                "this service",
                int(port),
                server.environ()["MIGRATION_DATABASE_URL"],
                "SELECT count(*) FROM files WHERE status = 'processed'",
                "SELECT status = 'processed' FROM files WHERE id = %s",
                (supervisor,),
                Path(folder, "postgres.log"),
                server.environ(),
            )


@contextmanager
def running_django() -> Iterator[UploadService]:
    """Run Django's server and the Celery worker as the original's containers do, on PostgreSQL and Redis."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder)) as postgres:
        project = CONTENDERS / "django_service"
        python = str(django_python())
        [host] = parse_qs(urlsplit(postgres.url).query)["host"]
        url = _require_password(postgres)
        redis = f"{folder}/redis.sock"
        environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "settings",
            "POSTGRES_HOST": host,
            "POSTGRES_PASSWORD": PASSWORD,
            "MEDIA_ROOT": f"{folder}/media",
            "BROKER_URL": f"redis+socket://{redis}",
            "RESULT_BACKEND": f"redis+socket://{redis}",
        }
        with listen(0, "port") as listener:
            port = listener.getsockname()[1]
        migrate = [python, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=project, env=environment, check=True)
        with (
            running(
                ["redis-server", "--port", "0", "--unixsocket", redis, "--dir", folder],
                environment,
                r"([Rr]eady) to accept connections",
            ) as (broker, _),
            running(
                [python, "-m", "celery", "-A", "service", "worker", "--loglevel", "INFO"],
                environment,
                r"(celery@\S+ ready)",
                project,
            ) as (worker, _),
            running(
                [python, "manage.py", "runserver", f"127.0.0.1:{port}"],
                environment,
                r"(Starting development server)",
                project,
            ) as (web, _),
        ):
            yield UploadService(
                "the Django service",
                port,
                url,
                "SELECT count(*) FROM uploads_file WHERE processed",
                "SELECT processed FROM uploads_file WHERE id = %s",
                tuple(psutil.Process(pid) for pid in (postgres.process.pid, broker.pid, worker.pid, web.pid)),
                postgres.process.log,
                environment,
            )


def _require_password(postgres: EmbeddedPostgres) -> str:
    """Let PostgreSQL ask for a password, as its image for containers does; return the URL with it.

    By default Django opens a connection for each request, which includes a login.
    """
    with open_cursor(postgres.url) as cursor:
        cursor.execute("ALTER ROLE postgres PASSWORD %s", [PASSWORD])
        (postgres.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        cursor.execute("SELECT pg_reload_conf()")
    return postgres.url.replace("postgres@", f"postgres:{PASSWORD}@")


def has_redis() -> bool:
    """Return whether the Django service can run here: it needs a Redis, which no package of Python's brings."""
    return shutil.which("redis-server") is not None


@contextmanager
def running_floor(service: UploadService) -> Iterator[UploadService]:
    """Run the upload route by hand, on the servers of this service, whose workers process its files as well."""
    with recorded(service.database_url, service.postgres_log) as statements:
        file = upload_one(service, "floor.txt")
    file_id = str(file["id"])
    # Those of the route: a worker may claim the file before the route has marked it.
    own = [text.replace(file_id, "{id}") for text in statements if file_id in text and "'processing'" not in text]
    environment = {
        **CREDENTIALS,
        "BUCKET": "file-loader",  # the default
        **service.environment,
        "STATEMENTS": json.dumps({"name": "floor.txt", "list": [], "upload": own[:2], "process": []}),
    }
    command = [sys.executable, str(CONTENDERS / "floor_server.py")]
    with running(command, environment, r"^ready (\d+)$") as (_, port):
        yield replace(service, name="the floor", port=int(port), environment=environment)


def upload_one(service: UploadService, name: str, connection: HTTPConnection | None = None) -> dict[str, object]:
    """Upload a file and return its JSON form."""
    connection = connection or HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request("POST", "/api/upload/", make_form(name), {"Content-Type": FORM_TYPE})
    response = connection.getresponse()
    content = response.read()
    assert response.status == 201, content
    file: dict[str, object] = json.loads(content)
    return file


def count_processed(service: UploadService) -> int:
    """Return how many files are processed."""
    with open_cursor(service.database_url) as cursor:
        cursor.execute(service.processed)
        [count] = cursor.fetchone()
    return int(count)
