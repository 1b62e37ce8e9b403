"""Every store runs the same tests: memory, SQLite, PostgreSQL."""
