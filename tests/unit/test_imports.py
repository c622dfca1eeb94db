"""What a cold start pays for."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from infra.packaging.description import write_description
from infra.packaging.sources import copy_app
from tests.oidc.tokens import AUDIENCE, ISSUER, claims, jwk, key_set, rsa_key, token

ROOT = Path(__file__).parents[2]

LOADED = """
import sys
{code}
print(*sys.modules)
"""


@cache
def modules_loaded_by(code: str, folder: Path = ROOT) -> frozenset[str]:
    """Return the modules that a fresh interpreter, started in the folder, has loaded after the code."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED.replace("{code}", code)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(run.stdout.splitlines()[-1].split())


LIBRARIES_AT_START = {
    "chalice",
    "msgspec",
    "typing_extensions",  # of msgspec
    "uuid_utils",
}


def test_libraries_that_a_cold_start_loads() -> None:
    loaded = {name.partition(".")[0] for name in modules_loaded_by("import app")}
    assert sorted(loaded - modules_of_python()) == sorted(LIBRARIES_AT_START)


def modules_of_python() -> set[str]:
    main = "__mp_main__"  # of `multiprocessing`
    return {"app", "chalicelib", main, *sys.stdlib_module_names, *modules_loaded_by("pass")}


AT_START_OF_A_FUNCTION = {
    "chalicelib.adapters.json_log",
    "chalicelib.cached_function",
    "chalicelib.container",
    "chalicelib.core.accounts.owner_names",
    "chalicelib.core.accounts.signing_keys",
    "chalicelib.core.accounts.strict_json",
    "chalicelib.core.files.object_keys",
    "chalicelib.core.log_context",
    "chalicelib.http.lambda_events",
    "chalicelib.http.middleware",
    "chalicelib.http.request_id",
    "chalicelib.settings",
    "chalicelib.settings.hosts",
    "chalicelib.settings.limits",
    "chalicelib.settings.oidc",
    "chalicelib.settings.parsers",
}


@pytest.mark.parametrize("function", ["process_upload", "sweep"])
def test_a_function_that_serves_no_routes_imports_none_at_start(function: str) -> None:
    loaded = modules_loaded_by(f"import os; os.environ['_HANDLER'] = 'app.{function}'; import app")
    modules = {name for name in loaded if name.startswith("chalicelib.")}
    packages = {name for name in modules if any(other.startswith(f"{name}.") for other in modules)}
    assert modules - packages == AT_START_OF_A_FUNCTION - packages
    assert loaded & {"uuid_utils", "hmac", "dataclasses"} == set()


FOR_OTHER_FILES = {
    "PIL",
    "multiprocessing",
    "subprocess",
    "tempfile",
    "zipfile",
    "chalicelib.processors.detection.audio_only",
    "chalicelib.processors.detection.camera_raw",
    "chalicelib.processors.detection.compound_file",
    "chalicelib.processors.detection.zip_types",
    "chalicelib.processors.sandbox.parent",
}


@pytest.mark.parametrize(
    "content", [b"hello\n", b"id,name\n1,a\n2,b\n", bytes(99)], ids=["text", "csv", "unknown"]
)
def test_the_first_file_loads_nothing_that_only_others_need(content: bytes) -> None:
    analyze = f"import io; analyze(io.BytesIO({content!r}), {len(content)})"
    modules = modules_loaded_by(f"from chalicelib.processors.registry import analyze; {analyze}")
    assert modules & FOR_OTHER_FILES == set()


def test_importing_app_loads_no_heavy_library() -> None:
    heavy = {"sqlalchemy", "psycopg2", "alembic", "python_multipart", *PROCESSORS_LIBRARIES}
    loaded = modules_loaded_by("import app")
    assert loaded & heavy == set()
    assert boto3_modules(loaded) == set()


def boto3_modules(loaded: frozenset[str]) -> set[str]:
    return {name for name in loaded if name.startswith(("boto3", "botocore"))}


