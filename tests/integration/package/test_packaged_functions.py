"""Every function of the package, run as Lambda does: from a read-only folder, by Lambda's runtime interface
client, with a real PostgreSQL and an emulated S3."""

import json
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import md5, sha256
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import boto3
import pytest
from sqlalchemy import NullPool, create_engine, text

import app as chalice_app
from tests.conftest import empty_database
from tests.integration.conftest import EVENTS, NATIVE, Package, created_event, form
from tests.integration.package.runtime_api import Function, FunctionError, running
from tests.integration.rest_api_event import request
from tests.oidc.issuer_server import running_issuer
from tests.oidc.tokens import AUDIENCE, claims, token
from tests.processors import sample_files
from tests.samples import png

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the package's libraries are for Linux"),
    pytest.mark.slow(3),
]

LOADED = re.compile(r"^# (?:code object from|extension module .+ executed from) '?(/.+?)'?$", re.MULTILINE)


class Deployed:
    """The unpacked package, and the environment variables of its functions. Each invocation is a cold start."""

    def __init__(self, task_root: Path, runtime: Path, environment: Mapping[str, str], logs: Path) -> None:
        self._task_root, self._runtime, self._environment, self._logs = task_root, runtime, environment, logs

    @contextmanager
    def function(self, handler: str) -> Iterator[Function]:
        """Run a function. Afterwards, check that it wrote nothing into its folder, and that it loaded only the
        package's bytecode and Python's own modules."""
        before = _contents(self._task_root)
        log = self._logs / f"{uuid4().hex}.log"
        with running(self._task_root, self._runtime, handler, self._environment, log) as function:
            yield function
        assert _contents(self._task_root) == before
        loaded = {Path(path) for path in LOADED.findall(log.read_text(errors="replace"))}
        standard = Path(sysconfig.get_path("stdlib"))
        from_package = {path for path in loaded if path.is_relative_to(self._task_root)}
        others = {path for path in loaded - from_package if not path.is_relative_to(self._runtime)}
        assert [
            path for path in others if not path.is_relative_to(standard) or "site-packages" in path.parts
        ] == []
        assert self._task_root / "__pycache__" / f"app.{sys.implementation.cache_tag}.pyc" in from_package
        assert [path for path in from_package if path.suffix not in {".pyc", ".so"}] == []

    def invoke(self, handler: str, event: dict[str, Any]) -> Any:
        with self.function(handler) as function:
            return function.invoke(event)

    def log(self) -> str:
        """Return the output of all functions so far."""
        return "".join(path.read_text(errors="replace") for path in self._logs.glob("*.log"))

    def upload(self, name: str, content: bytes, media_type: str) -> dict[str, Any]:
        response = self.invoke("app.app", request("POST", "/api/upload", **form(name, content, media_type)))
        assert response["statusCode"] == 201, response
        file: dict[str, Any] = json.loads(response["body"])
        return file

    def show(self, file_id: str) -> dict[str, Any]:
        parameters = {"file_id": file_id}
        response = self.invoke("app.app", request("GET", "/api/files/{file_id}", parameters=parameters))
        assert response["statusCode"] == 200, response
        file: dict[str, Any] = json.loads(response["body"])
        return file


class WarmDeployed(Deployed):
    """A package whose functions keep running between invocations, as Lambda reuses its containers."""

    def __init__(self, *args: Any, running: ExitStack) -> None:
        """The functions are stopped, and checked, when `running` is closed."""
        super().__init__(*args)
        self._stack = running
        self._functions: dict[str, Function] = {}

    def invoke(self, handler: str, event: dict[str, Any]) -> Any:
        if handler not in self._functions:
            self._functions[handler] = self._stack.enter_context(self.function(handler))
        return self._functions[handler].invoke(event)


