"""The staff's command line: parse, one call, print."""

from __future__ import annotations

import click


@click.group()
def jianyi() -> None:
    """代表建议办理."""


def main() -> None:
    """Run the command line with the process's arguments."""
    jianyi()
