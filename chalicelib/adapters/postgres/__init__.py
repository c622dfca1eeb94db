"""The ports to the database, on PostgreSQL: SQL text, run by psycopg2.

A function of the composition root imports the one module that it needs.
"""

from chalicelib.optional_imports import import_without

# psycopg2 needs it only for the locks of OpenSSL before 1.1.0, and does without:
# https://github.com/psycopg/psycopg2/blob/2.9.10/psycopg/psycopgmodule.c
import_without("ssl", "psycopg2")
