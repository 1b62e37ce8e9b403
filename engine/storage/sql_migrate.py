"""Brings a database's own tables to the newest revision. Imports alembic, which is slow: only `create` and `upgrade` come here."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

# Beside the engine, in a checkout as in an installed wheel.
SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(connection: sa.Connection) -> None:
    """Run the missing revisions on this connection, in the transaction that it is in."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
