"""The documents say what is: the glossary has every word of the code and no other, and files that are named are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from lxml import etree

from cli import ROOMS, jianyi
from engine import commands, events
from engine.storage.tables import all_tables
from handlers import registry

pytestmark = pytest.mark.tidy

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
IN_FORCE = GLOSSARY.partition("## Kept for later")[0]
CODED = re.compile(r"`([^`]+)`")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
PROPERTIES = f"{BPMN}extensionElements/{{http://camunda.org/schema/zeebe/1.0}}properties/"
ROOMS_OF_CODE = ("engine", "handlers", "terminal")
NAMING = ("word", "command", "group", "process", "event of any step", "its own events")
"""Headings of the columns in which words of the code stand."""

WORDS = set(CODED.findall(IN_FORCE))


def columns() -> Iterator[tuple[str, str]]:
    """Every cell of the glossary's tables with the heading above it."""
    headings: list[str] = []
    for line in IN_FORCE.splitlines():
        if not line.startswith("|"):
            headings = []
        elif not headings:
            headings = [cell.strip() for cell in line.strip("|").split("|")]
        else:
            yield from zip(headings, (cell.strip() for cell in line.strip("|").split("|")), strict=True)


def subclasses(kind: type) -> Iterator[str]:
    """The names of all classes below a class."""
    for each in kind.__subclasses__():
        yield each.__name__
        yield from subclasses(each)


def command_names() -> Mapping[str, click.Command]:
    """Every command of the command line, with its group's name before it."""
    context = click.Context(jianyi)
    found: dict[str, click.Command] = {}
    for name in [name for room in ROOMS.values() for name in room]:
        command = jianyi.get_command(context, name)
        assert command is not None
        found[name] = command
        found.update({f"{name} {below}": each for below, each in getattr(command, "commands", {}).items()})
    return found


def words_of_the_code() -> set[str]:
    """Every name and every text of one word that stands in the code, and the ids of processes."""
    found: set[str] = set()
    for path in (path for room in ROOMS_OF_CODE for path in (ROOT / room).rglob("*.py")):
        found.add(path.stem)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found.update(str(getattr(node, field)) for field in ("id", "attr", "name", "arg") if getattr(node, field, None))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                found.add(node.value.rstrip(":"))
    return found | {element.get("id") for element in elements() if element.tag == f"{BPMN}process"}


def elements() -> Iterator[etree._Element]:
    """Every element of every diagram."""
    for path in sorted((ROOT / "processes").glob("*.bpmn")):
        yield from (element for element in etree.parse(path).iter() if isinstance(element.tag, str))


def test_the_glossary_has_every_record():
    """Every table of the engine and of the domain stands in the glossary."""
    assert sorted(set(all_tables(registry().records.values())) - WORDS) == []


def test_the_glossary_has_every_topics_noun():
    """What a topic, a check or a fact is about stands in the glossary."""
    declared = registry()

    assert sorted({name.partition(".")[0] for name in (*declared.topics, *declared.checks)} - WORDS) == []


def test_the_glossary_has_every_command_of_the_command_line():
    """Whatever can be typed after `jianyi` stands in the glossary; a group's commands by their group."""
    typed = {word.removeprefix("jianyi ") for word in WORDS if word.startswith("jianyi ")}

    assert sorted({name for name in command_names() if " " not in name} - typed) == []


def test_the_glossary_has_every_event_and_every_command_of_the_engine():
    """What can be asked of the engine and what can happen stand in the glossary."""
    named = {*subclasses(commands.Command), *events.EVENTS}

    assert sorted(named - WORDS) == []


def test_the_glossary_has_every_group():
    """Every group that a diagram may name stands in the glossary."""
    assert sorted({group.rstrip(":") for group in registry().groups} - WORDS) == []


def test_the_glossary_names_work_items_as_the_diagrams_do():
    """Every process and every work item of the diagrams stands in the glossary with its Chinese name."""
    items = {f"`{element.get('id')}` {element.get('name')}" for element in elements() if element.tag == f"{BPMN}userTask"}
    processes = {f"| `{element.get('id')}` | {element.get('name')} |" for element in elements() if element.tag == f"{BPMN}process"}

    assert sorted(item for item in (*items, *processes) if item not in IN_FORCE) == []


def test_the_glossary_has_every_act():
    """Every act that a diagram offers stands in the glossary."""
    acts = {each.get("value") for element in elements() for each in element.iterfind(f"{PROPERTIES}*[@name='act']")}

    assert sorted(acts - WORDS) == []


def test_every_word_of_the_glossary_stands_in_the_code():
    """The glossary names no class, table, event, group or process that is not there."""
    named = {word for heading, cell in columns() if heading in NAMING for word in CODED.findall(cell) if not word.startswith("jianyi ")}

    assert sorted(named - words_of_the_code()) == []


def test_every_command_and_table_of_the_glossary_is_there():
    """What the glossary offers a user to look at or to type is there."""
    offered = {word for heading, cell in columns() if heading in ("table, command", "command") for word in CODED.findall(cell)}
    typed = {word.removeprefix("jianyi ").partition(" --")[0] for word in offered if word.startswith("jianyi ")}
    looked_at = {
        word
        for heading, cell in columns()
        if heading == "table, command"
        for word in CODED.findall(cell.partition("column")[0])
        if re.fullmatch(r"[a-z_]+", word)
    }

    assert sorted(typed - set(command_names())) == []
    assert sorted(looked_at - set(all_tables(registry().records.values())) - properties()) == []


def properties() -> set[str]:
    """The names of properties in the diagrams."""
    return {str(each.get("name")) for element in elements() for each in element.iterfind(f"{PROPERTIES}*")}


def test_work_items_and_acts_of_the_glossary_are_in_the_diagrams():
    """The glossary lists no work item and no act that a diagram does not have."""
    listed = {word for heading, cell in columns() if heading.startswith("work items") for word in CODED.findall(cell)}
    drawn = {element.get("id") for element in elements()} | {
        each.get("value") for element in elements() for each in element.iterfind(f"{PROPERTIES}*[@name='act']")
    }

    assert sorted(listed - drawn) == []


@pytest.mark.parametrize("path", [ROOT / "docs" / "why.md", ROOT / "docs" / "glossary.md", ROOT / "benchmarks" / "README.md"], ids=lambda path: path.name)
def test_files_that_are_named_are_there(path):
    """A path between backticks that begins in one of the house's rooms leads somewhere."""
    rooms = "|".join(("engine", "handlers", "terminal", "processes", "tests", "docs", "benchmarks", "migrations", "tools"))
    named = {word for word in CODED.findall(path.read_text("utf-8")) if re.fullmatch(rf"({rooms})/[\w./-]+", word)}

    assert sorted(word for word in named if not (ROOT / word).exists()) == []


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]), ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """A link to a file of the house leads to one."""
    links = {link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text("utf-8"))}

    assert sorted(link for link in links if link and not (path.parent / link).exists()) == []
