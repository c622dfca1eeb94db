"""What the supervisor and the HTTP server, each a process of its own, know of each other."""

SERVE_COMMAND = "serve\n"

DRAIN_SECONDS = 3.0
"""How long requests that have begun get to complete."""
