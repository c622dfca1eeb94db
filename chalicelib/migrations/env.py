"""Alembic runs this file. The connection and its lock come from runner.py."""

from alembic import context

from chalicelib.migrations.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
