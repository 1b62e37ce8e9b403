"""Each rule of the check beyond what cannot run: a small diagram that breaks it, and the remedy that takes the problem away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from engine.checking import check
from engine.errors import Problem
from engine.model import Job, Outcome, Rows
from engine.registry import Registry

from .mending import ZEEBE, B, Z, add_input, add_property, edited, extensions, found, remove

pytestmark = pytest.mark.language

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    f'xmlns:zeebe="{ZEEBE}" id="d" targetNamespace="t">'
)
FORM = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "result": {"type": "string", "enum": ["accepted", "refused"]},
        "day": {"type": "string", "format": "date"},
        "count": {"type": "integer"},
        "text": {"type": "string", "x-record": "thing"},
        "rows": {"type": "array", "items": {"type": "object", "additionalProperties": False, "properties": {"unit": {"type": "string"}, "mode": {"type": "string"}}}},
    },
}
LIMITS = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="t" name="t" namespace="t"><decision id="time_limits" name="t">'
    '<decisionTable hitPolicy="COLLECT"><input id="i"><inputExpression id="x"><text>limit_id</text></inputExpression></input><output id="o" name="amount"/>'
    '<output id="s" name="starts_at"/><rule id="r"><inputEntry id="c"><text>"reply"</text></inputEntry><outputEntry id="v"><text>3</text></outputEntry>'
    '<outputEntry id="w"><text>"assigned"</text></outputEntry></rule><rule id="r2"><inputEntry id="c2"><text>"reply"</text></inputEntry>'
    '<outputEntry id="v2"><text>3</text></outputEntry><outputEntry id="w2"><text>"received"</text></outputEntry></rule></decisionTable></decision></definitions>'
)


def registry() -> Registry:
    """One handler, one check, few groups, one setting."""
    made = Registry()
    made.groups |= {"staff", "unit-desk:"}
    made.settings["width"] = 4

    @made.handler("thing.do", takes={"result": ("accepted", "refused"), "day": "date"}, may_take={"more": "text"}, writes={"state": ("kept", "lost")})
    def do(job: Job, rows: Rows) -> Outcome:
        return Outcome()

    @made.check("thing.valid", takes=("day",))
    def valid(item: object, data: object, rows: Rows) -> list[object]:  # type: ignore[type-arg]
        return []

    return made


def flow(*ids: str, start: int = 0) -> str:
    """Sequence flows through these elements."""
    return "".join(f'<bpmn:sequenceFlow id="f{start + number}" sourceRef="{a}" targetRef="{b}"/>' for number, (a, b) in enumerate(pairwise(ids)))


def ext(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def props(**values: str) -> str:
    return "<zeebe:properties>" + "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in values.items()) + "</zeebe:properties>"


ASK = (
    '<bpmn:startEvent id="s">' + ext(props(groups="staff")) + "</bpmn:startEvent>"
    '<bpmn:userTask id="ask">' + ext('<zeebe:formDefinition formId="f-thing"/><zeebe:assignmentDefinition candidateGroups="staff"/>' + props(basis="law#1")) + "</bpmn:userTask>"
)
END = '<bpmn:endEvent id="e"/>'


def script(expression: str, name: str = "r", node: str = "x") -> str:
    written = expression.replace('"', "&quot;").replace("<", "&lt;")
    return f'<bpmn:scriptTask id="{node}">' + ext(f'<zeebe:script expression="{written}" resultVariable="{name}"/>') + "</bpmn:scriptTask>"


def service(mapping: str) -> str:
    return '<bpmn:serviceTask id="x">' + ext(f'<zeebe:taskDefinition type="thing.do"/><zeebe:ioMapping>{mapping}</zeebe:ioMapping>') + "</bpmn:serviceTask>"


def line(source: str, target: str) -> str:
    return f'<zeebe:input source="{source}" target="{target}"/>'


def process(*parts: str, name: str = "p", root: str = "") -> str:
    return f'{HEAD}<bpmn:process id="{name}" isExecutable="true">{"".join(parts)}</bpmn:process>{root}</bpmn:definitions>'


def after_asking(element: str) -> str:
    """A process that asks the form and then comes to the element `x`."""
    return process(ASK, element, END, flow("s", "ask", "x", "e"))


def files_of(diagram: str, **more: str) -> dict[str, bytes]:
    found = {"a.bpmn": diagram.encode(), "forms/f-thing.json": json.dumps(FORM).encode(), "time_limits.dmn": LIMITS.encode()}
    return found | {name.replace("_", "."): text.encode() for name, text in more.items()}


def told(files: dict[str, bytes]) -> tuple[Problem, ...]:
    return check(files, registry=registry()).problems


Mend = Callable[[etree._Element], None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A diagram, the one problem that it has, and how its remedy is carried out (None: by the problem's own edit)."""

    name: str
    diagram: str
    rule: str
    says: str
    severity: str = "error"
    mend: Mend | None = None
    element: str = "x"


