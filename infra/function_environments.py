"""The environment variables of functions that exist, updated before their code.

Chalice updates a function's code first and its configuration after that. For a moment the new code would run with
the deployed environment, which may lack new settings and have others by their earlier names.
"""

from collections.abc import Mapping
from pathlib import Path

import boto3

from infra import chalice_project
from infra.app_functions import function_names
from infra.renamed_settings import merge_variables
from infra.stages import Stage


def add_new_variables(session: boto3.session.Session, stage: Stage, project: Path) -> list[str]:
    """Add the project's environment variables to those of the stage's functions, and return which have changed.

    Nothing is removed, because the deployed code may need it. Chalice removes it when it has updated the code.
    `project` is the folder that infra.chalice_project has assembled.
    """
    changed = []
    for name in function_names():
        new = chalice_project.function_config(project, stage.name, name).environment_variables
        if _add_variables(session, stage.function_name(name), new):
            changed.append(name)
    return changed


def _add_variables(session: boto3.session.Session, function: str, new: Mapping[str, str]) -> bool:
    client = session.client("lambda")
    waiter = client.get_waiter("function_updated_v2")
    try:
        client.get_function_configuration(FunctionName=function)
    except client.exceptions.ResourceNotFoundException:
        return False  # Chalice creates it with both
    waiter.wait(FunctionName=function)  # an interrupted run may have left an update in progress
    deployed = client.get_function_configuration(FunctionName=function).get("Environment", {}).get("Variables", {})
    merged = merge_variables(deployed, new)
    if merged == deployed:
        return False  # each update costs a cold start
    client.update_function_configuration(FunctionName=function, Environment={"Variables": merged})
    waiter.wait(FunctionName=function)
    return True
