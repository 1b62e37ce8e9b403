"""Loading: everything wrong is told at once, with a place and a remedy; nothing of SpiffWorkflow comes out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine import kernel
from engine.errors import DefinitionError
from engine.kernel.elements import spiffworkflow
from engine.kernel.elements.base import Node

from .drawing import HEAD, Instance, drawn, event, line, message, path, service, task

ROOT = Path(__file__).parents[3]


def problems_of(data: bytes, **known: object) -> list[tuple[str | None, str]]:
    with pytest.raises(DefinitionError) as refusal:
        kernel.load({"x.bpmn": data}, **known)  # type: ignore[arg-type]
    return [(problem.element_id, problem.rule) for problem in refusal.value.problems]


def test_all_problems_are_told_at_once() -> None:
    """Four faults of four kinds in one file give four problems, each with file, line, element and a remedy."""
    data = f"""{HEAD}
<bpmn:process id="p" isExecutable="true">
<bpmn:startEvent id="s"/>
<bpmn:serviceTask id="nobody"/>
<bpmn:scriptTask id="sums"><bpmn:extensionElements>
<zeebe:script expression="=1 +" resultVariable="x"/></bpmn:extensionElements></bpmn:scriptTask>
<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="ghost"/>
<bpmn:callActivity id="c"/>
</bpmn:process></bpmn:definitions>""".encode()

    with pytest.raises(DefinitionError) as refusal:
        kernel.load({"x.bpmn": data})

    found = {(p.file, p.line, p.element_id, p.rule) for p in refusal.value.problems}
    assert found == {
        ("x.bpmn", 4, "nobody", "topic"),
        ("x.bpmn", 5, "sums", "expression"),
        ("x.bpmn", 7, "f", "flow"),
        ("x.bpmn", 8, "c", "call"),
    }
    assert all(problem.fix for problem in refusal.value.problems)


def test_files_of_a_deployment_are_checked_together() -> None:
    """A call into another file is found; two processes of one id in two files are not accepted."""
    caller = line(task("callActivity", "c", '<zeebe:calledElement processId="p2"/>'))
    called = drawn(event("startEvent", "s2"), path("s2")).replace(b'id="p"', b'id="p2"')

    definitions = kernel.load({"a.bpmn": caller, "b.bpmn": called})
    assert set(definitions.processes) == {"p", "p2"}
    with pytest.raises(DefinitionError, match="also in"):
        kernel.load({"a.bpmn": caller, "b.bpmn": called, "c.bpmn": caller})


def test_topics_and_forms_that_nobody_offers_are_problems() -> None:
    """With the known topics and forms given, a task that names another is refused; `message.send` is always known."""
    form = '<zeebe:formDefinition formId="f-none"/><zeebe:assignmentDefinition candidateGroups="g"/>'
    headers = '<zeebe:taskHeaders><zeebe:header key="message" value="m"/></zeebe:taskHeaders>'
    data = line(service("t", "reply.nothing"), service("send", "message.send", headers), task("userTask", "u", form))

    assert problems_of(data, topics={"reply.accept"}, forms={"f-reply"}) == [("t", "topic"), ("u", "form")]


def test_a_conditional_event_may_not_read_the_clock() -> None:
    """Time alone wakes no condition, so such an event is refused."""
    trigger = "<bpmn:conditionalEventDefinition><bpmn:condition>=today() &gt; limit</bpmn:condition></bpmn:conditionalEventDefinition>"

    assert problems_of(line(event("intermediateCatchEvent", "c", trigger))) == [("c", "condition")]


def test_ids_of_messages_are_of_their_file() -> None:
    """Two files may use one id for different messages."""
    catch = event("intermediateCatchEvent", "c", '<bpmn:messageEventDefinition messageRef="m"/>')
    first = line(catch, before=message("m"))
    second = first.replace(b'id="p"', b'id="p2"').replace(b'name="m"', b'name="other"')

    definitions = kernel.load({"a.bpmn": first, "b.bpmn": second})

    assert [definitions.processes[p].elements["c"].message for p in ("p", "p2")] == ["m", "other"]


def test_a_process_that_is_not_executable_is_only_drawn() -> None:
    """Beside an executable process it is a warning; alone it is a problem."""
    other = f'<bpmn:process id="drawn">{event("startEvent", "s2")}</bpmn:process>'

    definitions = kernel.load({"x.bpmn": drawn(event("startEvent", "s"), more=other)})

    assert set(definitions.processes) == {"p"}
    assert [(w.element_id, w.rule) for w in definitions.warnings] == [("drawn", "not_executable")]


def test_importing_the_kernel_does_not_import_spiffworkflow() -> None:
    """Only loading a diagram does."""
    code = "import engine.kernel, sys; sys.exit(any(name.startswith('SpiffWorkflow') for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_element_class_is_ours_and_spiffworkflows() -> None:
    """The parser builds classes that speak our protocol and derive from SpiffWorkflow's; every name relied on exists."""
    classes = [cls for _, cls in spiffworkflow.Parser.OVERRIDE_PARSER_CLASSES.values()]

    assert all(issubclass(cls, Node) for cls in classes)
    assert all(any(base.__module__.startswith("SpiffWorkflow.") for base in cls.__mro__) for cls in classes)
    assert all(hasattr(owner, name) for owner, name, _ in spiffworkflow.RELIED_ON)


def test_nothing_of_spiffworkflow_crosses_the_door() -> None:
    """What the kernel gives out are its own data and plain values."""
    instance = Instance(line(task("userTask", "u")))

    given = [instance.last, *instance.last.items_opened, instance.definitions.processes["p"].elements["u"], *instance.definitions.starts]
    assert all(type(one).__module__.startswith("engine.") for one in given)
    assert all("SpiffWorkflow" not in repr(one) for one in given)


@pytest.mark.parametrize("deep", [251, 300, 5_000])
def test_elements_in_one_another_are_told_in_our_words(deep: int) -> None:
    """A file nested too deep is told so with the bound and what to draw instead, whoever notices: we, or the parser below us."""
    data = f'{HEAD}<bpmn:process id="p" isExecutable="true">{"<bpmn:extensionElements>" * deep}{"</bpmn:extensionElements>" * deep}</bpmn:process></bpmn:definitions>'

    with pytest.raises(DefinitionError) as refusal:
        kernel.load({"x.bpmn": data.encode()})

    assert [(one.rule, one.message, one.fix) for one in refusal.value.problems] == [
        ("depth", "elements are nested more than 250 deep", "use call activities instead of nesting")
    ]
