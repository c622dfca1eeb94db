"""The URLs that a page needs: relative ones of this API, whatever precedes its path, and the origins of others."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from chalice.app import Request

from chalicelib import container
from chalicelib.core.errors import ServiceError
from chalicelib.http.base_url import base_url
from chalicelib.http.declarations import Dependency


def relative_api_url(request: Request) -> str:
    """Return the relative URL of /api/ from a page right below it: it depends on the page's trailing slash."""
    return "../" if str(request.context.get("path", "")).endswith("/") else "./"


def relative_root_url(request: Request) -> str:
    """Return the relative URL of the root from the page there: `./`, unless the page's URL lacks the slash."""
    path = str(request.context.get("path", ""))
    last_segment = path.rpartition("/")[2]
    return f"./{last_segment}/" if last_segment else "./"


def storage_origin(request: Request) -> str | None:
    """Return the origin of presigned URLs, such as `https://bucket.s3.eu-west-1.amazonaws.com`.

    None if there can't be such URLs, as under `chalice local` without credentials.
    """
    storage = container.public_storage(base_url(request))
    try:
        url = storage.download_url("any", media_type="any", disposition="any", lifetime=timedelta(minutes=1))
    except ServiceError:
        return None
    return _origin(url)


def token_origin(_request: Request) -> str | None:
    """Return the origin where the page gets an issuer's tokens; None if people don't sign in there."""
    client = container.sign_in().oidc
    return _origin(client.token_endpoint) if client else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


RelativeApiUrl = Annotated[str, Dependency(relative_api_url)]
"""The relative URL of /api/ from the page's own."""

RelativeRootUrl = Annotated[str, Dependency(relative_root_url)]
"""The relative URL of the API's root, which precedes `/api/`, from the page there."""

StorageOrigin = Annotated[str | None, Dependency(storage_origin)]
"""The origin of presigned URLs."""

TokenOrigin = Annotated[str | None, Dependency(token_origin)]
"""The origin of the issuer's tokens."""