@pytest.fixture(scope="module")
def task_root(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package, unpacked read-only. Permissions don't stop root, so the tests compare the contents as well."""
    root = tmp_path_factory.mktemp("task")
    with ZipFile(package(NATIVE)) as archive:
        archive.extractall(root)
    everything = [root, *root.rglob("*")]
    for path in everything:
        path.chmod(path.stat().st_mode & ~0o222)
    yield root
    for path in everything:
        path.chmod(path.stat().st_mode | 0o200)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with only Lambda's runtime interface client and its dependencies, as installed here."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in ("awslambdaric", "simplejson", "snapshot-restore-py"):
        installed = distribution(name)
        for file in installed.files or ():
            if file.suffix in {".py", ".so"}:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(installed.locate_file(file)), target)
    return folder


@pytest.fixture
def bucket(ministack_url: str) -> str:
    return create_bucket(ministack_url)


def create_bucket(ministack_url: str) -> str:
    name = f"bucket-{uuid4().hex}"
    boto3.client("s3", endpoint_url=ministack_url).create_bucket(Bucket=name)
    return name


@pytest.fixture
def deployed(
    database_url: str, ministack_url: str, bucket: str, task_root: Path, runtime: Path, tmp_path: Path
) -> Deployed:
    environment = {"DATABASE_URL": database_url, "AWS_ENDPOINT_URL": ministack_url, "BUCKET": bucket}
    return Deployed(task_root, runtime, environment, tmp_path)


