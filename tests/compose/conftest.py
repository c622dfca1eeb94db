"""One docker compose for all tests of this folder, where there is a Docker."""

import socket
from collections.abc import Iterator

import pytest

from tests.compose.project import Engine, Project, docker_answers, leave_a_functions_container, running


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine before anything was done with it."""
    if not docker_answers():
        pytest.skip("no Docker engine with compose answers here: docker-compose.yml was NOT tested")
    return Engine.now()


@pytest.fixture(scope="session")
def of_a_killed_run(engine: Engine) -> str:  # noqa: ARG001  # makes sure that there is one
    """The name of a function's container that was there before the project."""
    return leave_a_functions_container()


@pytest.fixture(scope="session")
def project(engine: Engine, of_a_killed_run: str) -> Iterator[Project]:  # noqa: ARG001  # is there first
    with running(_free_port(), _free_port()) as project:
        yield project
        for number in range(8):  # functions are just being started when everything is taken down
            project.client.upload(f"{number}.txt", b"the last ones")
    assert engine.left_over() == {"containers": [], "networks": [], "volumes": [], "images": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
