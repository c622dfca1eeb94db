"""One docker compose project for all tests of this folder, if Docker is available."""

import socket
from collections.abc import Iterator

import pytest

from tests.compose.project import Engine, Project, create_orphaned_container, is_docker_available, running


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine's state before the tests."""
    if not is_docker_available():
        pytest.skip("Docker with compose is not available: docker-compose.yml was NOT tested")
    return Engine.now()


@pytest.fixture(scope="session")
def orphaned_container(engine: Engine) -> str:  # noqa: ARG001  # skips if there is none
    """The name of a function's container, as of a killed run, that exists before the project starts."""
    return create_orphaned_container()


@pytest.fixture(scope="session")
def project(engine: Engine, orphaned_container: str) -> Iterator[Project]:  # noqa: ARG001  # exists first
    with running(_free_port(), _free_port()) as project:
        yield project
        for number in range(8):  # so that functions are just starting when everything is removed
            project.client.upload_form(f"{number}.txt", b"the last ones")
    assert engine.list_leftovers() == {"containers": [], "networks": [], "volumes": [], "images": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
