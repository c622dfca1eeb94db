"""One docker compose for all tests of this folder, where there is a Docker."""

import socket
from collections.abc import Iterator

import pytest

from tests.compose.project import Project, docker_answers, left_over, running


@pytest.fixture(scope="session")
def project() -> Iterator[Project]:
    if not docker_answers():
        pytest.skip("no Docker engine with compose answers here: docker-compose.yml was NOT tested")
    with running(_free_port(), _free_port()) as project:
        yield project
        for number in range(8):  # functions are just being started when everything is taken down
            project.client.upload(f"{number}.txt", b"the last ones")
    assert left_over() == {"containers": [], "volumes": [], "networks": []}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
