"""The 21 reference models of the BPMN Model Interchange Working Group, drawn by people with many tools for no engine at all.

They are third-party and lie beside the repository, in `../shared/conformance/human`; where that is absent nothing here is collected.
Each loads, or every problem is explained with element and line. Those in `ADDED` run to an end once the data that a drawing lacks is
put in: who does a task, a task's topic or decision, conditions, what is repeated, and what triggers an event.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine import kernel
from engine.errors import DefinitionError
from engine.kernel.outline import Outline
from engine.kernel.read import BPMN, ZEEBE, read
from engine.kernel.vocabulary import ELEMENTS, ZEEBE_ELEMENTS
from engine.model import Outcome

from .host import Handler, Host

HUMAN = Path(__file__).parents[3] / "shared" / "conformance" / "human"
CASES: list[dict[str, Any]] = json.loads((HUMAN / "expected.json").read_text("utf-8"))
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
TURNS = 200
HANDLERS = {"done": lambda task: Outcome(), "refuse": lambda task: Outcome(error="refused")}


class Topics(dict[str, Handler]):
    """Every other topic that a drawing names is simply done."""

    def __missing__(self, topic: str) -> Handler:
        return self["done"]


@dataclass(frozen=True, kw_only=True)
class Added:
    """What is put into a model. `start`: the process to start, or the message that starts one; then what is sent or answered.

    `conditions`, `times`, `loops`: by element id, FEEL or ISO 8601. `names`: element id → the message, signal or error that it throws or
    catches. `answers`: what a person enters, by element id. `files`: other models of the same deployment. `decisions`: id → its FEEL. `topics`: where
    another than `done` is meant. `messages`: sent one by one when nobody has anything to do. `passes`: names of elements that must complete.
    """

    start: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    loops: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    decisions: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()


ADDED: Mapping[str, Added] = {
    "A.1.0.bpmn": Added(start="WFP-6-", passes=("Task 1", "Task 2", "Task 3")),
    "A.2.0.bpmn": Added(
        start="WFP-6-",
        variables={"way": 3},
        conditions={"_f1478fb7-98c4-4c01-8c15-68bd04c91535": "=way = 2", "_a1570a53-28d2-41b1-a3a2-3e50c00d747e": "=way = 3", "_20ebb3c1-5178-4c7c-a91d-23e58f2aa73b": "=way = 4"},
        passes=("Task 1", "Task 3"),
    ),
    "A.2.1.bpmn": Added(
        start="_To9ZoTOCEeSknpIVFCxNIQ",
        variables={"way": 4},
        conditions={
            "_To9Z7TOCEeSknpIVFCxNIQ": "=way = 2", "_To9Z8zOCEeSknpIVFCxNIQ": "=way = 5", "_To9Z9jOCEeSknpIVFCxNIQ": "",
            "_To9Z-TOCEeSknpIVFCxNIQ": "=way = 3", "_To9Z_DOCEeSknpIVFCxNIQ": "=way = 4",
        },
        passes=("Task 1", "Task 4", "Task 3"),
    ),
    "A.3.0.bpmn": Added(start="WFP-6-", names={"_428dcbf5-8e5e-48e0-9c0c-d93003fa8c82": "asked"}, passes=("Task 1", "Task 2")),
    "A.4.0.bpmn": Added(start="WFP-6-2", passes=("Task 3", "Task 4", "Task 6", "Task 5")),
    "A.4.1.bpmn": Added(start="sid-54D696FD-DEDC-45F3-99DB-1404DA433FC4", passes=("Task 3 ", "Task 4 ", "Task 6 ", "Task 5 ")),
    "C.1.0.bpmn": Added(
        start="message:invoice-received-C.1.0",
        conditions={
            "invoiceApproved": "=approved", "invoiceNotApproved": "=not(approved)",
            "reviewSuccessful": '=clarified = "yes"', "reviewNotSuccessful": '=clarified = "no"',
        },
        answers={"approveInvoice": {"approved": False}, "reviewInvoice": {"clarified": "no"}},
        passes=("Assign\nApprover", "Approve Invoice", "Rechnung klären", "Invoice not\nprocessed"),
    ),
    "C.1.1.bpmn": Added(
        start="handle-invoice",
        conditions={
            "invoiceApproved": "=approved", "invoiceNotApproved": "=not(approved)",
            "reviewSuccessful": '=clarified = "yes"', "reviewNotSuccessful": '=clarified = "no"',
        },
        answers={"approveInvoice": {"approved": True}},
        passes=("Approve Invoice", "Archive\nInvoice", "Invoice\nprocessed"),
    ),
    "C.2.0.bpmn": Added(
        start="WFP-Page_1-3",
        variables={"shopping": False, "paid": True, "again": False},
        conditions={
            "__a12a7547-373d-47ec-890d-af5c177203ee": "=not(shopping)", "__ffc1486a-8a32-490a-8835-d14cc5ab0a97": "=shopping",
            "_63cf98c9-d0b1-4595-a4f2-9589439b311c": "=again", "_ad0872cc-e2a9-4c44-98c6-c64e0638f37e": "=not(again)",
            "_bfa5c7b2-f5d2-4487-a307-b2ea662bd059": "=not(paid)", "_50edb87c-9e46-48b1-a311-ef00e6e431e8": "=paid",
        },
        passes=("Browse Products on Amazon", "Checkout", "Receive items"),
    ),
    "C.4.0.bpmn": Added(
        start="_42cba3a9-a8ab-40b5-b9a4-2e8f32be364e",
        variables={"accepted": True, "complete": False},
        names={
            "_fe77c2f2-278f-4752-9d03-aa0c8a12af1e": "payroll", "_db9147a9-7fbc-4657-a506-15e777f2cfd9": "facilities", "_74e2cc7b-99ca-426b-ad53-ad70a56506aa": "it",
            "_efbd0983-76cd-4a4c-acf3-6dde71d7c760": "payroll", "_5ee09fe4-f38f-454d-b6e4-1c3703a6a239": "facilities", "_c82dd8eb-ce54-4aa7-b8c4-b8d3e8fd654e": "it",
        },
        conditions={
            "_237c8380-5449-446e-a323-aad80181176d": "=accepted", "_7e9d8b8b-faa9-4264-858b-7454702c4ec2": "=not(accepted)",
            "_ca6f904d-e30d-4777-a7dd-661650e1e3a2": "=not(complete)", "_12e2f256-ec10-4a8d-934c-329143c588d8": "=complete",
        },
        loops={"_788443d9-65f0-43a4-96a8-63e8d6f380a7": "=loopCounter < 2"},
        answers={"_ae47ce79-bd91-452b-be68-47a2ea589e75": {"complete": False}},
        passes=("Update payroll system", "Compile welcome package", "Give employee welcome package"),
    ),
    "C.5.0.bpmn": Added(
        start="_3d1ef204-2d4c-4643-8fc5-c319cc032ec0",
        variables={"legal": True, "known": True, "complete": False, "approval": True, "approved": True, "group": True},
        names={"_8055ae64-cafd-4fd0-be36-2216e3b02e37": "identified", "_1cf552d4-5152-4595-9218-84f31533bc70": "refused"},
        conditions={
            "_fcb09e30-bfe6-46b9-af01-6777c60026f2": "=not(legal)", "_6912e5ed-5cae-4798-b6e6-8d367ddb3f60": "=legal",
            "_eec53048-291a-4802-8fec-012857f845eb": "=complete", "_664f3a71-3efa-4c94-8797-815f2e377cf7": "=not(complete)",
            "_1887adee-8291-4640-a5fa-3dc5f33d5a34": "=not(approval)", "_e88d64c7-3aaf-4a5f-9787-4e5ba696312b": "=approval",
            "_afc35597-a482-432a-8ace-17adaf609572": "=known", "_470d1a12-e1fa-4471-b753-cfd7dbe20d80": "=not(known)",
            "_8a77d7f6-320a-47ff-a155-57ee200df478": "=approved", "_ae94e0c1-aa12-433f-bd44-a4d8a70a089e": "=not(approved)",
            "_e25b9c2d-690e-470b-8993-112002994fc2": "=group", "_c329c58d-4a71-471f-acb9-b7f7113d8547": "=not(group)",
        },
        passes=("Interview customer", "Check risk and decide about approval", "Identity determined and new customer created"),
    ),
    "C.7.0.bpmn": Added(
        start="_4a690dd7-809a-4fa9-ad63-515ac6685375",
        variables={"platforms": ["a", "b"]},
        conditions={"_d74707c7-6af3-4db7-9403-924bfdf6a7d8": "=not(approved)", "_1d201a22-d500-4412-a32a-2c7e24ad4d6b": "=approved"},
        loops={"_a36ddf2f-23c1-46c5-86d4-bd2a0eb42535": "=platforms"},
        answers={"_15b00027-5049-4081-8952-fd398e8b722a": {"approved": True}},
        passes=("Write \ndescription", "Publish on \nother platforms", "Vacancy \nadvertised"),
    ),
    "C.6.0.bpmn": Added(
        start="message:request",
        names={
            "_44e3f1fa-42cd-40b7-9980-a51ac49d5fa3": "request", "_15fef309-6718-4352-9b71-f757bcd8c023": "offer",
            "_e5c69e92-6f98-47c8-bc22-b75d38620f95": "cancel",
        },
        times={"_87baeef0-f32e-4a93-b802-fdd588aaf729": "PT24H", "_32c4138c-74ae-484a-a7e5-0609370d7080": "PT24H"},
        topics={"_614d6469-2bb8-4ad6-a20a-db5db6321c6b": "refuse"},
        messages=("offer",),
        passes=("Book Hotel", "Cancel Hotel", "Cancel Flight", "Failed Credit\nTransaction"),
    ),
    "C.9.0.bpmn": Added(
        start="customer_onboarding_en",
        variables={"applicationNumber": "7", "applicant": {"name": "N", "email": "E", "age": 30}, "corporation": "C", "product": "P", "documentReferenceId": "1", "fraudSuspectedId": "2", "approved": True},
        files=("C.9.1.bpmn", "C.9.2.bpmn"),
        decisions={"risk_check": '{riskLevel: ["yellow"], risk: ["new"]}'},
        answers={"UserTask_DecideOnApplication": {"approved": True}},
        passes=("Check application automatically", "Decide on application", "Deliver confirmation"),
    ),
    "C.9.1.bpmn": Added(start="requestDocument_en", variables={"documentReferenceId": "1"}, passes=("Send reminder email", "Call customer")),
    "C.9.2.bpmn": Added(
        start="ManualCheck",
        variables={"risks": [], "applicant": {"name": "N", "age": 30}, "documentReferenceId": "1", "fraudSuspectedId": "2"},
        files=("C.9.1.bpmn",),
        passes=("Decide on application",),
    ),
}

ONLY_DATA = (
    "A.1.0.bpmn", "A.2.0.bpmn", "A.2.1.bpmn", "A.4.0.bpmn", "A.4.1.bpmn", "C.1.0.bpmn", "C.1.1.bpmn", "C.2.0.bpmn", "C.7.0.bpmn",
    "C.9.0.bpmn", "C.9.1.bpmn", "C.9.2.bpmn",
)
"""The models that run with nothing added but assignment, topics, conditions, loops, decisions and what is started and answered."""

REFUSED: Mapping[str, tuple[str, str]] = {
    "B.1.0.bpmn": ("globalTask", ""),
    "B.2.0.bpmn": ("globalUserTask", ""),
    "C.3.0.bpmn": ("userTask", "startQuantity"),
    "C.8.0.bpmn": ("output", "target"),
    "C.8.1.bpmn": ("output", "target"),
}
"""The construct for which each other model is refused, whatever data is put in: an element and an attribute of the reference."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_drawing_loads_or_is_explained(case: dict[str, Any]) -> None:
    """Each model loads, or each problem names its element and line; nothing vanishes; both within one second of work."""
    data = (HUMAN / case["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == case["sha256"]

    begun = time.process_time()
    try:
        problems = kernel.load({case["file"]: data}).warnings
    except DefinitionError as refusal:
        problems = tuple(refusal.problems)

    assert time.process_time() - begun < 1
    assert [problem for problem in problems if not (problem.element_id and problem.line and problem.message and problem.fix)] == []
    assert len(Outline(case["file"], read(case["file"], data)).nodes) == case["flow_nodes"]


@pytest.mark.parametrize("name", ADDED)
def test_a_drawing_runs_when_its_data_is_added(name: str) -> None:
    """With assignment, topics, conditions and the names of triggers put in, each process of the drawing comes to an end."""
    added = ADDED[name]
    files = {one: completed((HUMAN / one).read_bytes(), added) for one in (name, *added.files)}
    files |= {f"{decision}.dmn": decision_table(decision, text) for decision, text in added.decisions.items()}

    host = Host(kernel.load(files), NOW, Topics(HANDLERS))
    run(host, added)

    stuck = [(one.element_id, one.state) for instance in host.instances for one in kernel.open_elements(instance.snapshot)]
    reasons = [one.reason for instance in host.instances for one in instance.incidents.values()]
    assert (stuck, reasons) == ([], [])
    assert {instance.outcome for instance in host.instances} == {"completed"}
    titles = {element.id: element.name for process in host.definitions.processes.values() for element in process.elements.values()}
    assert set(added.passes) <= {titles[element] for element in host.left}


def test_an_error_that_a_drawing_does_not_name_is_caught_by_what_catches_all() -> None:
    """In C.2.0 the error end event of the checkout names no error, nor does the boundary event: its path is taken, with nothing put in for either."""
    added = replace(ADDED["C.2.0.bpmn"], variables={"shopping": False, "paid": False, "again": False})
    host = Host(kernel.load({"C.2.0.bpmn": completed((HUMAN / "C.2.0.bpmn").read_bytes(), added)}), NOW, Topics(HANDLERS))

    run(host, added)

    assert {"_7ea6639e-e773-4236-94bf-78f149188c30", "__cec149db-adae-4b69-8ea4-b866f2eef248"} <= set(host.left)
    assert {instance.outcome for instance in host.instances} == {"completed"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_drawing_is_refused_for_stands_in_the_reference(name: str) -> None:
    """The refusal names an element or attribute of which the reference says that it is refused, or what of it is."""
    tag, attribute = REFUSED[name]
    words = ZEEBE_ELEMENTS | ELEMENTS
    meaning = words[tag].attributes[attribute] if attribute else words[tag]

    with pytest.raises(DefinitionError) as refusal:
        kernel.load({name: completed((HUMAN / name).read_bytes(), Added(start=""))})

    assert meaning.verdict == "refused" or "refused" in meaning.says
    assert [problem for problem in refusal.value.problems if (attribute or tag) in problem.message] != []


def test_each_drawing_runs_or_is_refused_for_a_reason() -> None:
    """The two lists are all 21 models; at least 12 of them need no name of an event and no time, and these are fixed beforehand."""
    assert len(ONLY_DATA) >= 12
    assert {name for name, added in ADDED.items() if not (added.names or added.times or added.messages)} == set(ONLY_DATA)
    assert ADDED.keys() | REFUSED.keys() == {case["file"] for case in CASES}
    assert ADDED.keys().isdisjoint(REFUSED)


# ---------------------------------------------------------------------- putting data in
def completed(data: bytes, added: Added) -> bytes:
    """The model with what it lacks; nothing that is drawn is changed or taken away, but conditions in other languages are replaced."""
    root = read("drawn", data)
    outline = Outline("drawn", root)
    for process in [] if outline.runs else outline.processes:
        if process.nodes:
            process.element.set("isExecutable", "true")
    for node in outline.nodes:
        _complete_task(node.element, node.kind, added)
        _complete_trigger(root, node.element, added)
    for flow in outline.flows():
        if flow.id in added.conditions:
            _condition(flow.element, added.conditions[flow.id])
    return etree.tostring(root)


def _complete_task(element: etree._Element, kind: str, added: Added) -> None:
    own = {child.tag.rpartition("}")[2] for holder in element.findall(BPMN + "extensionElements") for child in holder if isinstance(child.tag, str)}
    if kind == "userTask" and "assignmentDefinition" not in own:
        _extend(element, "assignmentDefinition", candidateGroups="clerks")
    if kind in ("serviceTask", "businessRuleTask") and not {"taskDefinition", "calledDecision"} & own:
        _extend(element, "taskDefinition", type=added.topics.get(element.get("id", ""), "done"))
    elif kind == "sendTask" and not element.get("messageRef") and "taskDefinition" not in own:
        _extend(element, "taskDefinition", type="done")
    text = added.loops.get(element.get("id", ""))
    if text is None:
        return
    for loop in element.findall(BPMN + "multiInstanceLoopCharacteristics"):
        _extend(loop, "loopCharacteristics", inputCollection=text)
    for loop in element.findall(BPMN + "standardLoopCharacteristics"):
        etree.SubElement(loop, BPMN + "loopCondition").text = text


def _complete_trigger(root: etree._Element, element: etree._Element, added: Added) -> None:
    name, text = added.names.get(element.get("id", "")), added.times.get(element.get("id", ""))
    for trigger in element:
        kind = trigger.tag.rpartition("}")[2].removesuffix("EventDefinition") if isinstance(trigger.tag, str) else ""
        if name is not None and kind in ("message", "signal", "error"):
            trigger.set(f"{kind}Ref", _named(root, kind, name))
        elif text is not None and kind == "timer":
            for time_of in list(trigger):
                trigger.remove(time_of)
            etree.SubElement(trigger, BPMN + "timeDuration").text = text


def _named(root: etree._Element, kind: str, name: str) -> str:
    """The id of a message, signal or error of this name, which is made when there is none."""
    ref = f"added-{kind}-{name}"
    if not [one for one in root if one.get("id") == ref]:
        one = etree.Element(BPMN + kind, id=ref, name=name)
        root.insert(0, one)
        if kind == "message":
            _extend(one, "subscription", correlationKey='="1"')
        elif kind == "error":
            one.set("errorCode", name)
    return ref


def _condition(flow: etree._Element, text: str) -> None:
    for old in flow.findall(BPMN + "conditionExpression"):
        flow.remove(old)
    if text:
        etree.SubElement(flow, BPMN + "conditionExpression").text = text


def _extend(element: etree._Element, name: str, **attributes: str) -> None:
    holder = element.find(BPMN + "extensionElements")
    if holder is None:
        holder = etree.Element(BPMN + "extensionElements")
        element.insert(0, holder)
    etree.SubElement(holder, f"{{{ZEEBE}}}{name}", attributes)


def decision_table(decision: str, text: str) -> bytes:
    """A decision that is one expression."""
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t"><decision id="{decision}" name="{decision}">'
        f'<variable name="result"/><literalExpression><text>{text}</text></literalExpression></decision></definitions>'
    ).encode()


# ---------------------------------------------------------------------- playing
def run(host: Host, added: Added) -> None:
    """Do every open work item, and let time pass where only a timer is left, until nothing is open any more."""
    kind, _, name = added.start.rpartition(":")
    if kind == "message":
        host.message(name, "", added.variables)
    else:
        host.start(added.start, added.variables)
    sent = 0
    for _ in range(TURNS):
        item = next((one for instance in host.instances for one in instance.items.values()), None)
        if item is not None:
            host.complete(item.element_id, added.answers.get(item.element_id, {}), {})
        elif sent < len(added.messages) and any(instance.outcome == "waiting" for instance in host.instances):
            host.message(added.messages[sent], "1", {})
            sent += 1
        elif any(instance.timers and instance.outcome == "waiting" for instance in host.instances):
            host.advance(host.now + timedelta(days=30))
        else:
            return
