"""The example in each command's help works as it stands, on a small congress with these people and cases."""

from __future__ import annotations

import re
import shlex

import pytest

from cli import jianyi as program
from terminal.command import Lazy

pytestmark = pytest.mark.cli

ELSEWHERE = {"demo", "worker"}
"""The demonstration takes minutes and the worker never ends: tests of their own run them."""

NEEDS = {
    "release": ("claim 1042.3 --as p-commission",),
    "incident retry": ("complete 1042.3 --set outcome=strange --as p-commission",),
    "incident repair": ("complete 1042.3 --set outcome=strange --as p-commission",),
}
"""What must have happened before an example makes sense."""


def examples(group=program, path=()):
    """Every command's path and the lines of its example."""
    for name in group.list_commands(None):
        found = group.get_command(None, name)
        if isinstance(found, Lazy):
            yield from examples(found, (*path, name))
        else:
            lines = re.findall(r"^ *jianyi (.+)$", (found.help or "").partition("Example:")[2], re.MULTILINE)
            yield " ".join((*path, name)), lines


ALL = dict(examples())


def test_every_command_has_an_example_of_itself():
    """A command without an example, or with another's, fails."""
    assert [name for name, lines in ALL.items() if not lines or not all(line.startswith(name) for line in lines)] == []


@pytest.mark.parametrize("name", sorted(ALL.keys() - ELSEWHERE))
def test_the_example_of_each_command_works(world, congress, tmp_path, name):
    """Typed as printed, it ends with exit 0."""
    for source in ("suggestions.csv", "people.csv"):
        (tmp_path / source.replace("people", "persons")).write_bytes((congress[0].parent / source).read_bytes())
    (tmp_path / "units.csv").write_bytes((congress[0].parent / "processes" / "units.csv").read_bytes())

    for line in (*NEEDS.get(name, ()), *ALL[name]):
        incident = next(iter(world("incident", "list", "--as", "p-admin", "-o", "tsv").stdout.splitlines()[1:]), "").partition("\t")[0]
        typed = line.replace("1042.3", world.item).replace("1042.7", incident).replace("1042", world.case).replace("1043", world.suggestion)
        done = world(*shlex.split(typed))

        assert done.exit_code == 0, f"jianyi {typed}\n{done.output}"
