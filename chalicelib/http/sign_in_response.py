"""Response of the route of how people sign in."""

from chalicelib.core.accounts.sign_in import SignIn
from chalicelib.http.resources.sign_in import SignInResource, sign_in_resource
from chalicelib.http.responses import UncachedResponse
from chalicelib.http.typed_response import Json


class SignInDescription(UncachedResponse, frozen=True, kw_only=True):
    """How people sign in."""

    body: Json[SignInResource]


def sign_in_description(sign_in: SignIn) -> SignInDescription:
    """Return 200 with how people sign in."""
    return SignInDescription(body=Json[SignInResource].encode(sign_in_resource(sign_in)))