PROCESSORS_LIBRARIES = frozenset(
    {
        "PIL",
        "backports.zstd",
        "chardet",
        "defusedxml",
        "ijson",
        "olefile",
        "pi_heif",
        "pymediainfo",
        "pypdfium2",
    }
)


@pytest.mark.parametrize(
    ("file", "libraries"),
    [
        (b"plain text", set()),
        ("Grüße, Ärger und Öl. ".encode("latin-1") * 20, {"chardet"}),
        (b"<svg/>", set()),
        (b"%PDF-1.7", set()),  # this and the following are read in another process
        (b"GIF89a\0", set()),
        (b"PK\3\4", set()),
        (b'{"a": 1}', set()),
    ],
)
def test_analyzing_a_file_loads_only_its_processors_libraries(file: bytes, libraries: set[str]) -> None:
    code = f"""
import io
from contextlib import suppress
from chalicelib.core.errors import BadContentError
from chalicelib.processors.registry import analyze
with suppress(BadContentError):
    analyze(io.BytesIO({file!r}), {len(file)})
"""
    assert modules_loaded_by(code) & PROCESSORS_LIBRARIES == libraries


def test_route_that_only_reads_loads_no_boto3() -> None:
    code = """
import os
os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
import app
for path, parameters in (
    ("/api/files", {}),
    ("/api/files/{file_id}", {"file_id": "01930000-0000-7000-8000-000000000000"}),
):
    event = {
        "requestContext": {"httpMethod": "GET", "resourcePath": path, "requestId": "1"},
        "multiValueQueryStringParameters": None,
        "headers": {},
        "pathParameters": parameters,
        "stageVariables": None,
        "body": None,
    }
    assert app.app(event, None)["statusCode"] == 503  # it got as far as the database
"""
    loaded = modules_loaded_by(code)
    assert "psycopg2" in loaded
    assert loaded & {"sqlalchemy", "alembic", "dataclasses"} == set()
    assert boto3_modules(loaded) == set()


def test_an_api_token_loads_no_cryptography() -> None:
    """Only a JSON Web Token needs it, which takes longer to load than the rest of authentication."""
    code = """
import os
os.environ |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing", "AUTH": AUTH}
import app
from chalicelib.core.accounts.api_tokens import generate_token
event = {
    "requestContext": {"httpMethod": "GET", "resourcePath": "/api/files", "requestId": "1"},
    "multiValueQueryStringParameters": None,
    "headers": {"authorization": f"Bearer {generate_token()}"},
    "pathParameters": {},
    "stageVariables": None,
    "body": None,
}
assert app.app(event, None)["statusCode"] == 503  # it got as far as the database
"""
    with_token = modules_loaded_by(code.replace("AUTH}", "'required'}"))
    without = modules_loaded_by(code.replace("AUTH}", "'off'}"))
    adapters = "chalicelib.adapters.postgres"
    assert with_token - without == {f"{adapters}.{name}" for name in ("tokens", "request_rates")}
    assert not any(name.startswith(("cryptography", "jwt")) for name in with_token)


def test_only_a_jwt_that_may_be_the_issuers_loads_what_verifies_it() -> None:
    """Not a text that is none, and not one that names another algorithm."""
    keys = key_set(jwk(rsa_key())).decode()
    code = f"""
import os
os.environ |= {{"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing", "AUTH": "required"}}
os.environ |= {{"OIDC_ISSUER": {ISSUER!r}, "OIDC_AUDIENCE": {AUDIENCE!r}, "OIDC_JWKS": {keys!r}}}
os.environ["OIDC_ALGORITHMS"] = "CHOSEN"
import app
for credential in ("a.b.c", "eyJhbGciOiJub25lIn0.e30.AAAA", {token(claims(exp=1))!r}):
    event = {{
        "requestContext": {{"httpMethod": "GET", "resourcePath": "/api/files", "requestId": "1"}},
        "multiValueQueryStringParameters": None,
        "headers": {{"authorization": "Bearer " + credential}},
        "pathParameters": {{}},
        "stageVariables": None,
        "body": None,
    }}
    response = app.app(event, None)
    assert response["statusCode"] == 401, response
"""
    verified = modules_loaded_by(code.replace("CHOSEN", "RS256"))
    refused = modules_loaded_by(code.replace("CHOSEN", "ES256"))
    assert {"jwt", "cryptography"} <= verified
    assert refused & {"jwt", "cryptography"} == set()
    assert boto3_modules(verified) == set(), "the keys are pinned"


