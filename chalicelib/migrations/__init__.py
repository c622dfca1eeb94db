"""The database's migrations (Alembic), and the function that runs them."""
