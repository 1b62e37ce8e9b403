"""The commands by group. Each module's `COMMANDS` maps a name to its command; every command's help has an example that a test runs."""
