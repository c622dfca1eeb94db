"""The policies of functions that exist, extended before their settings and their code change.

Chalice updates one function after another: its policy, its code, its settings. New settings may need permissions
that the deployed policy lacks, such as another login of the database, and the deployed settings may need some that
the new policy lacks. While a deployment changes one for the other, a role has both policies.
"""

from pathlib import Path

import boto3

from infra import chalice_project
from infra.app_functions import function_names
from infra.stages import APP_NAME, Stage

SUFFIX = "-next"
"""Of the additional policy's name. Chalice names a role's policy like the role."""


def add_new_policies(session: boto3.session.Session, stage: Stage, project: Path) -> None:
    """Add the project's policies to the roles that exist, beside the deployed ones.

    `project` is the folder that infra.chalice_project has assembled.
    """
    client = session.client("iam")
    for name in function_names():
        role = role_name(stage, name)
        policy = chalice_project.policy_path(project, stage.name, name).read_text()
        try:
            client.put_role_policy(RoleName=role, PolicyName=role + SUFFIX, PolicyDocument=policy)
        except client.exceptions.NoSuchEntityException:
            continue  # Chalice creates it with the policy


def remove_added_policies(session: boto3.session.Session, stage: Stage) -> None:
    """Remove what `add_new_policies` has added, in this deployment or in one that failed."""
    client = session.client("iam")
    for name in function_names():
        role = role_name(stage, name)
        try:
            client.delete_role_policy(RoleName=role, PolicyName=role + SUFFIX)
        except client.exceptions.NoSuchEntityException:
            continue


def role_name(stage: Stage, function: str) -> str:
    """Return the name that Chalice gives to a function's role, and to the role's policy."""
    return f"{APP_NAME}-{stage.name}-{function}"
