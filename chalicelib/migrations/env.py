"""Alembic runs this file. The connection, its transaction and its lock come from runner.py."""

from alembic import context

from chalicelib.adapters.postgres.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
