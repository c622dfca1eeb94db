"""docker-compose.yml, .env.example and the Dockerfile are consistent."""

import json
import re
from pathlib import Path

import pytest
import yaml
from packaging.utils import canonicalize_name

from app import app
from chalicelib.adapters import clamav
from chalicelib.core.uploads.limits import MAX_PUT_BYTES
from chalicelib.settings import RENAMED_VARIABLES, InvalidSettingError, from_environ, variables
from infra.renamed_settings import RENAMED_PLACEHOLDERS, check_environment
from tests.unit.imports import distributions, third_party_imports

ROOT = Path(__file__).parents[2]

COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
"""A variable that compose replaces, and its default."""


EARLIER_NAMES = {*RENAMED_VARIABLES, *RENAMED_PLACEHOLDERS}
"""Names that only lead to an error."""


def test_containers_reach_each_other_without_the_proxy_that_docker_gives_them() -> None:
    """Docker sets the proxies of ~/.docker/config.json in each container."""
    for name, service in SERVICES.items():
        environment = service.get("environment", {})
        if "AWS_ENDPOINT_URL" in environment:
            assert environment["NO_PROXY"] == environment["no_proxy"], name
            assert {"localstack", "localhost", "127.0.0.1"} <= set(environment["NO_PROXY"].split(",")), name


def test_env_example_has_every_variable_with_its_default() -> None:
    """An empty one of compose leaves the service's own default."""
    defaults = {variable.name: variable.default for variable in variables().values()}
    used = {
        (name, default or defaults.get(name, ""))
        for name, default in VARIABLE.findall(COMPOSE)
        if name not in EARLIER_NAMES
    }
    shown = re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE)
    assert used - {("COMPOSE_PROJECT_NAME", "")} == set(shown)  # which compose sets itself
    assert len(shown) == len(dict(shown))


def interpolate(service: str, environ: dict[str, str]) -> dict[str, str]:
    """Return the environment of a service's container, given the variables in `.env`."""
    return {
        name: VARIABLE.sub(lambda match: environ.get(match[1]) or match[2] or "", str(value))
        for name, value in SERVICES[service]["environment"].items()
    }


@pytest.mark.parametrize("service", ["deploy", "api"])
@pytest.mark.parametrize(("old", "value"), [("OWNER", "alice"), ("DIRECT_LIMIT", "1000")])
def test_earlier_name_in_env_file_stops_the_service(service: str, old: str, value: str) -> None:
    new = RENAMED_VARIABLES[old]
    with pytest.raises(InvalidSettingError, match=f"{old} is now called {new}; set {new} instead"):
        from_environ(interpolate(service, {old: value}))
    with_both = from_environ(interpolate(service, {old: value, new: "1234"}))
    assert with_both == from_environ(interpolate(service, {new: "1234"}))


@pytest.mark.parametrize("old", RENAMED_PLACEHOLDERS)
def test_earlier_name_in_env_file_stops_the_deployment(old: str) -> None:
    [problem] = check_environment(interpolate("deploy", {old: "http://localhost:4566"}))
    assert problem.startswith(f"{old} is now called {RENAMED_PLACEHOLDERS[old]}")


def test_env_file_is_optional() -> None:
    assert list(check_environment(interpolate("deploy", {}))) == []
    for service in ("deploy", "api"):
        settings = from_environ(interpolate(service, {}))
        assert (settings.default_owner, settings.max_upload_bytes) == ("everyone", 4_600_000)


def test_every_image_is_pinned_and_every_server_has_a_health_check() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    assert images == {
        "postgres": "postgres:17",
        "localstack": "localstack/localstack:4.14.0",
        "clamav": "clamav/clamav:1.4.3",
        "reaper": re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)[0],
        "deploy": "file-loader-compose",
        "api": "file-loader-compose",
    }
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"deploy", "reaper"}


def test_the_health_check_of_the_routes_needs_no_token() -> None:
    """With AUTH=required it would never be healthy, and `docker compose up --wait` would fail."""
    [path] = re.findall(r"http://127\.0\.0\.1:8000([^']*)'", SERVICES["api"]["healthcheck"]["test"])
    operation = getattr(app.routes[path]["GET"].view_function, "operation", None)
    assert operation is not None
    assert operation.scope is None


def test_web_pages_are_built_on_the_image_of_the_service() -> None:
    """In a stage of its own, because what builds them is larger than the service."""
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(images) == 2
    assert len(set(images)) == 1
    copied = re.search(r"--from=web /app/(\S+) (\S+)$", DOCKERFILE, re.MULTILINE)
    assert copied is not None
    assert copied.groups() == ("chalicelib/web", "chalicelib/web")


def test_image_has_no_web_pages_of_an_earlier_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored.index("chalicelib/web") > ignored.index("!chalicelib")
    assert ignored.index("web/node_modules") > ignored.index("!web")


def test_localstack_gets_parts_only_of_files_that_one_request_cannot_hold() -> None:
    """It refuses parts without a checksum of an upload whose checksum was announced. S3 and `make run` don't."""
    stage = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]["localstack"]
    for environment in (SERVICES["api"]["environment"], stage["environment_variables"]):
        assert int(environment["MULTIPART_THRESHOLD_BYTES"]) == MAX_PUT_BYTES


def test_only_one_service_builds_the_image() -> None:
    """Each service that builds creates an image under the same name: the next command would replace the others."""
    assert [name for name, service in SERVICES.items() if "build" in service] == ["deploy"]
    assert [name for name, service in SERVICES.items() if service.get("pull_policy") == "never"] == ["api"]


