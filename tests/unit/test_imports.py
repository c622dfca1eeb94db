"""What a cold start pays for."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LOADED = """
import sys
{code}
print(*sys.modules)
"""


def loaded_by(code: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after the code."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED.replace("{code}", code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in run.stdout.splitlines()[-1].split()}


def test_starting_loads_nothing_heavy() -> None:
    heavy = {"boto3", "botocore", "sqlalchemy", "psycopg2", "alembic", "PIL", "charset_normalizer", "puremagic"}
    assert loaded_by("import app") & heavy == set()


def test_a_route_that_only_reads_loads_no_boto3() -> None:
    code = """
import os
os.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/nothing"
import app
for path, parameters in (
    ("/api/files", {}),
    ("/api/files/{file_id}", {"file_id": "01930000-0000-7000-8000-000000000000"}),
):
    event = {
        "requestContext": {"httpMethod": "GET", "resourcePath": path, "requestId": "1"},
        "multiValueQueryStringParameters": None,
        "headers": {},
        "pathParameters": parameters,
        "stageVariables": None,
        "body": None,
    }
    assert app.app(event, None)["statusCode"] == 503  # it got as far as the database
"""
    loaded = loaded_by(code)
    assert "sqlalchemy" in loaded
    assert loaded & {"boto3", "botocore", "alembic"} == set()
