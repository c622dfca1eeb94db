"""docker-compose.yml and .env.example, side by side."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]

COMPOSE = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()


def test_the_example_shows_every_variable_with_its_default() -> None:
    asked = re.findall(r"\$\{(\w+)(?::-([^}]*))?\}", COMPOSE)
    shown = re.findall(r"^(\w+)=(.*)$", EXAMPLE, re.MULTILINE)
    assert set(asked) - {("COMPOSE_PROJECT_NAME", "")} == set(shown)  # which compose sets itself
    assert len(shown) == len(dict(shown))


def test_every_image_is_pinned_and_every_server_has_a_health_check() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    images = {name: service["image"] for name, service in services.items() if "build" not in service}
    assert images == {"postgres": "postgres:17", "localstack": "localstack/localstack:4.14.0"}
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"deploy", "reaper"}


def test_the_database_is_the_version_that_runs_on_aws() -> None:
    template = (ROOT / "infra" / "templates" / "database.yaml").read_text()
    assert re.search(r'EngineVersion:\n(?:    .*\n)*?    Default: "17"', template)
