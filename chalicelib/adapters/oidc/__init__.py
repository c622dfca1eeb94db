"""JWTs of an OpenID Connect issuer, verified with its public keys.

Each module is imported when it is needed: `signature` loads PyJWT and cryptography, `issuer_keys` what makes
requests.
"""
