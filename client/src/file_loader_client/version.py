"""This package's version, as in its pyproject.toml."""

VERSION = "0.1.0"
