"""Messages and signals between instances, pools and scopes, and what begins an instance. Sections are of BPMN 2.0.2."""

from __future__ import annotations

import pytest

from engine import kernel
from engine.errors import DefinitionError

from .drawing import drawn, event, line, message, path, script, task
from .playing import COMPENSATE, MESSAGE, SIGNAL, TIMER, Play, boundary, each, flow, mapping, on_event, process, signal, steps, sub

ASKED, ANSWERED = message("ask", "=key"), message("answer", "=key")


def test_two_pools_talk_by_messages() -> None:
    """8.4.2 and 9.4: each pool's process is its own instance; a message goes to the one whose key matches."""
    sender = event("startEvent", "s") + steps("s", task("sendTask", "send", mapping(inputs={"key": "key", "what": "42"}), messageRef="ask"))
    sender += steps("send", task("receiveTask", "wait", messageRef="answer"), task("task", "z"), end="e")
    answering = steps("qs", script("a", "what + 1", "what"), event("endEvent", "qe", MESSAGE.format("answer"), mapping(inputs={"what": "what", "key": "key"})))
    other = process("q", event("startEvent", "qs", MESSAGE.format("ask")), answering)
    pools = '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb" processRef="q"/></bpmn:collaboration>'

    play = Play(drawn(sender, before=ASKED + ANSWERED + pools, more=other), {"key": "k"})

    assert (play.outcomes, play.variables["what"], play.did("send", "a", "wait", "z")) == (["completed", "completed"], 43, ["send", "a", "wait", "z"])


def test_a_receive_task_may_begin_an_instance() -> None:
    """10.3.3: with instantiate true its message starts the process, and the task is then done."""
    data = drawn(task("receiveTask", "r", messageRef="ask", instantiate="true"), steps("r", task("userTask", "u"), end="e"), before=message("ask", None))

    play = Play(data, start=False).message("ask", "", a=1).message("ask", "", a=2)

    assert (play.items, play.did("r"), play.outcomes) == (["u", "u"], ["r", "r"], ["waiting", "waiting"])
    assert play.variables == {"a": 1}


def test_a_process_may_begin_plainly_or_by_a_receive_task() -> None:
    """10.5.2 and 10.3.3: ways to begin are alternatives; a plain start does not wait for the receive task's message."""
    data = drawn(
        event("startEvent", "s"), task("receiveTask", "r", messageRef="ask", instantiate="true"), task("task", "a"), path("s", "a"), path("r", "a"), before=ASKED
    )

    assert Play(data).outcomes == ["completed"]
    assert Play(data, start=False).message("ask", "").did("r", "a") == ["r", "a"]


@pytest.mark.parametrize("inside", ["a flow", "a sub-process", "a loop"])
def test_a_receive_task_that_begins_an_instance_stands_first_and_alone(inside: str) -> None:
    """10.3.3: it has no incoming flow, lies in the process itself and does not loop."""
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>' if inside == "a loop" else ""
    first = task("receiveTask", "r", "", loop, messageRef="ask", instantiate="true")
    body = {
        "a flow": event("startEvent", "s") + steps("s", first),
        "a sub-process": event("startEvent", "s") + steps("s", sub("x", first)),
        "a loop": first,
    }[inside]

    with pytest.raises(DefinitionError, match="begins an instance"):
        kernel.load({"d.bpmn": drawn(body, before=ASKED)})


def test_what_begins_an_instance_has_a_plain_name() -> None:
    """8.4.11: a name that is an expression has no data before there is an instance."""
    data = drawn(task("receiveTask", "r", messageRef="m", instantiate="true"), before='<bpmn:message id="m" name="=x"/>')

    with pytest.raises(DefinitionError, match="r "):
        kernel.load({"d.bpmn": data})


def test_a_message_goes_to_one_of_two_that_wait_for_it() -> None:
    """8.4.2: one message is received once, by the subscription that is older."""
    body = event("startEvent", "s") + event("parallelGateway", "f") + event("intermediateCatchEvent", "a", MESSAGE.format("ask"))
    body += event("intermediateCatchEvent", "b", MESSAGE.format("ask")) + path("s", "f", "a") + path("f", "b")

    play = Play(drawn(body, before=ASKED), {"key": "k"}).message("ask")

    assert (play.did("a", "b"), play.outcomes) == (["a"], ["waiting"])
    assert play.message("ask").outcomes == ["completed"]


