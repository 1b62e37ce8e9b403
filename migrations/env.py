"""Run by alembic. The store gives the connection, inside a transaction that it commits itself (`engine/storage/sql_migrate.py`)."""

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("migrations run through the store: jianyi db upgrade")

context.configure(connection=connection)
context.run_migrations()