def put_script(expression: str) -> Mend:
    return lambda element: next(element.iter(Z + "script")).set("expression", expression)


def condition_of(element: etree._Element) -> etree._Element:
    return next(element.iter(B + "conditionExpression"))


def make_default(gateway: etree._Element) -> None:
    """One of its flows is the default, and has no condition."""
    gateway.set("default", "f2")
    flow = next(f for f in gateway.getparent().iter(B + "sequenceFlow") if f.get("id") == "f2")
    remove(condition_of(flow))


def declare_day(element: etree._Element) -> None:
    """The start event declares the variable."""
    declared = next(p for p in element.getparent().iter(Z + "property") if p.get("name") == "variables")
    declared.set("value", "result, day")


BRANCH = '<bpmn:exclusiveGateway id="g" default="f2"/>'


def branch(condition: str) -> str:
    """Asks, then takes `x` under a condition, else ends."""
    conditional = f'<bpmn:sequenceFlow id="f9" sourceRef="g" targetRef="x"><bpmn:conditionExpression>{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>'
    return process(ASK, BRANCH, '<bpmn:task id="x"/>', END, flow("s", "ask", "g", "e"), conditional, flow("x", "e", start=20))


def thrown(name: str, *, root: str) -> str:
    end = f'<bpmn:endEvent id="x"><bpmn:messageEventDefinition messageRef="{name}"/></bpmn:endEvent>'
    return process(ASK, end, flow("s", "ask", "x"), root=root)


def caught(properties: str = "") -> str:
    event = f'<bpmn:intermediateCatchEvent id="x">{properties}<bpmn:messageEventDefinition messageRef="m1"/></bpmn:intermediateCatchEvent>'
    message = '<bpmn:message id="m1" name="nobody-throws">' + ext('<zeebe:subscription correlationKey="=count"/>') + "</bpmn:message>"
    return process(ASK, event, END, flow("s", "ask", "x", "e"), root=message)


