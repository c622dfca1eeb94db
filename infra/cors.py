"""The origins of web pages, which the routes, the bucket and API Gateway's own responses allow alike."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from infra import chalice_project
from infra.stages import API_HANDLER, Stage


def read_origins(project: Path, stage: str, values: Mapping[str, str]) -> list[str]:
    """Return the setting CORS_ORIGINS of the stage's routes.

    `project` has `.chalice`, in whose strings each ${Name} is one of `values` or an environment variable. Raises
    InfraError for another.
    """
    return _read_setting("CORS_ORIGINS", project, stage, values)


def read_page_origins(project: Path, stage: str, values: Mapping[str, str], url: str) -> list[str]:
    """Return the origins of the service's own page: that of the API's URL, and those of its setting PUBLIC_URL."""
    urls = [url, *_read_setting("PUBLIC_URL", project, stage, values)]
    return list(dict.fromkeys("{0.scheme}://{0.netloc}".format(urlsplit(each)) for each in urls))


def bucket_parameter(stage: Stage, origins: Sequence[str]) -> dict[str, str]:
    """Return the template's parameter that lets pages of these origins upload; none if the stage sets its own."""
    return {} if "AllowedOrigins" in stage.parameters else {"AllowedOrigins": ",".join(origins)}


def _read_setting(name: str, project: Path, stage: str, values: Mapping[str, str]) -> list[str]:
    variables = chalice_project.function_config(project, stage, API_HANDLER).environment_variables
    return str(chalice_project.render(variables.get(name, ""), {**os.environ, **values})).split()
