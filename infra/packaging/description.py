"""Making the API's description before it is deployed, so that no function has to build it."""

import json
import subprocess
import sys
from pathlib import Path

from infra.errors import InfraError

DESCRIPTION = Path("chalicelib", "http", "openapi", "document.json")
"""Where `GET /api/openapi.json` looks for it. Only packages have it: anywhere else it would be out of date after
the next change of a route."""

REQUEST = {
    "requestContext": {"httpMethod": "GET", "resourcePath": "/api/openapi.json", "requestId": "1"},
    "multiValueQueryStringParameters": None,
    "headers": {"host": "127.0.0.1"},
    "pathParameters": None,
    "stageVariables": None,
    "body": None,
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"""

PROGRAM = f"""
import sys
sys.path.append(".")
from app import app
response = app({REQUEST!r}, None)
assert response["statusCode"] == 200, response
sys.stdout.write(response["body"])
"""


def write_description(tree: Path) -> None:
    """Write what the app in the folder responds to `GET /api/openapi.json`, without the servers, into the folder.

    The app runs in a process of its own: it is another copy than the one that may be imported here. It finds its
    libraries where this process does, before those in the folder, which may be for another machine. No setting of
    the environment reaches it. Raises InfraError if the app doesn't describe itself.
    """
    path = tree / DESCRIPTION
    path.unlink(missing_ok=True)  # the response would be its content
    run = subprocess.run(
        [sys.executable, "-P", "-B", "-c", PROGRAM],  # -B: no bytecode in the folder
        cwd=tree,
        env={"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:
        raise InfraError(f"The app can't describe its API:\n{run.stdout}{run.stderr}".rstrip())
    document = {**json.loads(run.stdout), "servers": []}
    path.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
