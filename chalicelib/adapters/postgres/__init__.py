"""The ports to the database, on PostgreSQL: SQL text, run by psycopg2.

A function of the composition root imports the one module that it needs.
"""
