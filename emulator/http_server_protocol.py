"""The protocol of the supervisor and the HTTP server's process. Neither has to load the other's modules for it."""

SERVE_COMMAND = "serve\n"
"""The line on the server's stdin at which it serves."""
DRAIN_SECONDS = 3.0
"""How long requests that have begun get to complete."""
