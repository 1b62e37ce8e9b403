"""Writes docs/reference/language.md: for every element and attribute of BPMN 2.0 whether it runs, and what Camunda's linter says of it.

    python tools/language_reference.py             writes the reference and what the linter plugin is silent about
    python tools/language_reference.py --models    prints the diagram of each construct, for tools/pictures/answers.mjs

Everything in it is asked of the code: the kernel loads one diagram for each construct, the vocabulary says why, the kit says which of
its cases use it. The linter's answers are kept in docs/reference/modeler.json, so that no Node is needed here.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lxml import etree  # noqa: E402

from engine import kernel  # noqa: E402
from engine.errors import DefinitionError  # noqa: E402
from engine.kernel.read import BPMN, MODEL  # noqa: E402
from engine.kernel.vocabulary import ELEMENTS, ZEEBE_ELEMENTS, Attribute, Word  # noqa: E402
from tools.constructs import PLACES, TRIGGERS, constructs  # noqa: E402

REFERENCE = ROOT / "docs" / "reference" / "language.md"
ANSWERS = ROOT / "docs" / "reference" / "modeler.json"
SILENCED = ROOT / "tools" / "pictures" / "bpmnlint-plugin-jianyi" / "silenced.json"
KIT = ROOT / "tests" / "language" / "kit" / "language"
KIT_REFUSED = ROOT / "tests" / "language" / "refused.toml"

SAYS = {"runs": "runs", "drawn": "drawn only", "ignored": "ignored, with a warning", "refused": "**refused**"}
FROM_RULES = "camunda-compat/"
OF_THE_MODEL = "import"
"""Rule of what bpmn-moddle says: it is about the small diagram (a reference to nothing), not about the construct."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the kernel says of one diagram."""

    verdict: str
    texts: tuple[str, ...]


@cache
def models() -> dict[str, str]:
    """The diagram of each construct."""
    return constructs()


@cache
def answer(key: str) -> Answer:
    """Load the diagram of a construct."""
    try:
        definitions = kernel.load({"construct.bpmn": models()[key].encode()})
    except DefinitionError as refusal:
        return Answer(verdict="refused", texts=tuple(f"{problem.message} ({problem.fix})" for problem in refusal.problems))
    ignored = tuple(problem.message for problem in definitions.warnings if problem.rule == "ignored")
    return Answer(verdict="ignored" if ignored else "runs", texts=ignored)


@cache
def linter() -> dict[str, list[dict[str, str]]]:
    """What Camunda Modeler's linter says of each construct, as kept."""
    kept: dict[str, list[dict[str, str]]] = json.loads(ANSWERS.read_text("utf-8"))
    return kept


def complaints(key: str) -> list[str]:
    """The linter's messages about a construct, shortened."""
    return [plain(one["message"]) for one in linter().get(key, []) if one["rule"] != OF_THE_MODEL]


def plain(message: str) -> str:
    """A message of the linter without its brackets, for a table."""
    return message.replace("<bpmn:", "").replace("<zeebe:", "zeebe:").replace("<", "").replace(">", "").replace("Element of type ", "").replace("|", "\\|")


# ---------------------------------------------------------------------- what the linter is to be silent about
def silenced() -> dict[str, list[list[str]]]:
    """Rule → `[place, message]` of what the linter reports of constructs that run, and of none that is refused for itself."""
    run: dict[tuple[str, str, str], None] = {}
    refused: set[tuple[str, str, str]] = set()
    for key in models():
        reports = [(one["rule"], one["at"], one["message"]) for one in linter().get(key, []) if one["rule"] != OF_THE_MODEL]
        if answer(key).verdict == "runs":
            run.update(dict.fromkeys(reports))
        elif answer(key).verdict == "refused" and not is_variant(key):
            refused.update(reports)
    found: dict[str, list[list[str]]] = defaultdict(list)
    for rule, at, message in sorted(run):
        # A rule of bpmnlint itself is not Camunda's opinion but good advice.
        if (rule, at, message) not in refused and rule != "start-event-required":
            found[rule].append([at, message])
    return dict(found)


def is_variant(key: str) -> bool:
    """Whether a diagram is that of another with one more attribute, which the linter does not look at."""
    return "@" in key or "not interrupting" in key or key.startswith("parallel multiple")


