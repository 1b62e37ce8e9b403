"""History, payloads, files and meta: what can never be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Text in the order of code points on every database.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# SQLite numbers only an INTEGER key by itself.
PLACE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables; the last statement sets `meta.schema` to this revision's number."""
    op.create_table(
        "history",
        sa.Column("place", PLACE, sa.Identity(always=False), primary_key=True),
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("command_id", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("stream", "position", name="history_position"),
        sa.UniqueConstraint("command_id", name="history_command"),
    )
    op.create_table(
        "payload",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("bytes", sa.LargeBinary),
        sa.PrimaryKeyConstraint("stream", "position", "name", name="payload_name"),
        sa.ForeignKeyConstraint(["stream", "position"], ["history.stream", "history.position"], name="payload_row"),
    )
    op.create_table(
        "file",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="file_digest"),
    )
    meta = op.create_table(
        "meta",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="meta_name"),
    )
    _make_sequence()
    op.bulk_insert(meta, [{"name": "schema", "value": "1"}])


def _make_sequence() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE instance_number AS bigint START 1")
        return
    sequence = op.create_table(
        "sequence",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="sequence_name"),
    )
    op.bulk_insert(sequence, [{"name": "instance", "value": 0}])
