#!/bin/sh
# Run once by the PostgreSQL image, on an empty data directory: the two roles and a database per service.
# The owner makes tables; the application's role only touches rows, and row-level security holds for it.
set -eu
psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set=owner="$LIVRET_OWNER_PASSWORD" --set=app="$LIVRET_APP_PASSWORD" <<'SQL'
CREATE ROLE livret_owner LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE livret_app LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
-- Functions that serve before a tenant is known set the scope themselves.
GRANT SET ON PARAMETER livret.scope, livret.customer TO livret_owner;
CREATE DATABASE livret_tenancy OWNER livret_owner;
CREATE DATABASE livret_catalog OWNER livret_owner;
CREATE DATABASE livret_metering OWNER livret_owner;
CREATE DATABASE livret_ticketing OWNER livret_owner;
CREATE DATABASE livret_availability OWNER livret_owner;
SQL
for service in tenancy catalog metering ticketing availability; do
  for extension in unaccent pg_trgm btree_gist; do
    psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "livret_$service" \
      --command "CREATE EXTENSION IF NOT EXISTS $extension"
  done
done