@pytest.fixture(scope="module")
def warm_deployed(
    postgres_url: str,
    template_database: str,
    ministack_url: str,
    task_root: Path,
    runtime: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[WarmDeployed]:
    logs = tmp_path_factory.mktemp("logs")
    with empty_database(postgres_url, template_database) as url, ExitStack() as stack:
        environment = {
            "DATABASE_URL": url,
            "AWS_ENDPOINT_URL": ministack_url,
            "BUCKET": create_bucket(ministack_url),
        }
        yield WarmDeployed(task_root, runtime, environment, logs, running=stack)


def test_every_function_is_invoked_in_this_module() -> None:
    """A function that is added to app.py needs a test here."""
    invoked = set(re.findall(r'(?:invoke|function)\(\s*"(app\.\w+)"', Path(__file__).read_text()))
    app = chalice_app.app
    events = {source.handler_string for source in app.event_sources}
    pure = {function.handler_string for function in app.pure_lambda_functions}
    assert {"app.app"} | events | pure == invoked - {"app.no_such_function"}
    assert app.builtin_auth_handlers == []


def test_migrate_creates_the_tables(
    postgres_url: str, ministack_url: str, bucket: str, task_root: Path, runtime: Path, tmp_path: Path
) -> None:
    with empty_database(postgres_url) as url:
        environment = {"DATABASE_URL": url, "AWS_ENDPOINT_URL": ministack_url, "BUCKET": bucket}
        version = Deployed(task_root, runtime, environment, tmp_path).invoke("app.migrate", {})
        assert _select(url, "SELECT version_num FROM alembic_version") == version
        assert _select(url, "SELECT count(*) FROM files") == 0


def test_routes_upload_and_list_a_file(deployed: Deployed) -> None:
    with deployed.function("app.app") as function:
        response = function.invoke(request("GET", "/api/files"))
        assert (response["statusCode"], json.loads(response["body"])) == (200, [])
        response = function.invoke(request("POST", "/api/upload", **form("a.png", png(), "image/png")))
        assert response["statusCode"] == 201, response
        files = json.loads(function.invoke(request("GET", "/api/files"))["body"])
        head = function.invoke(request("HEAD", "/api/files"))
        assert (head["statusCode"], head["body"]) == (200, "")
        options = function.invoke(request("OPTIONS", "/api/files"))
        assert (options["statusCode"], options["headers"]["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert [(file["name"], file["status"], file["size"]) for file in files] == [("a.png", "uploaded", len(png()))]


def test_routes_describe_themselves_with_examples(deployed: Deployed) -> None:
    response = deployed.invoke("app.app", request("GET", "/api/openapi.json"))
    assert response["statusCode"] == 200, response
    [server] = json.loads(response["body"])["servers"]
    assert server["url"].startswith("https://")
    assert '"examples"' in response["body"]
    assert "lagoon.png" in response["body"]  # recorded by tests/acceptance/test_openapi_examples.py


@pytest.mark.parametrize(
    ("name", "content", "media_type", "kind"),
    [
        ("a.png", png(7, 5), "image/png", "image"),
        ("a.txt", "Grüße\n".encode("latin-1") * 20, "text/plain", "text"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "svg"),
        ("a.heic", sample_files.HEIC, "image/heic", "image"),
        ("a.csv", b"id,name\n1,Ada\n", "text/csv", "csv"),
        ("a.json", b'{"a": 1}', "application/json", "json"),
        ("a.zip", sample_files.zip_files({"a": "a"}), "application/zip", "archive"),
        ("a.xlsx", sample_files.make_xlsx(), "application/vnd.ms-excel", "office"),
        ("a.pdf", sample_files.make_pdf(), "application/pdf", "pdf"),
        ("a.mp4", sample_files.make_video("mp4"), "video/mp4", "media"),
    ],
    ids=["image", "text", "svg", "heic", "csv", "json", "archive", "office", "pdf", "media"],
)
def test_process_upload_handles_every_kind_of_file(
    warm_deployed: WarmDeployed, name: str, content: bytes, media_type: str, kind: str
) -> None:
    """The routes stay warm. Each file is processed by a cold start, which has to find the libraries of its kind
    without what another kind has loaded."""
    uploaded = warm_deployed.upload(name, content, media_type)
    with warm_deployed.function("app.process_upload") as process_upload:
        process_upload.invoke(created_event(f"uploads/{uploaded['id']}/{name}"))
    file = warm_deployed.show(uploaded["id"])
    assert (file["status"], file["attempts"]) == ("processed", 1)
    assert file["checksum"]["value"] == sha256(content).hexdigest()
    assert kind in file["result"]


def test_sweep_processes_a_file_whose_event_was_lost(deployed: Deployed, database_url: str) -> None:
    uploaded = deployed.upload("a.png", png(), "image/png")
    _execute(database_url, "UPDATE files SET status_since = status_since - interval '1 hour'")
    deployed.invoke("app.sweep", json.loads((EVENTS / "scheduled.json").read_text()))
    assert deployed.show(uploaded["id"])["status"] == "processed"


def test_files_of_an_older_processor_are_marked_and_reprocessed(deployed: Deployed, database_url: str) -> None:
    """The functions read every processor's version, and the thumbnail is still available afterwards."""
    uploaded = deployed.upload("a.png", png(), "image/png")
    deployed.invoke("app.process_upload", created_event(f"uploads/{uploaded['id']}/a.png"))
    assert deployed.invoke("app.mark_files_for_reprocessing", {}) == {"marked": 0, "after": None}
    _execute(database_url, "UPDATE files SET result = jsonb_set(result, '{image,version}', '0')")
    assert deployed.invoke("app.mark_files_for_reprocessing", {}) == {"marked": 1, "after": None}
    deployed.invoke("app.sweep", json.loads((EVENTS / "scheduled.json").read_text()))
    reprocessed = deployed.show(uploaded["id"])
    assert (reprocessed["attempts"], reprocessed["result"]["image"]["version"] > 0) == (2, True)
    route, parameters = "/api/files/{file_id}/thumbnail", {"file_id": uploaded["id"]}
    assert deployed.invoke("app.app", request("GET", route, parameters=parameters))["statusCode"] == 302


def test_scan_result_of_guardduty_rejects_an_infected_file(
    database_url: str, ministack_url: str, bucket: str, task_root: Path, runtime: Path, tmp_path: Path
) -> None:
    environment = {"DATABASE_URL": database_url, "AWS_ENDPOINT_URL": ministack_url, "BUCKET": bucket}
    scanned = Deployed(task_root, runtime, environment | {"MALWARE_SCAN": "guardduty"}, tmp_path)
    uploaded = scanned.upload("a.txt", b"abc", "text/plain")
    event = json.loads((EVENTS / "scan-result.json").read_text())
    key, etag = f"uploads/{uploaded['id']}/a.txt", md5(b"abc", usedforsecurity=False).hexdigest()
    event["detail"]["s3ObjectDetails"] |= {"bucketName": bucket, "objectKey": key, "eTag": etag}
    event["detail"]["scanResultDetails"]["scanResultStatus"] = "THREATS_FOUND"
    scanned.invoke("app.handle_scan_result", event)
    assert scanned.show(uploaded["id"])["status"] == "rejected"


def test_manage_creates_a_token(deployed: Deployed) -> None:
    created = deployed.invoke("app.manage", {"action": "create_token", "owner": "alice"})
    assert created["token"].startswith("flt_")
    output = deployed.log()
    assert '"audit":"token_created"' in output
    assert created["token"] not in output


def test_routes_verify_jwts_with_the_keys_that_fetch_signing_keys_has_stored(
    database_url: str, ministack_url: str, bucket: str, task_root: Path, runtime: Path, tmp_path: Path
) -> None:
    """PyJWT and cryptography are in the package. Like on AWS, the routes never ask the issuer."""
    with running_issuer() as issuer:
        environment = {
            "DATABASE_URL": database_url,
            "AWS_ENDPOINT_URL": ministack_url,
            "BUCKET": bucket,
            "AUTH": "required",
            "OIDC_ISSUER": issuer.url,
            "OIDC_AUDIENCE": AUDIENCE,
        }
        with_issuer = Deployed(task_root, runtime, environment, tmp_path)
        headers = {"Authorization": f"Bearer {token(claims(iss=issuer.url))}"}
        with with_issuer.function("app.app") as routes:
            before = routes.invoke(request("GET", "/api/files", headers=headers))
        assert before["statusCode"] == 503, before
        assert issuer.paths == []
        with_issuer.invoke("app.fetch_signing_keys", json.loads((EVENTS / "scheduled.json").read_text()))
        asked = list(issuer.paths)
        with with_issuer.function("app.app") as routes:
            response = routes.invoke(request("GET", "/api/files", headers=headers))
        assert (response["statusCode"], response["body"]) == (200, "[]")
        assert issuer.paths == asked == ["/.well-known/openid-configuration", "/keys"]


def test_request_logs_one_line_although_the_runtime_has_a_log_handler(deployed: Deployed) -> None:
    event = request("GET", "/api/files")
    deployed.invoke("app.app", event)
    output = deployed.log()
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert [line["request_id"] for line in lines] == [event["requestContext"]["requestId"]]
    assert output.count(event["requestContext"]["requestId"]) == 1


def test_dead_letter_makes_the_next_sweep_process_the_file(deployed: Deployed) -> None:
    uploaded = deployed.upload("a.png", png(), "image/png")
    dead_letter = json.dumps({"requestPayload": created_event(f"uploads/{uploaded['id']}/a.png")})
    message = {"messageId": "1", "receiptHandle": "1", "body": dead_letter}
    deployed.invoke("app.handle_dead_letters", {"Records": [message]})
    deployed.invoke("app.sweep", json.loads((EVENTS / "scheduled.json").read_text()))
    assert deployed.show(uploaded["id"])["status"] == "processed"


def test_failing_handler_raises(deployed: Deployed) -> None:
    """Otherwise the tests above would pass whatever a handler did."""
    with (
        pytest.raises(FunctionError, match="no_such_function"),
        deployed.function("app.no_such_function") as function,
    ):
        function.invoke({})


def _contents(root: Path) -> dict[str, tuple[int, int]]:
    """Return the time and size of each file and folder."""
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in [root, *root.rglob("*")]
    }


def _select(url: str, statement: str) -> Any:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one()


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))
