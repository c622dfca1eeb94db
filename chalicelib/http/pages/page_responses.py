"""Responses of the web pages, with the headers that keep them safe and cached."""

from typing import Annotated, ClassVar

from msgspec import Meta

from chalicelib.http.declarations import Header
from chalicelib.http.typed_response import TypedResponse

AnyOrigin = Annotated[
    str,
    Meta(description="Pages of any origin may run scripts from here, as a browser requires of modules."),
    Header("Access-Control-Allow-Origin"),
]
Revalidated = Annotated[str, Meta(description="Browsers ask for it each time."), Header("Cache-Control")]


class HtmlPage(TypedResponse, frozen=True, kw_only=True):
    """The page."""

    status_code: ClassVar[int] = 200
    media_type: ClassVar[str] = "text/html; charset=utf-8"
    body: str
    content_security_policy: Annotated[
        str, Meta(description="What the page may load."), Header("Content-Security-Policy")
    ]
    cache_control: Revalidated = "no-cache"
    referrer_policy: Annotated[
        str, Meta(description="Requests don't name the page that they come from."), Header("Referrer-Policy")
    ] = "no-referrer"


class Asset(TypedResponse, frozen=True, kw_only=True):
    """The file. Its name changes with its content."""

    status_code: ClassVar[int] = 200
    media_type: ClassVar[str] = "*/*"
    body: str
    content_type: Annotated[str, Meta(description="That of the file."), Header("Content-Type")]
    cache_control: Annotated[
        str, Meta(description="Browsers may keep the file forever."), Header("Cache-Control")
    ] = "public, max-age=31536000, immutable"


class SharedAsset(Asset, frozen=True, kw_only=True):
    """The file. Its name changes with its content."""

    access_control_allow_origin: AnyOrigin = "*"


class EmbeddedScript(TypedResponse, frozen=True, kw_only=True):
    """The script."""

    status_code: ClassVar[int] = 200
    media_type: ClassVar[str] = "text/javascript; charset=utf-8"
    body: str
    access_control_allow_origin: AnyOrigin = "*"
    cache_control: Revalidated = "no-cache"


def content_security_policy(storage_origin: str | None, token_origin: str | None = None) -> str:
    """Return the policy of a page: nothing but this server's files, data from the storage, and an issuer's tokens.

    The styles of Swagger UI have images in `data:` URLs, and it shows an image in a response by a `blob:` URL.
    """
    storage = f" {storage_origin}" if storage_origin else ""
    issuer = f" {token_origin}" if token_origin else ""
    directives = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' data: blob:{storage}",
        f"media-src 'self'{storage}",
        f"connect-src 'self'{storage}{issuer}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return "; ".join(directives)
