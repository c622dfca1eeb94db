"""An OpenID Connect issuer for tests, with real keys and a real HTTP server."""
