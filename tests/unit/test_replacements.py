"""An upgrade replaces no resource: properties that CloudFormation can't update in place keep their values.

The values are recorded in create_only_properties.json, by template and logical name. If a resource is to be
replaced, change the record too, and say in docs/how-to/upgrade.md what that interrupts and what it deletes.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TEMPLATES = Path(__file__).parents[2] / "infra" / "templates"
RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("create_only_properties.json").read_text())
REGION = "us-east-1"


@pytest.mark.parametrize("name", sorted(path.stem for path in TEMPLATES.glob("*.yaml")))
def test_upgrade_replaces_no_resource(name: str) -> None:
    from cfnlint.decode.cfn_yaml import load  # type: ignore[import-untyped]  # ships no types; takes half a second

    assert replacement_properties(load(str(TEMPLATES / f"{name}.yaml"))) == RECORDED[name]


def test_every_recorded_template_exists() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.yaml")} == set(RECORDED)


def test_security_group_descriptions_and_physical_names_are_recorded() -> None:
    """The comparison finds nothing where cfn-lint's schemas lack the property."""
    network, database = RECORDED["network"]["Resources"], RECORDED["database"]["Resources"]
    assert network["ProxyGroup"]["GroupDescription"] == "file-loader RDS Proxy, from the functions to the database"
    assert network["Vpc"]["CidrBlock"] == {"Ref": "VpcCidr"}
    assert RECORDED["network"]["Parameters"]["VpcCidr"] == "10.42.0.0/16"
    assert database["Database"]["DBInstanceIdentifier"] == {"Fn::Sub": "file-loader-${Stage}"}
    assert database["Database"]["Engine"] == "postgres"
    assert database["ParameterGroup"]["Description"] == {"Fn::Sub": "file-loader-${Stage}"}
    assert RECORDED["storage"]["Resources"]["Bucket"]["BucketName"] == {"Ref": "BucketName"}


def replacement_properties(template: Any) -> dict[str, Any]:
    """Return each resource's type and the properties whose change replaces it, and the parameters they use."""
    resources = {}
    for name, resource in template["Resources"].items():
        resources[name] = {"Type": resource["Type"], **dict(_create_only(resource))}
    used = json.dumps(resources)
    parameters = {
        name: parameter["Default"]
        for name, parameter in template["Parameters"].items()
        if "Default" in parameter and (f'"Ref": "{name}"' in used or f"${{{name}}}" in used)
    }
    document: dict[str, Any] = json.loads(json.dumps({"Parameters": parameters, "Resources": resources}))
    return document


def _create_only(resource: Any) -> Iterator[tuple[str, Any]]:
    """Yield the properties that the resource has, of those that can't be updated, always or in some cases.

    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
    """
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource["Type"]).schema
    pointers = [*schema.get("createOnlyProperties", []), *schema.get("conditionalCreateOnlyProperties", [])]
    for pointer in pointers:
        path = pointer.removeprefix("/properties/").replace("/properties/", "/").split("/")
        value = resource.get("Properties", {})
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            yield ".".join(path), value
