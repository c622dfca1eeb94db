"""Routes of the web page at `/`, and of what other pages embed."""

from typing import Annotated

from msgspec import Meta

from chalicelib.http.declarations import QueryMap
from chalicelib.http.errors import ASSET_NOT_FOUND, PAGE_NOT_BUILT
from chalicelib.http.operation import Parameter
from chalicelib.http.pages.built_files import read_asset, read_embedded_script, read_page
from chalicelib.http.pages.docs_page import AssetName
from chalicelib.http.pages.page_responses import EmbeddedScript, HtmlPage, SharedAsset, content_security_policy
from chalicelib.http.pages.page_urls import RelativeRootUrl, StorageOrigin, TokenOrigin
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Web page")

ISSUER_PARAMETERS = Parameter(
    name="parameters",
    argument="parameters",
    location="query",
    annotation=Annotated[dict[str, str], Meta(description="Ignored: what an OIDC issuer adds after signing in.")],
    required=False,
    default=None,
    marker=QueryMap(prefix=""),
)
"""They are for the page's script."""


@blueprint.operation("GET", "/", errors=[PAGE_NOT_BUILT], ignored=[ISSUER_PARAMETERS], public=True)
def get_page_route(
    root_url: RelativeRootUrl, storage_origin: StorageOrigin, token_origin: TokenOrigin
) -> HtmlPage:
    """Show the web page.

    It makes no request to other hosts than this server, the storage and, where people sign in with it, the OIDC
    issuer: its Content-Security-Policy allows none.
    """
    return HtmlPage(
        body=read_page("page", root_url),
        content_security_policy=content_security_policy(storage_origin, token_origin),
    )


@blueprint.operation("GET", "/assets/{name}", errors=[ASSET_NOT_FOUND], public=True)
def get_asset_route(name: AssetName) -> SharedAsset:
    """Get a script, style sheet, icon or licence of the page.

    Names change with the content, so browsers keep these files.
    """
    content_type, body = read_asset("page", name)
    return SharedAsset(body=body, content_type=content_type)


@blueprint.operation("GET", "/dropzone.js", errors=[PAGE_NOT_BUILT], public=True)
def get_embedded_script_route() -> EmbeddedScript:
    """Get the script that other pages embed.

    It defines the element `<file-dropzone>`.
    """
    return EmbeddedScript(body=read_embedded_script())
