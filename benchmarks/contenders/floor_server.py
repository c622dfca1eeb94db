"""The floor over HTTP: `python floor_server.py` serves uploads by hand at a free port, with waitress as well."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import floor_functions
from waitress.server import create_server

THREADS = 32
"""As many as `python -m emulator` has for requests."""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Store the file of the form."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    response = json.dumps(floor_functions.upload(body)).encode()
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", str(len(response)))])
    return [response]


if __name__ == "__main__":
    server = create_server(application, host="127.0.0.1", port=0, threads=THREADS)
    print(f"ready {server.effective_port}", flush=True)
    server.run()
