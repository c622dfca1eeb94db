"""Run by Alembic. runner.py provides the connection, its transaction and its lock."""

from alembic import context

from chalicelib.adapters.postgres.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
