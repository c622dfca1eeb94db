"""Write docs/reference/openapi.json and docs/reference/api.md, which are made from the declarations of the routes,
and the help in docs/reference/filectl.md.

python -m docs.tools.reference
"""

import json
from pathlib import Path

import msgspec

from app import app
from chalicelib.http.openapi.document import build_document
from chalicelib.http.router import operations
from docs.tools.api_page.page import render_page
from docs.tools.filectl_help import update_help

REFERENCE = Path(__file__).parents[1] / "reference"
SERVERS = ("http://127.0.0.1:8000",)
"""A running service has its own URLs in the description."""


def make_pages() -> dict[Path, str]:
    """Return the text of each file."""
    document = msgspec.json.decode(msgspec.json.encode(build_document(operations(app), SERVERS)))
    return {
        REFERENCE / "openapi.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        REFERENCE / "api.md": render_page(document),
        REFERENCE / "filectl.md": update_help((REFERENCE / "filectl.md").read_text()),
    }


if __name__ == "__main__":
    for page, text in make_pages().items():
        page.write_text(text)
