"""What a stage's functions would refuse to start with, or could not do: their settings, before a deployment."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from infra import chalice_project, template_reader
from infra.app_functions import find_invalid_setting
from infra.errors import InfraError
from infra.secrets import UPLOAD_TOKENS
from infra.stages import API_HANDLER, Stage


def check_settings(folder: Path, stage: Stage, functions: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the environment variables of a stage's functions.

    Those of a function that refer to missing environment variables aren't checked: deploying names them.
    """
    refused: dict[str, list[str]] = {}
    for name in functions:
        variables = _variables(folder, stage, name)
        if variables is None:
            continue
        if problem := find_invalid_setting({**variables, "AWS_LAMBDA_FUNCTION_NAME": name}):
            refused.setdefault(problem, []).append(name)
    for problem, names in refused.items():
        yield f"{', '.join(names)} would not start: {problem}"
    if (routes := _variables(folder, stage, API_HANDLER)) is not None:
        if routes.get("AUTH") == "required" and not routes.get("UPLOAD_TOKEN_SECRET"):
            yield (
                f"{API_HANDLER} has no UPLOAD_TOKEN_SECRET, so pages that can't send headers, such as Uppy's, "
                f"can't upload: set it to ${{{UPLOAD_TOKENS}}} in .chalice/config.json, with the stack secrets"
            )
        yield from _check_origins(stage, routes.get("CORS_ORIGINS", "").split())


def _check_origins(stage: Stage, callers: Sequence[str]) -> Iterator[str]:
    """Yield pages that may use only one of the API and the bucket, where uploading takes both."""
    uploaders = [each.strip() for each in stage.parameters.get("AllowedOrigins", "*").split(",")]
    if "*" in uploaders:
        return
    if not callers:
        yield f"no page may call the API: add {', '.join(uploaders)} to CORS_ORIGINS, as in AllowedOrigins"
    for origin in callers:
        if origin not in uploaders:
            yield f"pages of {origin} (CORS_ORIGINS) may not upload to the bucket: add it to AllowedOrigins"


def _variables(folder: Path, stage: Stage, function: str) -> dict[str, str] | None:
    """Return a function's environment variables, None if they refer to environment variables that are missing."""
    configured = chalice_project.function_config(folder, stage.name, function).environment_variables
    values = assume_outputs(stage, chalice_project.find_placeholders(configured))
    try:
        rendered: dict[str, str] = chalice_project.render(
            configured, {**values, **os.environ, "Stage": stage.name}
        )
    except InfraError:
        return None
    return rendered


def assume_outputs(stage: Stage, placeholders: Iterable[str]) -> dict[str, str]:
    """Return values with which the functions start, for what is known only when the stage's stacks exist.

    That is the stage's parameter, the default of the template's, or any text, long enough for a secret.
    Placeholders in capitals are environment variables, and are left out.
    """
    values = {name: f"{name}-" * 8 for name in placeholders if not name.isupper()}
    for template in stage.stacks:
        parameters = template_reader.read(template).get("Parameters", {})
        values |= {name: str(each["Default"]) for name, each in parameters.items() if "Default" in each}
    return {**values, **stage.parameters}
