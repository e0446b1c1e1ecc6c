#!/bin/sh
# Apply a folder of SQL files in the order of their names, then give the roles their passwords. Each
# file is one transaction, and all may run again and again. PGHOST, PGDATABASE, PGUSER, PGPASSWORD,
# WRITER_PASSWORD and READER_PASSWORD say where, who and which.
set -eu
here=$(dirname "$0")
until pg_isready --quiet; do
    echo "waiting for PostgreSQL at ${PGHOST}"
    sleep 1
done
for file in "$1"/*.sql "$here/passwords.sql"; do
    PGOPTIONS="-c client_min_messages=warning" psql --no-psqlrc --quiet --single-transaction \
        --set=ON_ERROR_STOP=1 --output=/dev/null --file="$here/session.sql" --file="$file"
    echo "applied $(basename "$file")"
done