def test_localstacks_dependency_uses_no_built_image() -> None:
    """A new image would replace it, then LocalStack: the bucket would be lost, PostgreSQL's rows would stay."""
    assert SERVICES["localstack"]["depends_on"] == ["reaper"]
    assert "build" not in SERVICES["reaper"]
    assert "./infra/compose_reaper.py:/compose_reaper.py:ro" in SERVICES["reaper"]["volumes"]
    assert third_party_imports([ROOT / "infra" / "compose_reaper.py"]) == set()


def test_routes_and_localstack_have_separate_bind_addresses() -> None:
    addresses = {
        name: port.partition(":${")[0] for name, service in SERVICES.items() for port in service.get("ports", [])
    }
    assert addresses == {
        "api": "${BIND_ADDRESS:-127.0.0.1}",
        "localstack": "${LOCALSTACK_BIND_ADDRESS:-127.0.0.1}",
        "clamav": "127.0.0.1",
    }


def test_whoever_opens_the_routes_needs_authentication_too() -> None:
    """The service checks it (chalicelib/settings), and refuses to start or, behind LocalStack, to be deployed."""
    for name, published_by in (("api", "api"), ("deploy", "localstack")):
        environment = SERVICES[name]["environment"]
        assert environment["AUTH"] == "${AUTH:-off}"
        [port] = SERVICES[published_by]["ports"]
        assert environment["BIND_ADDRESS"] == port.partition(":${")[0]


def test_localstack_keeps_refusing_web_pages() -> None:
    """It refuses unknown origins unless a variable such as DISABLE_CORS_CHECKS says otherwise."""
    assert [name for name in SERVICES["localstack"]["environment"] if "CORS" in name] == []


def test_routes_know_the_host_names_by_which_they_are_called() -> None:
    """From this machine and from another container; others are refused (chalicelib/http/host_check.py)."""
    urls = SERVICES["api"]["environment"]["PUBLIC_URL"].split()
    assert urls == ["http://${PUBLIC_HOST:-localhost}:${PORT:-8000}", "http://api:8000"]


def test_image_has_every_package_that_its_commands_import() -> None:
    """Each is named in the Dockerfile or requirements.txt, not left to another package's dependencies."""
    listed = re.search(r"RUN pip install .* -c constraints\.txt \\\n(.+)$", DOCKERFILE, re.MULTILINE)
    assert listed is not None
    deployed = re.findall(r"^[\w-]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    # boto3 is built on botocore.
    named = {canonicalize_name(name) for name in [*listed[1].split(), *deployed, "botocore"]}
    for module in third_party_imports([*(ROOT / "infra").rglob("*.py"), *_served_modules()]):
        assert distributions(module) <= named, module


def _served_modules() -> set[Path]:
    """Return the files of emulator.serve and of what it imports from the emulator."""
    files: set[Path] = set()
    waiting = {"serve"}
    while waiting:
        path = ROOT / "emulator" / f"{waiting.pop()}.py"
        if path not in files:
            files.add(path)
            waiting |= set(re.findall(r"^from emulator\.(\w+) import", path.read_text(), re.MULTILINE))
    return files


def test_image_holds_the_routes_server() -> None:
    assert SERVICES["api"]["command"].startswith("python -m emulator.serve --host 0.0.0.0 --port 8000")
    assert "!emulator" in (ROOT / ".dockerignore").read_text().splitlines()


def test_postgres_has_the_version_that_runs_on_aws() -> None:
    template = (ROOT / "infra" / "templates" / "database.yaml").read_text()
    assert re.search(r'EngineVersion:\n(?:    .*\n)*?    Default: "17"', template)


@pytest.mark.parametrize("service", ["deploy", "api"])
def test_clamav_scans_files_where_its_profile_is_used(service: str) -> None:
    assert SERVICES["clamav"]["profiles"] == ["clamav"]
    settings = from_environ(interpolate(service, {"MALWARE_SCAN": "clamav"}))
    assert (settings.malware_scan, settings.clamav_address) == ("clamav", ("clamav", 3310))
    assert from_environ(interpolate(service, {})).malware_scan == "off"


def test_clamav_does_not_report_what_it_has_not_scanned_as_clean() -> None:
    lines = (ROOT / "infra" / "clamd.conf").read_text().splitlines()
    options = dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))
    assert (options["AlertExceedsMax"], options["AlertEncrypted"]) == ("yes", "yes")
    assert options["StreamMaxLength"] == options["MaxFileSize"]
    assert int(options["MaxScanTime"]) < 1000 * clamav.SECONDS
    assert "./infra/clamd.conf:/etc/clamav/clamd.conf:ro" in SERVICES["clamav"]["volumes"]


def test_settings_of_jwts_reach_the_routes_and_the_deployed_functions() -> None:
    stage = json.loads((ROOT / ".chalice" / "config.json").read_text())["stages"]["localstack"]
    names = {variable.name for variable in variables().values() if variable.name.startswith("OIDC_")}
    for name in names - {"OIDC_JWKS_IN_BUCKET"}:  # a function reads them from the bucket, as on AWS
        assert SERVICES["api"]["environment"][name] == SERVICES["deploy"]["environment"][name] == f"${{{name}:-}}"
        assert stage["environment_variables"][name] == f"${{{name}}}"
