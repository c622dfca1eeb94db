"""docker compose, run as a user would."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

from tests.acceptance.client import Client

REPOSITORY = Path(__file__).parents[2]
DOCKER = shutil.which("docker") or "docker is not installed"
NAME = "file-loader-compose-test"
CORS_ORIGINS = "https://app.example http://localhost:3000"
START_SECONDS = 900
"""The first start pulls and builds images."""


@dataclass(frozen=True)
class Project:
    """The running project, on ports of this machine."""

    port: int
    localstack_port: int

    @property
    def client(self) -> Client:
        return Client(f"http://localhost:{self.port}")

    @property
    def deployed(self) -> Client:
        """The same app as a function behind LocalStack's API Gateway."""
        return Client(f"http://{self.localstack}/_aws/execute-api/file-loader/v1")

    @property
    def localstack(self) -> str:
        return f"localhost:{self.localstack_port}"

    def compose(self, *arguments: str) -> str:
        """Run a docker compose command and return its output."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        run = subprocess.run(
            [DOCKER, "compose", "--project-name", NAME, "--env-file", "/dev/null", *arguments],
            cwd=REPOSITORY,
            env=environment
            | {"PORT": str(self.port), "LOCALSTACK_PORT": str(self.localstack_port), "CORS_ORIGINS": CORS_ORIGINS},
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert run.returncode == 0, f"docker compose {' '.join(arguments)}:\n{run.stdout}{run.stderr}"
        return run.stdout

    def in_container(self, code: str) -> str:
        """Run Python code in the routes' container and return its output."""
        return self.compose("exec", "-T", "api", "python", "-c", code)

    def containers(self, *services: str) -> list[str]:
        """Return the ids of the services' containers."""
        return self.compose("ps", "--quiet", *services).split()

    def start(self) -> None:
        """Start it as a user does after a change."""
        self.compose("up", "--detach", "--build", "--wait")

    def logs(self) -> str:
        return self.compose("logs", "--no-color")


def is_docker_available() -> bool:
    """Return whether a Docker engine responds and compose is installed."""
    try:
        for command in ([DOCKER, "version"], [DOCKER, "compose", "version"]):
            subprocess.run(command, capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


@contextmanager
def running(port: int, localstack_port: int) -> Iterator[Project]:
    """Run the project, and remove it and everything that it created at the end."""
    project = Project(port, localstack_port)
    try:
        try:
            project.start()
        except AssertionError as error:
            raise AssertionError(f"{error}\n{project.logs()}") from None
        yield project
    finally:
        project.compose("down", "--volumes")


@dataclass(frozen=True)
class Engine:
    """The volumes and images of the Docker engine at one moment."""

    volumes: frozenset[str]
    images: frozenset[str]

    @classmethod
    def now(cls) -> Self:
        return cls(
            frozenset(_docker("volume", "ls", "--quiet")),
            frozenset(_docker("images", "--quiet", "--no-trunc")),
        )

    def list_leftovers(self) -> dict[str, list[str]]:
        """Return what still exists of the project and of its LocalStack's containers, and all volumes and unnamed
        images that were created since, because they don't show where they come from.

        An image that lost its name to a newer one existed before.
        """
        label = f"label=com.docker.compose.project={NAME}"
        unnamed = _docker("images", "--quiet", "--no-trunc", "--filter", "dangling=true")
        return {
            "containers": _docker("ps", "--all", "--quiet", "--filter", f"name={NAME}"),
            "networks": _docker("network", "ls", "--quiet", "--filter", label),
            "volumes": sorted(set(_docker("volume", "ls", "--quiet")) - self.volumes),
            "images": sorted(set(unnamed) - self.images),
        }


def create_orphaned_container() -> str:
    """Create a container such as LocalStack leaves when it is killed, and return its name."""
    name = f"{NAME}-localstack-1-lambda-file-loader-localstack-{uuid4().hex}"
    _docker("create", "--name", name, "python:3.13-slim")
    return name


def exists(container: str) -> bool:
    """Return whether a container of this name exists."""
    return bool(_docker("ps", "--all", "--quiet", "--filter", f"name=^/?{container}$"))


def list_published_addresses() -> list[str]:
    """Return the addresses on this machine on which the project's containers can be reached."""
    containers = _docker("ps", "--quiet", "--filter", f"name={NAME}")
    bound = json.loads("\n".join(_docker("inspect", *containers)))
    return [
        address["HostIp"]
        for container in bound
        for addresses in container["NetworkSettings"]["Ports"].values()
        for address in addresses or []
    ]


def _docker(*arguments: str) -> list[str]:
    run = subprocess.run([DOCKER, *arguments], capture_output=True, text=True, timeout=60, check=True)
    return run.stdout.split("\n") if arguments[0] == "inspect" else run.stdout.split()
