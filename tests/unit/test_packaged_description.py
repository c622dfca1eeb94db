"""The API's description in a package: where it comes from, and what is refused."""

import json
from pathlib import Path

import pytest

from infra.chalice_project import PROJECT_ROOT
from infra.errors import InfraError
from infra.packaging.description import DESCRIPTION, write_description

APP = """
import json
from pathlib import Path

def app(event, context):
    assert event["requestContext"]["resourcePath"] == "/api/openapi.json"
    found = Path("chalicelib/http/openapi/document.json")
    body = found.read_text() if found.exists() else '{"info": "Größe", "servers": [{"url": "http://127.0.0.1"}]}'
    return {"statusCode": 200, "body": body}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / DESCRIPTION).parent.mkdir(parents=True)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


def test_description_is_the_apps_response_without_servers(tree: Path) -> None:
    write_description(tree)
    assert (tree / DESCRIPTION).read_bytes() == '{"info":"Größe","servers":[]}'.encode()


def test_older_description_is_replaced(tree: Path) -> None:
    (tree / DESCRIPTION).write_text('{"info": "old"}')
    write_description(tree)
    assert json.loads((tree / DESCRIPTION).read_text())["info"] == "Größe"


def test_settings_of_the_environment_have_no_effect(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://files.example.com")
    (tree / "app.py").write_text("import os\nassert 'PUBLIC_URL' not in os.environ\n" + APP)
    write_description(tree)


def test_libraries_in_the_package_are_not_used(tree: Path) -> None:
    """They may be for another machine."""
    (tree / "msgspec.py").write_text("raise ImportError\n")
    (tree / "app.py").write_text("import msgspec\n" + APP)
    write_description(tree)


@pytest.mark.parametrize(
    ("app", "reason"),
    [("app = None\n", "'NoneType' object"), ("def app(*_):\n    return {'statusCode': 500}\n", "500")],
    ids=["no app", "no response"],
)
def test_app_that_does_not_describe_its_api_is_refused(tree: Path, app: str, reason: str) -> None:
    (tree / "app.py").write_text(app)
    with pytest.raises(InfraError, match=rf"(?s)can't describe its API.*{reason}"):
        write_description(tree)


def test_working_tree_has_no_description() -> None:
    """It would be served although a route has changed."""
    assert not (PROJECT_ROOT / DESCRIPTION).exists()
