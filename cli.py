"""The staff's command line: the program's rooms and their commands. Each command parses, makes one call, and prints.

What a command does stands in `terminal/commands/`; it is imported when it is named. Imports `terminal` only, so that help is quick.
"""

from __future__ import annotations

import click

from terminal.command import Root
from terminal.language import mark

ROOMS = {
    mark("Every day"): {
        "inbox": "terminal.commands.items",
        "claim": "terminal.commands.items",
        "release": "terminal.commands.items",
        "complete": "terminal.commands.items",
        "reassign": "terminal.commands.items",
        "item": "terminal.commands.items",
        "submit": "terminal.commands.cases",
        "act": "terminal.commands.cases",
        "show": "terminal.commands.lookup",
        "find": "terminal.commands.lookup",
        "list": "terminal.commands.lookup",
        "due": "terminal.commands.lookup",
        "ledger": "terminal.commands.ledger",
        "whoami": "terminal.commands.directory",
    },
    mark("Setting up"): {
        "init": "terminal.commands.setup",
        "demo": "terminal.commands.setup",
        "person": "terminal.commands.directory",
        "unit": "terminal.commands.directory",
        "process": "terminal.commands.process",
        "calendar": "terminal.commands.setup",
        "setting": "terminal.commands.setup",
        "import": "terminal.commands.setup",
    },
    mark("Running and auditing"): {
        "tick": "terminal.commands.operate",
        "worker": "terminal.commands.operate",
        "incident": "terminal.commands.operate",
        "audit": "terminal.commands.audit",
        "db": "terminal.commands.database",
    },
}


@click.group(cls=Root, rooms=ROOMS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(None, "--version", package_name="jianyi", prog_name="jianyi")
def jianyi(**_: object) -> None:
    """Handles deputies' suggestions from executable diagrams.

    First steps: jianyi demo; then jianyi find 医, jianyi inbox --as PERSON.
    """


def main() -> None:
    """Run the command line with the process's arguments."""
    import gc

    # What libraries make as they load stays. Looking through it again and again for garbage costs a short command a tenth of its time.
    gc.set_threshold(100_000)
    jianyi(prog_name="jianyi")