def test_a_signal_goes_to_all_that_wait_for_it() -> None:
    """10.5.5: boundary events, catch events and event sub-processes hear the same broadcast, in every scope and instance."""
    listener = on_event("q", event("startEvent", "qs", SIGNAL.format("g"), isInterrupting="false"), steps("qs", task("task", "heard"), end="qe"))
    fork = event("parallelGateway", "f"), event("intermediateCatchEvent", "c", SIGNAL.format("g")), task("userTask", "u"), path("s", "f", "c"), path("f", "u")
    guard = boundary("b", "u", SIGNAL.format("g")) + steps("b", task("task", "guarded"), end="be")

    play = Play(drawn(event("startEvent", "s"), *fork, guard, listener, before=signal("g"))).signal("g")

    assert sorted(play.did("c", "heard", "guarded")) == ["c", "guarded", "heard"]


def test_a_thrower_does_not_hear_its_own_later_catch() -> None:
    """10.5.5: a signal is not kept; the catch event behind its own throw event waits for the next one."""
    data = line(event("intermediateThrowEvent", "t", SIGNAL.format("g")), event("intermediateCatchEvent", "c", SIGNAL.format("g")), before=signal("g"))

    assert Play(data).outcomes == ["waiting"]
    assert Play(data).signal("g").outcomes == ["completed"]


def test_a_multi_instance_throw_sends_one_message_each() -> None:
    """13.3.7: each instance of a send task sends its own message, with its own key."""
    other = process("q", event("startEvent", "qs", MESSAGE.format("ask")), steps("qs", task("userTask", "u"), end="qe"))
    send = task("sendTask", "send", mapping(inputs={"unit": "key"}), each("[&quot;a&quot;, &quot;b&quot;, &quot;c&quot;]", "key"), messageRef="ask")

    play = Play(drawn(event("startEvent", "s"), steps("s", send, end="e"), before=ASKED, more=other))

    assert [kernel.variables(instance.snapshot) for instance in play.host.instances[1:]] == [{"unit": "a"}, {"unit": "b"}, {"unit": "c"}]


def test_a_message_that_interrupts_the_one_who_waits_for_another_leaves_nothing_open() -> None:
    """13.5.3: the receive task's own subscription is closed with it."""
    guard = boundary("b", "r", MESSAGE.format("answer")) + steps("b", task("userTask", "u"), end="be")

    play = Play(line(task("receiveTask", "r", messageRef="ask"), before=ASKED + ANSWERED, beside=guard), {"key": "k"}).message("answer")

    assert (play.items, play.host.instances[0].subscriptions) == (["u"], {})


def test_a_kept_message_is_received_by_the_next_turn_of_a_loop() -> None:
    """8.4.2: what comes while nobody waits is kept, and each waiting receives one."""
    body = event("startEvent", "s") + event("exclusiveGateway", "m") + event("intermediateCatchEvent", "c", MESSAGE.format("ask")) + script("a", "n + 1", "n")
    body += task("userTask", "u") + event("exclusiveGateway", "g", default="out") + event("endEvent", "e")
    flows = path("s", "m", "c", "a", "u", "g") + flow("out", "g", "e") + flow("back", "g", "m", "n &lt; 2")

    play = Play(drawn(body, flows, before=ASKED), {"key": "k", "n": 0}).message("ask").message("ask").complete("u")

    assert (play.did("c"), play.items) == (["c", "c"], ["u"])


def test_a_timer_start_begins_an_instance_each_time() -> None:
    """13.5.1: every turn of a cycle is an instance of its own."""
    start = event("startEvent", "s", "<bpmn:timerEventDefinition><bpmn:timeCycle>R2/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>")

    play = Play(drawn(start, steps("s", task("task", "a"), end="e")), start=False).advance("P5D")

    assert play.outcomes == ["completed", "completed"]


def test_a_throw_of_several_kinds_throws_each() -> None:
    """10.5.5 (multiple): a throw event with several triggers throws all of them."""
    throw = event("intermediateThrowEvent", "t", MESSAGE.format("ask") + SIGNAL.format("g"))
    others = process("q", event("startEvent", "qs", MESSAGE.format("ask")), steps("qs", end="qe")) + process(
        "r", event("startEvent", "rs", SIGNAL.format("g")), steps("rs", end="re")
    )

    play = Play(drawn(event("startEvent", "s"), steps("s", throw, end="e"), before=message("ask", None) + signal("g"), more=others))

    assert sorted(play.did("qe", "re")) == ["qe", "re"]


def test_a_trigger_is_closed_when_another_of_the_same_event_happens() -> None:
    """10.5.5 (multiple): one of the triggers is enough, and the others are withdrawn."""
    data = line(event("intermediateCatchEvent", "c", MESSAGE.format("ask") + TIMER.format("P1D")), task("userTask", "u"), before=ASKED)

    play = Play(data, {"key": "k"}).advance("P1D")

    instance = play.host.instances[0]
    assert (play.items, instance.timers, instance.subscriptions) == (["u"], {}, {})


