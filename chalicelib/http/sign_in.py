"""Route of how people sign in."""

from chalicelib import container
from chalicelib.http.router import Router
from chalicelib.http.sign_in_response import SignInDescription, sign_in_description

blueprint = Router(__name__, tag="Accounts")


@blueprint.operation("GET", "/api/sign-in", public=True)
def get_sign_in_route() -> SignInDescription:
    """Get how people sign in.

    For a web page: whether requests need a credential, and where a page, which has no secret, gets one for its
    user (authorization code with PKCE), if the service has such a client of an OpenID Connect issuer.

    ```console
    $ curl "$URL/api/sign-in"
    ```
    """
    return sign_in_description(container.sign_in())
