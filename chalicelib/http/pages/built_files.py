"""The files that `make web` builds into chalicelib/web: read from disk with each request, so that none is kept in
memory and none is read at a cold start."""

import re
from pathlib import Path

from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import ASSET_NOT_FOUND, PAGE_NOT_BUILT

FOLDER = Path(__file__).parents[2] / "web"

_ASSET_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[a-z]+)", re.ASCII)
"""No name has a slash, so none leads out of the folder."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""Of the assets' extensions. All are text, which API Gateway passes on as it is, whatever the request accepts."""


def read_page(page: str, folder_url: str) -> str:
    """Return the HTML of a page, such as `docs`. Its URLs begin with `folder_url` instead of `./`.

    Raises ServiceError: PAGE_NOT_BUILT.
    """
    try:
        html = (FOLDER / page / "index.html").read_text()
    except FileNotFoundError:
        raise ServiceError(PAGE_NOT_BUILT) from None
    return html.replace('="./', f'="{folder_url}')


def read_asset(page: str, name: str) -> tuple[str, str]:
    """Return the media type and the text of a file that a page refers to. Raises ServiceError: ASSET_NOT_FOUND."""
    match = _ASSET_NAME.fullmatch(name)
    if match is None or match[1] not in MEDIA_TYPES:
        raise ServiceError(ASSET_NOT_FOUND)
    try:
        return MEDIA_TYPES[match[1]], (FOLDER / page / "assets" / name).read_text()
    except OSError:  # it doesn't exist, or its name is too long
        raise ServiceError(ASSET_NOT_FOUND) from None


def read_embedded_script() -> str:
    """Return the script that other pages embed, which imports the assets. Raises ServiceError: PAGE_NOT_BUILT."""
    try:
        return (FOLDER / "page" / "dropzone.js").read_text()
    except FileNotFoundError:
        raise ServiceError(PAGE_NOT_BUILT) from None