# ---------------------------------------------------------------------- the kit
@cache
def uses() -> dict[str, tuple[str, ...]]:
    """Element → numbers of the kit's diagrams that have it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(KIT.glob("*.bpmn")):
        root = etree.parse(str(path)).getroot()
        for name in sorted({element.tag.removeprefix(BPMN) for element in root.iter() if isinstance(element.tag, str) and element.tag.startswith(BPMN)}):
            found[name].append(path.name[:3])
    return {name: tuple(numbers) for name, numbers in found.items()}


def in_the_kit(name: str) -> str:
    """How often the kit has an element, and where first."""
    numbers = uses().get(name, ())
    return f"{len(numbers)} ({', '.join(numbers[:3])}{', …' if len(numbers) > 3 else ''})" if numbers else ""


# ---------------------------------------------------------------------- the text
def reference() -> str:
    """The whole reference."""
    parts = [INTRODUCTION, *(_family(family) for family in dict.fromkeys(word.family for word in ELEMENTS.values()))]
    return "\n".join([*parts, _events(), GUARDS, _variants(), _zeebe(), _refused(), _silence()]).rstrip() + "\n"


INTRODUCTION = f"""# The language

What jianyi makes of every element and attribute of BPMN 2.0 (`{MODEL}`). This page is generated: `python tools/language_reference.py`.

- **runs** — a token meets it as BPMN 2.0.2 says; the section stands beside it.
- **drawn only** — it says something to people and nothing to a token: names, notes, pictures, types.
- **ignored, with a warning** — it would say something to a token, but here that is said otherwise; loading tells so.
- **refused** — no diagram that has it is run; loading names the file, line, element, rule and remedy.

What stands in no table is no BPMN: an unknown element, an unknown attribute, a boolean that is neither `true` nor `false` are refused. A pool whose
process is not executable, beside one that is, is a drawing: what is wrong in it is a warning.

*Kit*: how many diagrams of `tests/language/kit/language` have the element, and the numbers of the first. *Modeler*: what Camunda Modeler's own linter
(`bpmnlint-plugin-camunda-compat`, Camunda 8.8) says of the smallest diagram with it; nothing where the column is empty.
"""

GUARDS = """## When a boundary event can happen

From the moment when the activity is *active* until it is left (13.3.2): when a token has come, its input mappings are made, and with multi-instance
its collection or number is known. Timers count from then. Before that it is not active: where an input mapping fails, or what a boundary event
waits for cannot be told (a timer without a time, a message without a key), there is an incident, no boundary event is armed, and a retry begins
anew. So it is in Zeebe, where a user task whose assignment or a call whose process cannot be told is not active yet either; here it is.