def test_route_that_creates_uploads_loads_what_signs_urls_and_nothing_else() -> None:
    code = """
import os
os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
os.environ["BUCKET"] = "bucket"
import app
event = {
    "requestContext": {"httpMethod": "POST", "resourcePath": "/api/uploads", "requestId": "1"},
    "multiValueQueryStringParameters": None,
    "headers": {"content-type": "application/json"},
    "pathParameters": {},
    "stageVariables": None,
    "body": '{"name": "a.txt", "size": 3}',
    "isBase64Encoded": False,
}
assert app.app(event, None)["statusCode"] == 503  # it got as far as the database
"""
    loaded = modules_loaded_by(code)
    assert {"chalicelib.adapters.s3.presigning", "psycopg2"} <= loaded
    heavy = {"sqlalchemy", "alembic", "http.client", "python_multipart", *PROCESSORS_LIBRARIES}
    assert loaded & heavy == set()
    assert boto3_modules(loaded) == set()


SEND_REQUEST = """
import os
os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
import app
event = {{
    "requestContext": {{"httpMethod": {method!r}, "resourcePath": {path!r}, "requestId": "1"}},
    "multiValueQueryStringParameters": None,
    "headers": {{"content-type": "multipart/form-data; boundary=x"}},
    "pathParameters": {{}},
    "stageVariables": None,
    "body": {body!r},
    "isBase64Encoded": False,
}}
assert app.app(event, None)["statusCode"] == 503  # it got as far as the database
"""
FORM = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello\r\n--x--\r\n'
LIST = SEND_REQUEST.format(method="GET", path="/api/files", body=None)
UPLOAD = SEND_REQUEST.format(method="POST", path="/api/upload", body=FORM)
PROCESSING = """
import os
os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
import app
from chalicelib import container
container.worker()
"""
SWEEP = """
import os
os.environ |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
from contextlib import suppress
from datetime import timedelta
import app
from chalicelib import container
from chalicelib.core.errors import ServiceError
container.build_sweep(lambda: timedelta(minutes=1))
with suppress(ServiceError):
    container.storage().list("uploads/", "")
"""
USE_STORAGE = "from chalicelib import container\ncontainer.storage().warm_up()"


def test_a_first_list_loads_the_adapters_of_its_statement_and_nothing_else() -> None:
    before = modules_loaded_by("import app, psycopg2.extras")
    assert modules_loaded_by(LIST) - before == {
        "chalicelib.adapters.emf_metrics",
        "chalicelib.adapters.postgres",
        "chalicelib.adapters.postgres.auth",
        "chalicelib.adapters.postgres.columns",
        "chalicelib.adapters.postgres.conditions",
        "chalicelib.adapters.postgres.connection",
        "chalicelib.adapters.postgres.connection_pool",
        "chalicelib.adapters.postgres.database",
        "chalicelib.adapters.postgres.deletions",
        "chalicelib.adapters.postgres.errors",
        "chalicelib.adapters.postgres.file_lists",
        "chalicelib.adapters.postgres.files",
        "chalicelib.adapters.postgres.list_conditions",
        "chalicelib.adapters.postgres.mapping",
        "chalicelib.adapters.postgres.quotas",
        "chalicelib.adapters.postgres.usage",
        "chalicelib.core.files.search_terms",
        "chalicelib.core.limits.build_limits",
        "chalicelib.core.limits.check_quotas",
    }


