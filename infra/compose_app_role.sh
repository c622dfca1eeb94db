#!/bin/sh
# Creates the role of the functions in docker compose's PostgreSQL, with the password of the owner: the migration that
# gives the role its rights can't know one, and creates it without.
set -eu
psql --set ON_ERROR_STOP=1 --set "password=$POSTGRES_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE file_loader_app LOGIN PASSWORD :'password';
SQL
