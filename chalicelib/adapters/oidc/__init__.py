"""JWTs of an OpenID Connect issuer, verified with its public keys.

`jwt`, and `cryptography` with it, is imported by `signature` alone, when the first JWT comes.
"""

from chalicelib.adapters.oidc.bucket_keys import BucketKeys
from chalicelib.adapters.oidc.issuer_keys import IssuerKeys
from chalicelib.adapters.oidc.key_cache import KeyCache
from chalicelib.adapters.oidc.pinned_keys import PinnedKeys
from chalicelib.adapters.oidc.rules import TokenRules
from chalicelib.adapters.oidc.verifier import OidcJwtVerifier

__all__ = ["BucketKeys", "IssuerKeys", "KeyCache", "OidcJwtVerifier", "PinnedKeys", "TokenRules"]
