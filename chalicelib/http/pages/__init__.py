"""The web pages that `make web` builds, and what they refer to."""
