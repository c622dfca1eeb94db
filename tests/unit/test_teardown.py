"""Deleting a stage of which not everything exists."""

import pytest

from infra.app_functions import find_invalid_setting, function_names
from infra.chalice_project import PROJECT_ROOT, find_all_placeholders, function_config, render
from infra.stages import Stage
from infra.teardown import complete_values


@pytest.mark.parametrize("name", ["prod", "localstack"])
def test_app_can_be_imported_to_delete_a_stage_without_outputs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chalice imports it, with the settings of a function."""
    for placeholder in find_all_placeholders():
        monkeypatch.delenv(placeholder, raising=False)
    values = complete_values(Stage.load(name), {"Stage": name})
    for function in function_names():
        variables = function_config(PROJECT_ROOT, name, function).environment_variables
        assert find_invalid_setting(render(variables, values)) is None, function


def test_known_values_and_the_environment_come_before_assumed_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example")
    values = complete_values(Stage.load("prod"), {"BucketName": "files"})
    assert (values["BucketName"], values["CORS_ORIGINS"]) == ("files", "https://app.example")
