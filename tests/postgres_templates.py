"""Where the tests keep initialised PostgreSQL data directories, to copy them: `initdb` takes a second or more."""

from pathlib import Path

POSTGRES_TEMPLATES = Path(__file__).parents[1] / "build" / "postgres-templates"