CASES = (
    Case(name="a name that nothing writes", diagram=after_asking(script("=resukt")), rule="unknown_name", says="reads resukt, which nothing can write"),
    Case(
        name="a name far from any other",
        diagram=after_asking(script("=elsewhere")),
        rule="unknown_name",
        says="reads elsewhere",
        mend=lambda x: add_property(next(x.getparent().iter(B + "startEvent")), "variables", "elsewhere"),
    ),
    Case(name="a field that goes to a record is no variable", diagram=after_asking(script("=text")), rule="unknown_name", says="reads text", mend=put_script("=result")),
    Case(name="an entry that a context does not have", diagram=after_asking(script("=rows[1].units")), rule="unknown_name", says="reads the entry units; there are only mode, unit"),
    Case(name="a text that no form offers", diagram=branch('=result = "acceptet"'), rule="value", says='compares with "acceptet"; it can only be accepted, refused', element="f9"),
    Case(
        name="a text far from any that is offered",
        diagram=branch('=result in ("later", "refused")'),
        rule="value",
        says='compares with "later"',
        element="f9",
        mend=lambda x: setattr(condition_of(x), "text", '=result = "refused"'),
    ),
    Case(name="a date against a number", diagram=branch("=day &gt; count"), rule="types", says="date > number", element="f9", mend=lambda x: setattr(condition_of(x), "text", "=count > 1")),
    Case(name="a text and a number added", diagram=after_asking(script('="no. " + count')), rule="types", says="string + number", mend=put_script('="no. " + string(count)')),
    Case(name="an unknown limit", diagram=after_asking(script('=due("repy", day)')), rule="limit", says="names the limit repy"),
    Case(name="a limit far from any", diagram=after_asking(script('=due("archive", day)')), rule="limit", says="names the limit archive", mend=put_script('=due("reply", day)')),
    Case(
        name="an event at which no clock starts", diagram=after_asking(script('=due("reply", {"assigned": day, "recieved": day})')), rule="limit",
        says="the day of recieved, at which no clock starts",
    ),
    Case(
        name="an event that starts a row and is not given", diagram=after_asking(script('=due("reply", {"assigned": day})')), rule="limit",
        says="no day of received, at which the limit reply starts", mend=put_script('=due("reply", {"assigned": day, "received": day})'),
    ),
    Case(name="an unknown setting", diagram=after_asking(script('=setting("widht")')), rule="setting", says="names the setting widht"),
    Case(name="a setting far from any", diagram=after_asking(script('=setting("colour")')), rule="setting", says="names the setting colour", mend=put_script('=setting("width")')),
    Case(
        name="a field read before it is asked",
        diagram=process(ASK, script("=count + 1"), END, flow("s", "x", "ask", "e")),
        rule="too_early",
        says="reads count before it can be there: it is written at ask",
        mend=put_script("=if count = null then 0 else count"),
    ),
    Case(name="an input that a handler needs", diagram=after_asking(service(line("=result", "result"))), rule="input", says="thing.do needs the input day", mend=lambda x: add_input(x, "day", "=day")),
    Case(name="an input misspelt", diagram=after_asking(service(line("=result", "result") + line("=day", "dya"))), rule="input", says="thing.do needs the input day"),
    Case(
        name="an input that a handler does not look at",
        diagram=after_asking(service(line("=result", "result") + line("=day", "day") + line("=count", "weight"))),
        rule="input",
        says="thing.do does not look at the input weight",
        severity="warning",
        mend=lambda x: remove(next(part for part in x.iter(Z + "input") if part.get("target") == "weight")),
    ),
    Case(
        name="an input of another kind",
        diagram=after_asking(service(line("=result", "result") + line("=count", "day"))),
        rule="types",
        says="thing.do takes day as date, and it is number",
        mend=lambda x: next(part for part in x.iter(Z + "input") if part.get("target") == "day").set("source", "=day"),
    ),
    Case(name="a text that a handler does not know", diagram=after_asking(service(line("=&quot;refuzed&quot;", "result") + line("=day", "day"))), rule="value", says='thing.do does not know "refuzed" as result'),
    Case(
        name="a text far from those that a handler knows",
        diagram=after_asking(service(line("=&quot;later&quot;", "result") + line("=day", "day"))),
        rule="value",
        says='thing.do does not know "later" as result',
        mend=lambda x: next(part for part in x.iter(Z + "input") if part.get("target") == "result").set("source", "=result"),
    ),
    Case(
        name="a variable that an unmapped handler needs",
        diagram=process('<bpmn:startEvent id="s">' + ext(props(groups="staff", variables="result")) + "</bpmn:startEvent>", '<bpmn:serviceTask id="x">' + ext('<zeebe:taskDefinition type="thing.do"/>') + "</bpmn:serviceTask>", END, flow("s", "x", "e")),
        rule="unknown_name",
        says="thing.do needs the variable day, which nothing can write",
        mend=declare_day,
    ),
    Case(name="a name written and read nowhere, near another", diagram=process(ASK, script("=count + 1", "total"), script("=total", "totel", "y"), END, flow("s", "ask", "x", "y", "e")), rule="unread", says="gives totel, which nothing reads", severity="warning", element="y"),
    Case(
        name="an unreachable element",
        diagram=process(ASK, END, '<bpmn:task id="x"/><bpmn:task id="y"/>', flow("s", "ask", "e"), flow("x", "y", "x", start=20)),
        rule="unreachable",
        says="no token can come here",
        severity="warning",
        mend=lambda x: next(f for f in x.getparent().iter(B + "sequenceFlow") if f.get("id") == "f1").set("targetRef", "x"),
    ),
    Case(
        name="a gateway without default",
        diagram=branch('=result = "accepted"').replace(' default="f2"', "").replace('<bpmn:sequenceFlow id="f2" sourceRef="g" targetRef="e"/>', '<bpmn:sequenceFlow id="f2" sourceRef="g" targetRef="e"><bpmn:conditionExpression>=result = "refused"</bpmn:conditionExpression></bpmn:sequenceFlow>'),
        rule="no_default",
        says="has no default flow",
        severity="warning",
        element="g",
        mend=make_default,
    ),
    Case(
        name="a task whose flows all have conditions",
        diagram=process(ASK, END, flow("s", "ask"), '<bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="e"><bpmn:conditionExpression>=result = "accepted"</bpmn:conditionExpression></bpmn:sequenceFlow>'),
        rule="no_default",
        says="none is the default",
        severity="warning",
        element="ask",
        mend=make_default,
    ),
    Case(
        name="work without its clause",
        diagram=after_asking('<bpmn:userTask id="x">' + ext('<zeebe:assignmentDefinition candidateGroups="staff"/>') + "</bpmn:userTask>"),
        rule="basis",
        says="names no clause",
        severity="warning",
        mend=lambda x: add_property(x, "basis", "代表法2025#51"),
    ),
    Case(name="a group that does not exist", diagram=after_asking('<bpmn:userTask id="x">' + ext('<zeebe:assignmentDefinition candidateGroups="stafff"/>' + props(basis="law#1")) + "</bpmn:userTask>"), rule="group", says="there is no group stafff"),
    Case(
        name="a family of groups that does not exist",
        diagram=after_asking('<bpmn:userTask id="x">' + ext('<zeebe:assignmentDefinition candidateGroups="=&quot;team:&quot; + string(count)"/>' + props(basis="law#1")) + "</bpmn:userTask>"),
        rule="group",
        says="there is no group team:",
        mend=lambda x: next(x.iter(Z + "assignmentDefinition")).set("candidateGroups", "staff"),
    ),
    Case(
        name="an act that nobody may do",
        diagram=caught(ext(props(act="go"))),
        rule="assignment",
        says="nobody may do the act go",
        severity="warning",
        mend=lambda x: add_property(x, "groups", "staff"),
    ),
    Case(name="an unknown check", diagram=after_asking('<bpmn:userTask id="x">' + ext('<zeebe:assignmentDefinition candidateGroups="staff"/>' + f"<zeebe:ioMapping>{line('=day', 'day')}</zeebe:ioMapping>" + props(basis="law#1", check="thing.valit")) + "</bpmn:userTask>"), rule="check", says="names the check thing.valit"),
    Case(
        name="a check far from any",
        diagram=after_asking('<bpmn:userTask id="x">' + ext('<zeebe:assignmentDefinition candidateGroups="staff"/>' + props(basis="law#1", check="letter.sealed")) + "</bpmn:userTask>"),
        rule="check",
        says="names the check letter.sealed",
        mend=lambda x: remove(next(p for p in x.iter(Z + "property") if p.get("name") == "check")),
    ),
    Case(name="a message that nobody catches", diagram=thrown("m1", root='<bpmn:message id="m1" name="nobody-hears"/>'), rule="message", says="nobody catches the message nobody-hears", mend=lambda x: x.remove(next(x.iter(B + "messageEventDefinition")))),
    Case(
        name="a message that nobody throws",
        diagram=caught(),
        rule="message",
        says="nothing in this set throws the message nobody-throws",
        severity="warning",
        mend=lambda x: add_property(x, "act", "go") or add_property(x, "groups", "staff"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_problem_is_told_and_its_remedy_takes_it_away(case: Case) -> None:
    """The diagram has the problem at the element that it names; after the remedy it has not."""
    files = files_of(case.diagram)

    mine = [problem for problem in told(files) if problem.rule == case.rule and case.says in problem.message and problem.element_id == case.element]

    assert [problem.severity for problem in mine] == [case.severity], [str(problem) for problem in told(files)]
    problem = mine[0]
    assert problem.line
    assert problem.fix
    if case.mend is None:
        assert problem.edit is not None
        assert problem.edit.new in problem.fix
        files["a.bpmn"] = edited(files["a.bpmn"], problem, problem.edit)
    else:
        root = etree.fromstring(files["a.bpmn"])
        case.mend(found(root, problem))
        files["a.bpmn"] = etree.tostring(root)
    left = told(files)
    assert [one for one in left if one.rule == case.rule and case.says in one.message] == []
    assert not [one for one in left if one.severity == "error"], [str(one) for one in left]


def two(caller: str, called: str) -> dict[str, bytes]:
    return files_of(caller, b_bpmn=called)


def test_a_call_gives_what_the_called_process_reads() -> None:
    """A called process that reads a name which this call does not give: told at the call, and gone when it is mapped."""
    call = '<bpmn:callActivity id="x">' + ext('<zeebe:calledElement processId="q" propagateAllParentVariables="false"/>{mapping}') + "</bpmn:callActivity>"
    called = process('<bpmn:startEvent id="qs"/>', script("=amount + 1", "twice", "y"), '<bpmn:endEvent id="qe"/>', flow("qs", "y", "qe"), name="q")
    other = process(ASK.replace('"ask"', '"ask2"').replace('"s"', '"s2"'), call.replace("{mapping}", f"<zeebe:ioMapping>{line('=count', 'amount')}</zeebe:ioMapping>").replace('"x"', '"x2"'), flow("s2", "ask2", "x2"), name="o")
    without = files_of(after_asking(call.replace("{mapping}", "")), b_bpmn=called, c_bpmn=other)
    given = files_of(after_asking(call.replace("{mapping}", f"<zeebe:ioMapping>{line('=count', 'amount')}</zeebe:ioMapping>")), b_bpmn=called, c_bpmn=other)

    assert [(p.rule, p.element_id) for p in told(without) if p.severity == "error"] == [("call_input", "x")]
    assert [p for p in told(given) if p.severity == "error"] == []


def test_a_message_carries_what_the_process_that_it_starts_reads() -> None:
    """Two throw the message that starts a process; the one that does not carry what is read first is told."""
    message = '<bpmn:message id="m1" name="go"/>'

    def throws(node: str, mapping: str) -> str:
        carried = ext(f"<zeebe:ioMapping>{mapping}</zeebe:ioMapping>") if mapping else ""
        return f'<bpmn:sendTask id="{node}" messageRef="m1">{carried}</bpmn:sendTask>'

    sender = process(ASK, throws("x", ""), throws("y", line("=count", "amount")), END, flow("s", "ask", "x", "y", "e"), root=message)
    start = '<bpmn:startEvent id="qs"><bpmn:messageEventDefinition messageRef="m1"/></bpmn:startEvent>'
    receiver = process(start, script("=amount + 1", "twice", "z"), '<bpmn:endEvent id="qe"/>', flow("qs", "z", "qe"), name="q", root=message)
    files = two(sender, receiver)

    before = [(p.rule, p.element_id) for p in told(files) if p.severity == "error"]
    root = etree.fromstring(files["a.bpmn"])
    add_input(next(e for e in root.iter() if e.get("id") == "x"), "amount", "=count")
    files["a.bpmn"] = etree.tostring(root)

    assert before == [("message_input", "x")]
    assert [p for p in told(files) if p.severity == "error"] == []


def test_a_signal_that_nobody_catches_is_a_warning() -> None:
    """A signal is told to whoever listens; nobody may, but an analyst should know."""
    root = '<bpmn:signal id="g1" name="bell"/>'
    event = '<bpmn:endEvent id="x"><bpmn:signalEventDefinition signalRef="g1"/></bpmn:endEvent>'

    found_ones = [(p.rule, p.severity) for p in told(files_of(process(ASK, event, flow("s", "ask", "x"), root=root)))]

    assert found_ones == [("signal", "warning")]


def test_a_signal_whose_name_is_worked_out_meets_by_its_beginning() -> None:
    """`="bell:" + x` thrown and caught: neither is told, and its payload is known."""
    root = '<bpmn:signal id="g1" name="=&quot;bell:&quot; + string(count)"/>'
    throw = '<bpmn:intermediateThrowEvent id="x">' + ext(f"<zeebe:ioMapping>{line('=day', 'rung_on')}</zeebe:ioMapping>") + '<bpmn:signalEventDefinition signalRef="g1"/></bpmn:intermediateThrowEvent>'
    catch = '<bpmn:intermediateCatchEvent id="y"><bpmn:signalEventDefinition signalRef="g1"/></bpmn:intermediateCatchEvent>'
    diagram = process(ASK, throw, catch, script("=rung_on > today()", "r", "z"), END, flow("s", "ask", "x", "y", "z", "e"), root=root)

    assert told(files_of(diagram)) == ()


def test_what_comes_from_outside_is_doubted_and_not_refused() -> None:
    """A process that anybody may start with any data: a name without a writer is a warning."""
    diagram = process('<bpmn:startEvent id="s"/>', script("=given"), END, flow("s", "x", "e"))

    assert [(p.rule, p.severity) for p in told(files_of(diagram))] == [("unknown_name", "warning")]


def test_parallel_branches_see_each_other() -> None:
    """What one branch writes another may read: no alarm, in whatever order they are drawn."""
    fork = '<bpmn:parallelGateway id="fork"/>'
    ask = ASK.partition("</bpmn:startEvent>")
    diagram = process(
        ask[0] + ask[1], fork, ask[2], script("=count + 1"), '<bpmn:endEvent id="e1"/>', END,
        flow("s", "fork", "x", "e"), flow("fork", "ask", "e1", start=20),
    )  # fmt: skip

    assert told(files_of(diagram)) == ()


def test_filters_read_the_entries_of_their_items() -> None:
    """Inside a filter an entry of the item comes first, then a variable; neither is told, what is neither is."""
    right = after_asking(script("=rows[unit = string(count)].mode"))
    wrong = after_asking(script("=rows[unjt = string(count)].mode"))

    assert told(files_of(right)) == ()
    assert [(p.rule, p.edit and p.edit.new) for p in told(files_of(wrong)) if p.severity == "error"] == [("unknown_name", "unit")]


def test_a_decision_table_is_read_with_the_forms() -> None:
    """A cell that compares with what no form offers is told in the table's file; its result is known to the diagram."""
    table = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="t" name="t" namespace="t"><decision id="judge" name="judge"><decisionTable id="jt">'
        '<input id="i"><inputExpression id="x"><text>result</text></inputExpression></input><output id="o" name="o"/>'
        '<rule id="r1"><inputEntry id="c1"><text>"acceptet"</text></inputEntry><outputEntry id="v1"><text>"good"</text></outputEntry></rule></decisionTable></decision></definitions>'
    )
    rule_task = '<bpmn:businessRuleTask id="x">' + ext('<zeebe:calledDecision decisionId="judge" resultVariable="verdict"/>') + "</bpmn:businessRuleTask>"
    diagram = process(ASK, rule_task, script('=verdict = "gold"', "r", "y"), END, flow("s", "ask", "x", "y", "e"))
    files = {**files_of(diagram), "judge.dmn": table.encode()}

    found_ones = [(p.file, p.element_id, p.edit.new) for p in told(files) if p.rule == "value" and p.edit]

    assert ("judge.dmn", "c1", "accepted") in found_ones
    assert ("a.bpmn", "y", "good") in found_ones


def test_boxed_expressions_and_models_are_read_with_the_forms() -> None:
    """A name inside a box that nothing writes is told; entries, parameters and what a turn goes through are names of their own."""
    boxed = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="t" name="t" namespace="t"><businessKnowledgeModel id="levy" name="levy"><encapsulatedLogic>'
        '<formalParameter name="base"/><literalExpression id="body"><text>base * ratte</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>'
        '<decision id="judge" name="judge"><knowledgeRequirement><requiredKnowledge href="#levy"/></knowledgeRequirement><context>'
        '<contextEntry><variable name="gross sum"/><literalExpression id="e1"><text>levy(amount)</text></literalExpression></contextEntry>'
        '<contextEntry><variable name="each"/><for iteratorVariable="turn"><in><literalExpression id="e2"><text>[1..gross sum]</text></literalExpression></in>'
        '<return><literalExpression id="e3"><text>turn + levy(base: amuont) + count(partial)</text></literalExpression></return></for></contextEntry></context></decision></definitions>'
    )
    rule_task = '<bpmn:businessRuleTask id="x">' + ext('<zeebe:calledDecision decisionId="judge" resultVariable="verdict"/>') + "</bpmn:businessRuleTask>"
    asked = ASK.replace('<zeebe:property name="groups"', '<zeebe:property name="variables" value="amount, rate"/><zeebe:property name="groups"')
    diagram = process(asked, rule_task, END, flow("s", "ask", "x", "e"))

    found_ones = sorted((p.element_id, p.message) for p in told({**files_of(diagram), "judge.dmn": boxed.encode()}) if p.rule == "unknown_name")

    assert [element_id for element_id, _ in found_ones] == ["body", "e3"]
    assert "ratte" in found_ones[0][1]
    assert "amuont" in found_ones[1][1]


def test_a_form_that_must_be_mended_is_told_and_not_missed() -> None:
    """The broken form is the one problem; who names it is not told that it does not exist."""
    files = files_of(process(ASK, END, flow("s", "ask", "e")))
    files["forms/f-thing.json"] = b"{"

    assert [(p.file, p.rule) for p in told(files)] == [("forms/f-thing.json", "form-json")]


def test_neighbours_are_read_and_not_told() -> None:
    """A file beside the checked one gives it its called process; its own problems are not told, and one with the same process is left out."""
    call = '<bpmn:callActivity id="x">' + ext('<zeebe:calledElement processId="q"/>') + "</bpmn:callActivity>"
    called = process('<bpmn:startEvent id="qs"/>', '<bpmn:userTask id="bad"/>', flow("qs", "bad"), name="q").encode()
    files = files_of(after_asking(call))

    beside = check(files, registry=registry(), beside={"q.bpmn": called, "old.bpmn": files["a.bpmn"]})
    alone = check(files, registry=registry())

    assert beside.problems == ()
    assert [p.rule for p in alone.errors] == ["call"]


def test_a_neighbour_in_another_encoding_is_left_out_too() -> None:
    """A file beside the checked one that has the same process is left out, also where it is written in UTF-16."""
    files = files_of(process(ASK, END, flow("s", "ask", "e")))
    neighbour = files["a.bpmn"].decode("utf-8").encode("utf-16")

    found = check(files, registry=registry(), beside={"old.bpmn": neighbour})

    assert found.problems == told(files)


def test_nothing_is_said_about_what_is_not_known() -> None:
    """Without a registry no topic, check or group is unknown."""
    diagram = after_asking(service(line("=result", "anything")))

    assert [p for p in check(files_of(diagram)).problems if p.severity == "error"] == []


def test_extension_elements_are_made_where_there_are_none() -> None:
    """The remedies of these tests work on an element that has no extension elements yet."""
    element = etree.fromstring(process('<bpmn:task id="t"/>'))[0][0]

    assert extensions(element).getparent() is element


def test_every_rule_is_in_the_reference() -> None:
    """The page of rules names each rule that the check can tell beyond loading."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "check.md").read_text("utf-8")

    assert [case.rule for case in CASES if f"`{case.rule}`" not in page] == []
