"""Routes of the documentation page."""

from typing import Annotated

from msgspec import Meta

from chalicelib.http.errors import ASSET_NOT_FOUND, PAGE_NOT_BUILT
from chalicelib.http.pages.built_files import read_asset, read_page
from chalicelib.http.pages.page_responses import Asset, HtmlPage, content_security_policy
from chalicelib.http.pages.page_urls import RelativeApiUrl, StorageOrigin, TokenOrigin
from chalicelib.http.parameter_types import Text
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Documentation")

AssetName = Annotated[Text, Meta(description="The file's name, as the page has it.")]


@blueprint.operation("GET", "/api/docs", errors=[PAGE_NOT_BUILT], public=True)
def get_docs_page_route(
    api_url: RelativeApiUrl, storage_origin: StorageOrigin, token_origin: TokenOrigin
) -> HtmlPage:
    """Show this documentation as a web page.

    "Execute" sends a request to the server that the page comes from, with the token of the user who has signed in.
    If a route redirects to S3, the page shows the response from there, and loads all of it. The page makes no
    request to other hosts but, where people sign in with it, the OIDC issuer: its Content-Security-Policy allows
    none.
    """
    return HtmlPage(
        body=read_page("docs", api_url),
        content_security_policy=content_security_policy(storage_origin, token_origin),
    )


@blueprint.operation("GET", "/api/docs/assets/{name}", errors=[ASSET_NOT_FOUND], public=True)
def get_docs_asset_route(name: AssetName) -> Asset:
    """Get a script, style sheet, icon or licence of that page.

    Names change with the content, so browsers keep these files.
    """
    content_type, body = read_asset("docs", name)
    return Asset(body=body, content_type=content_type)