def test_undoing_hears_no_more_than_any_activity() -> None:
    """10.7: a compensation handler may itself wait, here for a message, while the throw event waits for it."""
    undo = event("boundaryEvent", "au", COMPENSATE, attachedToRef="a") + '<bpmn:association id="x" sourceRef="au" targetRef="h"/>'
    handler = task("receiveTask", "h", messageRef="ask", isForCompensation="true")
    data = line(task("task", "a"), event("intermediateThrowEvent", "t", COMPENSATE), before=ASKED, beside=undo + handler)

    play = Play(data, {"key": "k"})

    assert play.did("t") == []
    assert play.message("ask").did("h", "t") == ["h", "t"]


NAMELESS = '<bpmn:message id="M7"/>'


def test_a_message_without_a_name_is_the_one_that_its_references_name() -> None:
    """8.4.11: a message is one element, named or not: what throws it and what waits for it meet; it is called by its id, and that is said."""
    sender = event("startEvent", "s") + steps("s", event("endEvent", "e", MESSAGE.format("M7")))
    receiver = process("q", event("startEvent", "qs", MESSAGE.format("M7")), steps("qs", task("task", "got"), end="qe"))
    data = drawn(sender, before=NAMELESS, more=receiver)

    play = Play(data)

    assert (play.outcomes, play.did("got")) == (["completed", "completed"], ["got"])
    assert Play(data, start=False).message("M7", "").did("got") == ["got"]
    warnings = [(one.element_id, one.rule) for one in kernel.load({"x.bpmn": data}).warnings if "called by its id" in one.message]
    assert warnings == [("e", "reference"), ("qs", "reference")]


def test_a_signal_without_a_name_is_the_one_that_its_references_name() -> None:
    """10.5.5: so it is with signals, also where the name is written but empty."""
    sender = event("startEvent", "s") + steps("s", event("endEvent", "e", SIGNAL.format("S7")))
    receiver = process("q", event("startEvent", "qs", SIGNAL.format("S7")), steps("qs", task("task", "got"), end="qe"))

    play = Play(drawn(sender, before='<bpmn:signal id="S7" name=" "/>', more=receiver))

    assert (play.outcomes, play.did("got")) == (["completed", "completed"], ["got"])


def test_two_messages_are_never_one_because_an_id_is_another_ones_name() -> None:
    """Ids are unique in a file only: a nameless message is refused where another message is called as its id is."""
    one = drawn(event("startEvent", "s", MESSAGE.format("M7")), steps("s", end="e"), before=NAMELESS)
    again, named = one.replace(b'"p"', b'"q"'), one.replace(b'"p"', b'"q"').replace(b'id="M7"/', b'id="M8" name="M7"/').replace(b'Ref="M7"', b'Ref="M8"')

    for other in (again, named):
        with pytest.raises(DefinitionError) as refusal:
            kernel.load({"a.bpmn": one, "b.bpmn": other})
        assert {(p.element_id, p.rule, p.fix) for p in refusal.value.problems} == {("M7", "reference", "name the message")}
    kernel.load({"a.bpmn": one, "b.bpmn": again.replace(b"M7", b"M8")})


def test_an_id_that_would_read_as_an_expression_is_no_name() -> None:
    """What begins with = is FEEL; as the id of a nameless message it is refused, not evaluated."""
    data = drawn(event("startEvent", "s", MESSAGE.format("=1")), steps("s", end="e"), before='<bpmn:message id="=1"/>')

    with pytest.raises(DefinitionError, match="has no name"):
        kernel.load({"x.bpmn": data})


@pytest.mark.parametrize(("after", "did"), [("PT30M", []), ("PT1H", ["done"])])
def test_every_timer_of_an_event_has_its_own_time(after: str, did: list[str]) -> None:
    """10.5.5 (multiple): of two timers the later one is not read as the earlier, nor the other way round."""
    both = event("intermediateCatchEvent", "c", TIMER.format("P9D") + TIMER.format("PT45M"))

    play = Play(line(both, task("task", "done"))).advance(after)

    assert play.did("done") == did


def test_every_condition_of_an_event_is_looked_at() -> None:
    """10.5.5 (multiple): one of several conditions is enough, whichever is drawn first."""
    conditions = "".join(f"<bpmn:conditionalEventDefinition><bpmn:condition>=n = {n}</bpmn:condition></bpmn:conditionalEventDefinition>" for n in (1, 2))

    play = Play(line(event("intermediateCatchEvent", "c", conditions), task("task", "done")), {"n": 2})

    assert play.did("done") == ["done"]
