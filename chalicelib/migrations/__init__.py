"""The database's versions (Alembic), and bringing a database to the newest one."""
