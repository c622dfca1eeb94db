"""A MiniStack that the service is deployed to.

MiniStack can't import REST APIs (relay.py responds instead), so deployed routes are tested in docker compose. It
has no RDS Proxy, so the database is the test's own.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from sqlalchemy import make_url

from chalicelib.core.limits.build_limits import NAMES as LIMITS
from chalicelib.settings import variables
from emulator.ministack import SERVICES, MiniStack
from emulator.postgres import APP_ROLE
from infra import deployment as deployment_module
from infra.chalice_project import PROJECT_ROOT
from infra.deployment import Deployment
from infra.packaging.archive import write_archive
from infra.packaging.bytecode import compile_tree
from infra.packaging.sources import copy_app
from infra.stages import Stage
from tests.conftest import empty_database
from tests.integration.ministack_proxy import MiniStackProxy, proxy_to

NEWEST = max(path.name for path in (PROJECT_ROOT / "chalicelib" / "migrations" / "versions").glob("0*.py"))[:4]
"""The database version after all migrations."""


@pytest.fixture(scope="package")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStackProxy]:
    services = f"{SERVICES},cloudformation,apigateway,ec2,sns,cloudwatch,secretsmanager"
    directory = tmp_path_factory.mktemp("deployment")
    with MiniStack(directory, port=0, services=services) as server, proxy_to(server.url) as relay:
        yield relay


@pytest.fixture(scope="session")
def small_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of the service's own code. MiniStack runs functions with the libraries that are installed here, so
    that those of the whole package would only make each deployment slower: it is sent for each function, and
    unpacked for each one that runs. tests/integration/package runs the whole package without other libraries."""
    folder = tmp_path_factory.mktemp("package")
    tree = folder / "tree"
    tree.mkdir()
    copy_app(PROJECT_ROOT, tree)
    compile_tree(tree)
    write_archive(tree, folder / "small.zip")
    return folder / "small.zip"


@dataclass
class Target:
    """The MiniStack, the database and the deployment of a test."""

    deployment: Deployment
    relay: MiniStackProxy
    database_url: str
    reported: list[str]
    """Lines that the deployment printed."""

    def client(self, service: str) -> Any:
        return self.deployment.session.client(service)  # type: ignore[call-overload]  # any service

    def functions(self) -> set[str]:
        return {function["FunctionName"] for function in self.client("lambda").list_functions()["Functions"]}

    def apis(self) -> list[str]:
        return [api["id"] for api in self.client("apigateway").get_rest_apis()["items"]]


@pytest.fixture
def target(
    relay: MiniStackProxy, postgres_url: str, small_package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Target]:
    def copy_package(_project: Path, _architecture: str, destination: Path) -> Path:
        destination.parent.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(small_package, destination))

    monkeypatch.setattr(deployment_module, "build_package", copy_package)
    monkeypatch.setattr(deployment_module, "BUILD_DIR", tmp_path)
    with empty_database(postgres_url) as url:
        app_url = make_url(url).set(username=APP_ROLE).render_as_string()
        environment = {"AWS_ENDPOINT_URL": relay.url, "DATABASE_URL": app_url, "MIGRATION_DATABASE_URL": url}
        environment["AUTH"] = "off"
        environment["CORS_ORIGINS"] = "https://app.example https://b.example"
        copied = [
            name
            for name in (variable.name for variable in variables().values())
            if name.startswith(("OIDC_", "MALWARE_", "CLAMAV_", "UPLOAD_TOKEN_"))
        ]
        copied += [*(name.upper() for name in LIMITS), "OWNER_LIMITS"]
        for name in ("LAMBDA_PUBLIC_URL", "LAMBDA_S3_PUBLIC_URL", "DEFAULT_OWNER", "MAX_UPLOAD_BYTES", *copied):
            environment[name] = ""
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        reported: list[str] = []
        yield Target(deployment(Stage.load("localstack"), reported), relay, url, reported)


def deployment(stage: Stage, reported: list[str]) -> Deployment:
    return Deployment(boto3.session.Session(), stage, reported.append, poll_seconds=0.1)