def test_an_upload_loads_little_more_than_a_list() -> None:
    loaded = modules_loaded_by(UPLOAD + USE_STORAGE) - modules_loaded_by(LIST)
    assert "http.client" in loaded
    adapters = {name.partition(".s3.")[2] for name in loaded if name.startswith("chalicelib.adapters.s3.")}
    assert adapters == {
        "addresses",
        "client",
        "connection_pool",
        "errors",
        "multipart",
        "objects",
        "operations",
        "presigning",
        "signed_requests",
        "timeouts",
        "tls",
        "values",
    }
    others = {name for name in loaded if not name.startswith("chalicelib.adapters.s3")} - modules_of_python()
    assert {name for name in others if name.partition(".")[0] not in sys.stdlib_module_names} == {
        "chalicelib.adapters.aws",
        "chalicelib.adapters.aws.credentials",
        "chalicelib.adapters.aws.signature",
        "chalicelib.http.form_data",
        "chalicelib.http.form_delimiters",
        "python_multipart",
        "python_multipart.decoders",
        "python_multipart.exceptions",
        "python_multipart.multipart",
    }


def test_processing_loads_no_routes_no_processor_and_nothing_to_make_dataclasses() -> None:
    loaded = modules_loaded_by("import os; os.environ['_HANDLER'] = 'app.process_upload'\n" + PROCESSING)
    assert {name.partition(".")[0] for name in loaded} - modules_of_python() == {
        "chalice",
        "msgspec",
        "psycopg2",
        "typing_extensions",
        "uuid_utils",
    }
    areas = {".".join(name.split(".")[1:3]) for name in loaded if name.startswith("chalicelib.")}
    assert {area for area in areas if area.startswith(("adapters.", "http.", "processors."))} == {
        "adapters.aws",
        "adapters.emf_metrics",
        "adapters.json_log",
        "adapters.postgres",
        "adapters.s3",
        "http.lambda_events",
        "http.middleware",
        "http.request_id",
        "processors.archives",
        "processors.detection",
        "processors.registry",
        "processors.sandbox",
        "processors.structures",
        "processors.text",
    }
    assert "dataclasses" not in loaded


@pytest.mark.parametrize("code", [UPLOAD, PROCESSING, SWEEP])
def test_what_uses_objects_loads_no_sdk_and_no_other_http_client(code: str) -> None:
    loaded = modules_loaded_by(code + USE_STORAGE)
    assert "http.client" in loaded
    assert boto3_modules(loaded) == set()
    assert {name.partition(".")[0] for name in loaded} & {"urllib3", "requests", "alembic"} == set()


def test_only_the_description_of_the_api_loads_what_builds_it() -> None:
    package = {name for name in modules_loaded_by("import app") if name.startswith("chalicelib.http.openapi")}
    assert package == {
        "chalicelib.http.openapi",
        "chalicelib.http.openapi.responses",
        "chalicelib.http.openapi.routes",
    }


DESCRIPTION_REQUESTED = """
import app
event = {
    "requestContext": {"httpMethod": "GET", "resourcePath": "/api/openapi.json", "requestId": "1"},
    "multiValueQueryStringParameters": None,
    "headers": {},
    "pathParameters": {},
    "stageVariables": None,
    "body": None,
}
assert app.app(event, None)["statusCode"] == 200
"""


def test_request_of_the_description_loads_only_what_builds_it() -> None:
    loaded = modules_loaded_by(DESCRIPTION_REQUESTED) - modules_loaded_by("import app")
    builder = ("document", "error_responses", "examples", "info", "operations", "schemas")
    needed = {*(f"chalicelib.http.openapi.{name}" for name in builder), "chalicelib.http.resources.errors"}
    assert {name for name in loaded if name.startswith("chalicelib.http")} == needed
    assert loaded & {"sqlalchemy", "psycopg2", "alembic", *PROCESSORS_LIBRARIES} == set()
    assert boto3_modules(loaded) == set()


def test_request_of_a_packaged_description_loads_only_the_metrics(tmp_path: Path) -> None:
    copy_app(ROOT, tmp_path)
    write_description(tmp_path)
    loaded_later = modules_loaded_by(DESCRIPTION_REQUESTED, tmp_path) - modules_loaded_by("import app", tmp_path)
    assert loaded_later == {"chalicelib.adapters.emf_metrics"}
