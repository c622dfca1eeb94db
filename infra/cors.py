"""The origins of web pages, which the routes, the bucket and API Gateway's own responses allow alike."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra import chalice_project
from infra.stages import API_HANDLER, Stage


def read_origins(project: Path, stage: str, values: Mapping[str, str]) -> list[str]:
    """Return the setting CORS_ORIGINS of the stage's routes.

    `project` has `.chalice`, in whose strings each ${Name} is one of `values` or an environment variable. Raises
    InfraError for another.
    """
    variables = chalice_project.function_config(project, stage, API_HANDLER).environment_variables
    return str(chalice_project.render(variables.get("CORS_ORIGINS", ""), {**os.environ, **values})).split()


def bucket_parameter(stage: Stage, origins: Sequence[str]) -> dict[str, str]:
    """Return the template's parameter that lets pages of these origins upload; none if the stage sets its own."""
    return {} if "AllowedOrigins" in stage.parameters else {"AllowedOrigins": ",".join(origins)}
