"""docker-compose.yml, .env.example and the Dockerfile are consistent."""

import re
from pathlib import Path

import yaml
from packaging.utils import canonicalize_name

from tests.unit.imports import distributions, third_party_imports

ROOT = Path(__file__).parents[2]

COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


def test_env_example_has_every_variable_with_its_default() -> None:
    used = re.findall(r"\$\{(\w+)(?::-([^}]*))?\}", COMPOSE)
    shown = re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE)
    assert set(used) - {("COMPOSE_PROJECT_NAME", "")} == set(shown)  # which compose sets itself
    assert len(shown) == len(dict(shown))


def test_every_image_is_pinned_and_every_server_has_a_health_check() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    assert images == {
        "postgres": "postgres:17",
        "localstack": "localstack/localstack:4.14.0",
        "reaper": re.findall(r"^FROM (\S+)$", DOCKERFILE, re.MULTILINE)[0],
        "deploy": "file-loader-compose",
        "api": "file-loader-compose",
    }
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == {"deploy", "reaper"}


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
        name: port.rpartition("}:${")[0] for name, service in SERVICES.items() for port in service.get("ports", [])
    }
    assert addresses == {"api": "${BIND_ADDRESS:-127.0.0.1", "localstack": "${LOCALSTACK_BIND_ADDRESS:-127.0.0.1"}


def test_image_has_every_package_that_its_commands_import() -> None:
    """Each is named in the Dockerfile or requirements.txt, not left to another package's dependencies."""
    listed = re.search(r"RUN pip install .* -c constraints\.txt \\\n(.+)$", DOCKERFILE, re.MULTILINE)
    assert listed is not None
    deployed = re.findall(r"^[\w-]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    # boto3 is made of botocore.
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
