"""Work items, acts, jobs, messages and variables: what the kernel tells the outside, and what it takes in."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from engine import kernel
from engine.model import Fact, Outcome
from engine.trial import Trial

from .drawing import NOON, Instance, drawn, event, line, message, path, properties, script, service, task

MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'


def test_a_work_item_tells_all_that_people_need() -> None:
    """Groups, assignee, due date and priority are evaluated when it opens; form, check and basis are as written."""
    inside = (
        '<zeebe:assignmentDefinition candidateGroups="=&quot;unit-desk:&quot; + unit"/><zeebe:formDefinition formId="f-reply"/>'
        '<zeebe:taskSchedule dueDate="=due(&quot;reply&quot;, assigned_on)"/><zeebe:priorityDefinition priority="80"/>'
        '<zeebe:ioMapping><zeebe:input source="=unit" target="who"/></zeebe:ioMapping>'
    )
    inside += properties(basis="代表法2025#51", check="reply.valid")
    start = {"unit": "U001", "assigned_on": date(2026, 1, 5)}
    instance = Instance(line(task("userTask", "u", inside, name="签发答复")), start, due=lambda limit, day: day + timedelta(days=90))

    item = instance.last.items_opened[0]
    assert (item.element_id, item.name, item.groups, item.assignee) == ("u", "签发答复", ("unit-desk:U001",), None)
    assert (item.form_id, item.check, item.due_on, item.priority) == ("f-reply", "reply.valid", date(2026, 4, 5), 80)
    assert (dict(item.inputs), item.basis) == ({"who": "U001"}, "代表法2025#51")


@pytest.mark.parametrize(("groups", "names"), [("a, b", ("a", "b")), ('=["a", "b"]', ("a", "b")), ('="a"', ("a",))])
def test_groups_are_text_or_a_list(groups: str, names: tuple[str, ...]) -> None:
    """Comma separated text and a FEEL list name the same groups."""
    written = groups.replace('"', "&quot;")

    instance = Instance(line(task("userTask", "u", f'<zeebe:assignmentDefinition candidateGroups="{written}"/>')))

    assert instance.last.items_opened[0].groups == names


def test_a_work_item_that_names_nobody_is_an_incident() -> None:
    """When its expressions give no group and no person, nobody could ever do it; it does not open."""
    instance = Instance(line(task("userTask", "u", '<zeebe:assignmentDefinition candidateGroups="=desk"/>')))

    assert not instance.last.items_opened
    assert instance.last.incidents_opened[0].code == "assignment"


def test_an_event_with_an_act_can_be_started_by_hand() -> None:
    """The subscription of an event with the property `act` says who may start it, with which form and check."""
    own = properties(act="withdraw", form="f-withdraw", groups="=&quot;delegation:&quot; + delegation", check="suggestion.may_withdraw")
    start = event("startEvent", "qs", MESSAGE, own)
    inner = f'<bpmn:subProcess id="q" triggeredByEvent="true">{start}{event("endEvent", "qe")}{path("qs", "qe")}</bpmn:subProcess>'
    data = line(task("userTask", "u"), before=message("m"), beside=inner)

    instance = Instance(data, {"case_no": "A-1", "delegation": "D03"})

    opened = instance.last.subscriptions_opened[0]
    act = kernel.Act(act="withdraw", name="qs", form_id="f-withdraw", check="suggestion.may_withdraw", groups=("delegation:D03",), assignee=None)
    assert (opened.element_id, opened.kind, opened.name, opened.key, opened.act) == ("qs", "message", "m", "A-1", act)
    assert instance.do(kernel.Deliver(opened.n, {"on": date(2026, 2, 1)})).status == "completed"
    assert instance.variables["on"] == date(2026, 2, 1)


def test_handlers_get_inputs_and_state_facts() -> None:
    """With a mapping a handler sees the mapped inputs only; its facts come out in order with element and topic."""
    seen: list[kernel.TaskCall] = []

    def keep(call: kernel.TaskCall) -> Outcome:
        seen.append(call)
        return Outcome(variables={"commitment_id": "7"}, facts=(Fact(kind="CommitmentMade"),))

    inside = '<zeebe:ioMapping><zeebe:input source="=reply_id" target="reply"/></zeebe:ioMapping>'
    inside += '<zeebe:taskHeaders><zeebe:header key="kind" value="=&quot;k&quot;"/></zeebe:taskHeaders>'
    instance = Instance(line(service("t", "commitment.open", inside)), {"reply_id": "R1"}, commitment_open=keep)

    assert (dict(seen[0].variables), dict(seen[0].headers), seen[0].mapped) == ({"reply": "R1"}, {"kind": "k"}, True)
    assert instance.last.facts == (("t", "commitment.open", Fact(kind="CommitmentMade")),)
    assert instance.variables == {"reply_id": "R1", "commitment_id": "7"}


@pytest.mark.parametrize(
    "thrower",
    [
        event("intermediateThrowEvent", "t", MESSAGE, '<zeebe:ioMapping><zeebe:input source="=unit" target="unit"/></zeebe:ioMapping>'),
        service(
            "t",
            "message.send",
            '<zeebe:taskHeaders><zeebe:header key="message" value="m"/><zeebe:header key="key" value="=case_no"/></zeebe:taskHeaders>'
            '<zeebe:ioMapping><zeebe:input source="=unit" target="unit"/></zeebe:ioMapping>',
        ),
    ],
    ids=["throw event", "message.send"],
)
def test_a_message_carries_what_its_inputs_name(thrower: str) -> None:
    """A throw event and the topic `message.send` send the same message: key from the thrower, mapped variables and no others."""
    instance = Instance(line(thrower, before=message("m")), {"case_no": "A-1", "unit": "U1", "secret": "x"})

    thrown = instance.last.thrown[0]
    assert (thrown.kind, thrown.name, thrown.key, dict(thrown.variables)) == ("message", "m", "A-1", {"unit": "U1"})


def test_a_signal_is_not_for_what_opens_after_it() -> None:
    """A throw is numbered before subscriptions that open later in the same step, so that it is never kept for them."""
    signal = '<bpmn:signal id="g" name="g"/>'
    throw = event("intermediateThrowEvent", "t", '<bpmn:signalEventDefinition signalRef="g"/>')
    catch = event("intermediateCatchEvent", "c", '<bpmn:signalEventDefinition signalRef="g"/>')

    instance = Instance(line(throw, catch, before=signal))

    assert instance.last.thrown[0].n < instance.last.subscriptions_opened[0].n


def test_a_default_that_was_taken_for_want_of_a_value_says_so() -> None:
    """A gateway that falls to its default because a condition was null notes the condition."""
    gateway = '<bpmn:exclusiveGateway id="g" default="g-b"/>'
    condition = "<bpmn:conditionExpression>=unheard &gt; 1</bpmn:conditionExpression>"
    flow = f'<bpmn:sequenceFlow id="g-a" sourceRef="g" targetRef="a">{condition}</bpmn:sequenceFlow>'
    data = drawn(event("startEvent", "s"), gateway, task("task", "a"), task("task", "b"), path("s", "g", "b"), flow)

    instance = Instance(data)

    (kind, element, text), *_ = instance.last.notes
    assert (kind, element) == ("default_taken", "g")
    assert "condition was null" in str(text)
    assert "unheard" in str(text)


def test_a_called_process_gives_back_only_what_it_wrote() -> None:
    """Variables that were only handed in are not written back over what a parallel branch changed meanwhile."""
    called = f'<bpmn:process id="p2" isExecutable="true">{event("startEvent", "s2")}{task("userTask", "v")}{path("s2", "v")}</bpmn:process>'
    call = task("callActivity", "c", '<zeebe:calledElement processId="p2"/>')
    fork = '<bpmn:parallelGateway id="g"/>'
    data = drawn(event("startEvent", "s"), fork, call, task("userTask", "u"), path("s", "g", "c"), path("g", "u"), more=called)
    instance = Instance(data, {"x": "old"})

    instance.complete("u", x="new")
    instance.complete("v", y=1)

    assert instance.variables == {"x": "new", "y": 1}


def test_values_survive_the_snapshot() -> None:
    """Decimals, dates, instants, durations and Chinese names come out of a snapshot as they went in."""
    at = datetime(2026, 1, 5, 8, tzinfo=timezone(timedelta(hours=8)))
    given = {"金额": Decimal("0.10"), "日期": date(2026, 9, 30), "at": at, "wait": timedelta(days=2), "n": 10**20, "l": [{"a": None}]}

    instance = Instance(line(task("userTask", "u")), given)

    assert instance.variables == given


def test_a_property_of_the_process_and_of_an_element_is_readable() -> None:
    """`zeebe:properties` of the process (such as case, key) and of any element are part of the definition."""
    own = f"<bpmn:extensionElements>{properties(case='new', key='suggestion_id')}</bpmn:extensionElements>"
    inner = task("userTask", "u", properties(basis="代表法2025#51"))
    definitions = kernel.load({"x.bpmn": drawn(own, event("startEvent", "s"), inner, path("s", "u"))})

    process = definitions.processes["p"]

    assert dict(process.properties) == {"case": "new", "key": "suggestion_id"}
    assert process.elements["u"].basis == "代表法2025#51"
    assert process.elements["u"].incoming == ("s-u",)


def test_history_names_the_flows_of_the_diagram() -> None:
    """Two flows between the same two elements keep their own ids in the moves."""
    gateways = '<bpmn:parallelGateway id="g"/><bpmn:parallelGateway id="h"/>'
    flows = '<bpmn:sequenceFlow id="one" sourceRef="g" targetRef="h"/><bpmn:sequenceFlow id="two" sourceRef="g" targetRef="h"/>'

    instance = Instance(drawn(event("startEvent", "s"), gateways, event("endEvent", "e"), path("s", "g"), flows, path("h", "e")))

    assert [move[1] for move in instance.last.moves if move[0] == "take"] == ["s-g", "one", "two", "h-e"]
    assert instance.last.status == "completed"


def test_parallel_instances_do_not_share_their_output() -> None:
    """A script inside each of several parallel items writes the item's own result."""
    inner = f"{event('startEvent', 'qs')}{script('k', 'x * 10', 'y')}{event('endEvent', 'qe')}{path('qs', 'k', 'qe')}"
    characteristics = '<zeebe:loopCharacteristics inputCollection="=[1,2,3]" inputElement="x" outputCollection="ys" outputElement="=y"/>'
    loop = f"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>{characteristics}</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"

    instance = Instance(line(f'<bpmn:subProcess id="q">{loop}{inner}</bpmn:subProcess>'))

    assert instance.variables == {"ys": [10, 20, 30]}


def test_a_decision_without_a_table_is_noted_without_rules() -> None:
    """A decision that is one expression matches no rules; its value is the task's result all the same."""
    decision = '<decision id="twice" name="twice"><variable name="twice"/><literalExpression><text>x * 2</text></literalExpression></decision>'
    file = f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">{decision}</definitions>'
    files = {"drawn.bpmn": line(task("businessRuleTask", "b", '<zeebe:calledDecision decisionId="twice" resultVariable="y"/>')), "twice.dmn": file.encode()}
    trial = Trial(kernel.load(files), NOON)

    trial.start("p", {"x": 21})

    assert kernel.variables(trial.instances[0].snapshot)["y"] == 42
    assert [(kind, element, str(said)) for kind, element, said in trial.notes] == [("decision", "b", "")]
