#!/bin/sh
# Bring a database up to date with a folder of SQL files, in the order of their names, then give the
# roles their passwords. Each file is one transaction, all are one session, which holds the lock that
# the first one takes, and all may run again and again. PGHOST, PGDATABASE, PGUSER, PGPASSWORD,
# WRITER_PASSWORD, METRICS_PASSWORD, READER_PASSWORD and DASHBOARDS_PASSWORD say where, who and which.
set -eu
here=$(dirname "$0") folder=$1
shift
until pg_isready --quiet; do
    echo "waiting for PostgreSQL at ${PGHOST}"
    sleep 1
done
for file in "$folder"/*.sql "$here/passwords.sql"; do
    set -- "$@" --command=begin --file="$file" --command=commit \
        --command="\\echo applied $(basename "$file")"
done
PGOPTIONS="-c client_min_messages=warning" psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
    --set=VERBOSITY=terse --output=/dev/null "$@"
