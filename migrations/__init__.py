"""The history of the store's own tables (truth), for alembic. Folds are not here: they are made from their records and refolded."""