An active activity stays active while an effect is outstanding and while an incident stops it: its handler failed, an error was caught nowhere,
its assignment, script, decision, header or output mapping could not be evaluated, its way on could not be chosen. So its timer fires, a message
or signal reaches it, a condition is looked at. An interrupting one ends the activity and closes the incident with it; one that does not interrupt
leaves it open. A retry maps the inputs anew, keeps what is armed (a timer gets no more time) and, when it succeeds, disarms. What succeeds at
once, without waiting for anybody, arms nothing.
"""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], ["---"] * len(lines[0]), *lines[1:]]) + "\n"


def _family(family: str) -> str:
    words = {name: word for name, word in ELEMENTS.items() if word.family == family}
    rows = [
        (f"`{name}`", SAYS[word.verdict], word.says, word.section, in_the_kit(name), "; ".join(complaints(name))) for name, word in words.items()
    ]
    text = f"## {family}\n\n" + _table(("element", "", "what it does, or why not", "section", "kit", "Modeler"), rows)
    attributes = list(_attributes(words))
    return text + ("\n" + _table(("attribute", "of", "", "what it does, or why not"), attributes) if attributes else "")


def _attributes(words: Mapping[str, Word]) -> Iterator[tuple[str, ...]]:
    """One row for each attribute that means the same on several elements."""
    owners: dict[tuple[str, Attribute], list[str]] = defaultdict(list)
    for name, word in words.items():
        for attribute, meaning in word.attributes.items():
            owners[attribute, meaning].append(name)
    for (attribute, meaning), names in owners.items():
        having = [name for name, word in words.items() if word.attributes]
        of = f"all that have attributes but {', '.join(f'`{n}`' for n in having if n not in names)}" if len(having) - len(names) in (1, 2) and len(names) > 4 else ""
        of = "all that have attributes" if names == having and len(names) > 1 else of or ", ".join(f"`{name}`" for name in names)
        yield f"`{attribute}`", of, SAYS[meaning.verdict], _values(meaning)


def _values(meaning: Attribute) -> str:
    only = f"other than {', '.join(f'`{value}`' for value in meaning.quiet if value)}" if any(meaning.quiet) else ""
    one_of = ", ".join(f"`{value}`" for value in meaning.values) if meaning.values and "true" not in meaning.values else ""
    return "; ".join(part for part in (only, meaning.says, one_of) if part)


def _events() -> str:
    rows = []
    for trigger in TRIGGERS:
        cells = []
        for place in PLACES:
            key = f"{trigger} › {place}"
            cells.append({"runs": "runs", "ignored": "ignored", "refused": "—"}[answer(key).verdict] + (" ¹" if complaints(key) and answer(key).verdict == "runs" else ""))
        rows.append((trigger, *cells))
    text = "## Which trigger may stand where\n\n`—` is refused. ¹ Modeler's linter reports it, for Camunda 8.8 does not run it so: see the last section.\n\n"
    return text + _table(("trigger", *PLACES), rows) + START_TIMERS


START_TIMERS = """
**Timers that begin a process** count from the deployment that brings their diagram; their expressions see no variable. A date begins one
instance, at once where it lies before, and no other when a later version is deployed; a duration one; a cycle one each turn, of a cycle with a
first date (`R3/2026-03-01T09:00/P1D`) only the turns that do not lie before. Turns that were missed begin instances each, in the order they
were due. A deployment in which the diagram's file is the same leaves its timers as they are; a changed file counts anew, and what was due before
it still comes; a deployment without the start event ends it. Each instance is a case of its own and runs by the newest deployment.
"""


def _variants() -> str:
    rows = []
    for key in models():
        if "@" in key or ", " in key.partition(" › ")[0]:
            found = answer(key)
            rows.append((f"`{key}`" if "@" in key else key, SAYS[found.verdict], "; ".join(found.texts[:1]), "; ".join(complaints(key))))
    return "## Values that decide\n\n" + _table(("value", "", "what loading says", "Modeler"), rows)


def _zeebe() -> str:
    rows = []
    for name, word in ZEEBE_ELEMENTS.items():
        rows.append((f"`zeebe:{name}`", "", SAYS[word.verdict], word.says))
        rows += [(f"`zeebe:{name}`", f"`{attribute}`", SAYS[meaning.verdict], _values(meaning)) for attribute, meaning in word.attributes.items()]
    text = "## Extension elements\n\nOf `http://camunda.org/schema/zeebe/1.0`. Those of other makers are left alone.\n\n"
    return text + _table(("element", "attribute", "", "what it does, or why not"), rows)


def _refused() -> str:
    listed = tomllib.loads(KIT_REFUSED.read_text("utf-8"))["refused"]
    return "## Cases of the kit that are refused\n\n" + _table(("diagram", "why"), ((f"`{name}`", why) for name, why in listed.items()))


def _silence() -> str:
    rows = [(f"`{rule}`", at.replace("bpmn:", ""), plain(message)) for rule, lines in silenced().items() for at, message in lines]
    text = (
        "## What our linter configuration is silent about\n\n`processes/.bpmnlintrc` uses Camunda's rules for 8.8 through `tools/pictures/bpmnlint-plugin-jianyi`, which drops these "
        "reports and no others: each is about something that runs here. The diagrams that are shipped pass Camunda's own rules without it.\n\n"
    )
    return text + _table(("rule", "at", "what is no longer reported"), rows)


def main() -> None:
    """Write the reference, or print the diagrams."""
    if "--models" in sys.argv[1:]:
        print(json.dumps(models(), ensure_ascii=False))
        return
    SILENCED.write_text(json.dumps(silenced(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    REFERENCE.write_text(reference(), "utf-8")


if __name__ == "__main__":
    main()
