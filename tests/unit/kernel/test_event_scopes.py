"""Boundary events, event sub-processes, errors, escalations and terminate in nested scopes. Sections are of BPMN 2.0.2."""

from __future__ import annotations

import pytest

from engine import kernel
from engine.errors import DefinitionError

from .drawing import drawn, event, line, message, path, script, task
from .playing import (
    CONDITION,
    CYCLE,
    ERROR,
    ESCALATION,
    MESSAGE,
    SIGNAL,
    TERMINATE,
    TIMER,
    Play,
    boundary,
    call,
    each,
    error,
    escalation,
    flow,
    mapping,
    on_event,
    process,
    signal,
    steps,
    sub,
    thrower,
)

ASKED = message("m", "=key")
KEY = {"key": "k"}


def test_an_event_sub_process_inside_a_multi_instance_sub_process_concerns_its_instance() -> None:
    """13.5.4 and 13.3.7: each instance listens for itself; an interrupting one ends that instance only."""
    handler = on_event("q", event("startEvent", "qs", MESSAGE.format("m")), steps("qs", task("task", "stopped"), end="qe"))
    inner = event("startEvent", "is") + steps("is", task("userTask", "u"), end="ie") + handler
    data = line(sub("x", inner, loop=each("[&quot;k&quot;, &quot;l&quot;]", "key")), task("task", "z"), before=ASKED)

    play = Play(data).message("m", "l")

    assert (play.items, play.did("stopped", "z")) == (["u"], ["stopped"])
    assert play.complete("u").did("z") == ["z"]


def test_an_event_sub_process_may_lie_in_an_event_sub_process() -> None:
    """13.5.4: the inner one listens while the outer one runs, and interrupts that only."""
    inner = on_event("r", event("startEvent", "rs", SIGNAL.format("s2")), steps("rs", task("task", "inner"), end="re"))
    start = event("startEvent", "qs", SIGNAL.format("s1"), isInterrupting="false")
    outer = on_event("q", start, steps("qs", task("userTask", "asked"), end="qe"), inner)
    data = line(task("userTask", "u"), before=signal("s1") + signal("s2"), beside=outer)

    play = Play(data).signal("s2").signal("s1").signal("s2")

    assert (play.did("inner", "q"), play.items) == (["inner", "q"], ["u"])
    assert play.complete("u").outcomes == ["completed"]


def test_a_boundary_event_on_a_multi_instance_call_activity_cancels_every_called_process() -> None:
    """13.5.3: interrupting a call activity ends all its called processes."""
    called = process("q", event("startEvent", "qs"), steps("qs", task("userTask", "u"), end="qe"))
    body = event("startEvent", "s") + steps("s", call("c", "q", loop=each("[1, 2, 3]", "item")), task("task", "fine"), end="e")
    data = drawn(body, boundary("b", "c", TIMER.format("P1D")), steps("b", task("task", "late"), end="be"), more=called)

    play = Play(data).complete("u").advance("P1D")

    assert (play.items, play.outcomes, play.did("fine", "late")) == ([], ["completed"], ["late"])


def test_an_error_in_one_of_several_called_processes_ends_them_all() -> None:
    """10.5.6: an error that leaves a called process is caught at the call activity as a whole."""
    called = process(
        "q",
        event("startEvent", "qs"),
        event("exclusiveGateway", "g", default="g-u"),
        thrower("bad", "E"),
        task("userTask", "u"),
        path("qs", "g", "u"),
        flow("g-bad", "g", "bad", "item = 2"),
    )
    body = event("startEvent", "s") + steps("s", call("c", "q", loop=each("[1, 2, 3]", "item")), end="e")
    beside = boundary("b", "c", ERROR.format("E")), steps("b", task("task", "caught"), end="be")
    data = drawn(body, *beside, before=error("E"), more=called)

    play = Play(data)

    assert (play.items, play.outcomes, play.did("caught")) == ([], ["completed"], ["caught"])


def test_the_innermost_escalation_handler_takes_it() -> None:
    """10.5.6: an escalation stops at the first scope that catches its code; a non-interrupting one lets the inner path go on."""
    throw = event("intermediateThrowEvent", "t", ESCALATION.format("L"))
    inner = sub("y", event("startEvent", "ys"), steps("ys", throw, task("userTask", "u"), end="ye"))
    outer = sub("x", event("startEvent", "xs"), steps("xs", inner, end="xe"))
    inside = boundary("by", "y", ESCALATION.format("L"), interrupting=False) + steps("by", task("task", "near"), end="nye")
    outer = outer.replace("</bpmn:subProcess>", "</bpmn:subProcess>" + inside, 1)
    far = boundary("bx", "x", ESCALATION.format("L")) + steps("bx", task("task", "far"), end="fe")

    play = Play(line(outer, before=escalation("L"), beside=far))

    assert (play.did("near", "far"), play.items) == (["near"], ["u"])


def test_an_escalation_of_another_code_climbs_past() -> None:
    """10.5.6: a handler for another code does not catch; one without a code catches every escalation."""
    throw = event("endEvent", "t", ESCALATION.format("L"))
    inner = sub("y", event("startEvent", "ys"), path("ys", "t"), throw)
    inside = boundary("by", "y", ESCALATION.format("M"), interrupting=False) + steps("by", task("task", "near"), end="nye")
    outer = sub("x", event("startEvent", "xs"), steps("xs", inner, task("task", "after"), end="xe"), inside)
    far = boundary("bx", "x", "<bpmn:escalationEventDefinition/>", interrupting=False) + steps("bx", task("task", "far"), end="fe")

    play = Play(line(outer, before=escalation("L") + escalation("M"), beside=far))

    assert (sorted(play.did("near", "far", "after")), play.outcomes) == (["after", "far"], ["completed"])


def test_an_interrupting_escalation_takes_the_rest_of_its_scope() -> None:
    """13.5.4: the other tokens of the scope are gone, and what they waited for is closed."""
    gateway = event("parallelGateway", "f")
    handler = on_event("q", event("startEvent", "qs", ESCALATION.format("L")), steps("qs", task("task", "handled"), end="qe"))
    inner = event("startEvent", "xs") + gateway + task("userTask", "u") + event("endEvent", "t", ESCALATION.format("L"))
    inner += path("xs", "f", "u") + path("f", "t")
    data = line(sub("x", inner, handler), task("task", "z"), before=escalation("L"))

    play = Play(data)

    assert (play.items, play.did("handled", "z"), play.outcomes) == ([], ["handled", "z"], ["completed"])


def test_terminate_in_a_called_process_leaves_its_siblings_alone() -> None:
    """13.5.6: terminate ends the process instance it stands in; the other called processes of a multi-instance go on."""
    called = process(
        "q",
        event("startEvent", "qs"),
        event("exclusiveGateway", "g", default="g-u"),
        event("endEvent", "kill", TERMINATE),
        task("userTask", "u"),
        path("qs", "g", "u"),
        flow("g-kill", "g", "kill", "item = 2"),
    )
    data = drawn(event("startEvent", "s"), steps("s", call("c", "q", loop=each("[1, 2, 3]", "item")), task("task", "z"), end="e"), more=called)

    play = Play(data)

    assert play.items == ["u", "u"]
    assert play.complete("u").complete("u").did("z") == ["z"]


def test_terminate_in_an_event_sub_process_ends_that_only() -> None:
    """13.5.6: the scope of the terminate event is the event sub-process."""
    handler = on_event(
        "q",
        event("startEvent", "qs", SIGNAL.format("s1"), isInterrupting="false"),
        event("parallelGateway", "f"), task("userTask", "v"), event("endEvent", "kill", TERMINATE), path("qs", "f", "v"), path("f", "kill"),
    )  # fmt: skip
    play = Play(line(task("userTask", "u"), before=signal("s1"), beside=handler)).signal("s1")

    assert (play.items, play.did("q")) == (["u"], ["q"])
    assert (play.complete("u").outcomes, play.status) == (["completed"], "completed")


def test_a_cycle_beside_an_activity_stops_with_it() -> None:
    """10.5.4: a non-interrupting boundary timer with a cycle repeats while its activity is active, and its paths run side by side."""
    reminder = boundary("b", "u", CYCLE.format("R/P1D"), interrupting=False) + steps("b", task("userTask", "remind"), end="be")
    play = Play(line(task("userTask", "u"), beside=reminder)).advance("P3D")

    assert play.items == ["remind", "remind", "remind", "u"]
    play.complete("u").advance("P3D")
    assert play.items == ["remind", "remind", "remind"]
    assert play.complete("remind").complete("remind").complete("remind").outcomes == ["completed"]


def test_an_interrupting_cycle_happens_once() -> None:
    """13.5.3: an interrupting boundary event cancels its activity at the first turn of its cycle."""
    play = Play(line(task("userTask", "u"), beside=boundary("b", "u", CYCLE.format("R3/P1D")) + steps("b", task("task", "late"), end="be")))

    assert play.advance("P9D").did("late") == ["late"]


def test_a_conditional_event_sub_process_sees_the_local_data_of_its_scope() -> None:
    """13.5.4 and 10.5.5: its condition is looked at among the data of the sub-process, after each write."""
    handler = on_event("q", event("startEvent", "qs", CONDITION.format("mine &gt; 2")), steps("qs", task("task", "hit"), end="qe"))
    inner = event("startEvent", "is") + steps("is", script("a", "mine + 1", "mine"), script("b", "mine + 1", "mine"), task("userTask", "u"), end="ie")
    data = line(sub("x", inner, handler, mapping=mapping(inputs={"mine": "1"})), task("task", "z"))

    play = Play(data, {"mine": 9})

    assert (play.did("a", "b", "hit", "z"), play.items, play.variables) == (["a", "b", "hit", "z"], [], {"mine": 9})


def test_a_conditional_boundary_event_happens_again_only_when_it_was_false_between() -> None:
    """10.5.5: a condition triggers when it becomes true."""
    watch = boundary("b", "u", CONDITION.format("n &gt; 1"), interrupting=False) + steps("b", task("task", "hit"), end="be")
    values = [2, 3, 1, 5]
    tasks = [task("userTask", f"w{i}") for i in range(4)]
    fork = event("parallelGateway", "f"), task("userTask", "u"), event("endEvent", "ue"), path("s", "f", "u", "ue")
    data = drawn(event("startEvent", "s"), *fork, steps("f", *tasks, end="we"), watch)

    play = Play(data, {"n": 0})
    for i, value in enumerate(values):
        play.complete(f"w{i}", n=value)

    assert play.did("hit") == ["hit", "hit"]


def test_an_error_event_sub_process_may_throw_the_error_on() -> None:
    """10.5.6: an error thrown again in the handler is not caught by the same handler but climbs."""
    handler = on_event("q", event("startEvent", "qs", ERROR.format("E")), steps("qs", task("task", "tidy")), event("endEvent", "again", ERROR.format("E")), path("tidy", "again"))
    inner = event("startEvent", "is") + steps("is", thrower("bad", "E"), end="ie")
    beside = boundary("b", "x", ERROR.format("E")) + steps("b", task("task", "outer"), end="be")

    play = Play(line(sub("x", inner, handler), before=error("E"), beside=beside))

    assert (play.did("tidy", "outer"), play.outcomes) == (["tidy", "outer"], ["completed"])


def test_the_boundary_event_of_the_activity_goes_before_the_event_sub_process() -> None:
    """10.5.6: the innermost handler is the boundary of the activity that failed."""
    handler = on_event("q", event("startEvent", "qs", "<bpmn:errorEventDefinition/>"), steps("qs", task("task", "scope"), end="qe"))
    beside = boundary("b", "bad", ERROR.format("E")) + steps("b", task("task", "near"), end="be")

    play = Play(line(thrower("bad", "E"), before=error("E"), beside=beside + handler))

    assert play.did("near", "scope") == ["near"]


def test_a_handler_that_names_the_code_goes_before_one_that_catches_all() -> None:
    """10.5.6: of two boundary events on one activity the one with the code is taken, whichever is drawn first."""
    beside = boundary("all", "bad", "<bpmn:errorEventDefinition/>") + steps("all", task("task", "any"), end="ae")
    beside += boundary("b", "bad", ERROR.format("E")) + steps("b", task("task", "named"), end="be")

    assert Play(line(thrower("bad", "E"), before=error("E"), beside=beside)).did("any", "named") == ["named"]


def test_a_non_interrupting_event_sub_process_keeps_its_parent_open() -> None:
    """13.5.4: the scope completes only when the event sub-process has; its parent then goes on once."""
    handler = on_event("q", event("startEvent", "qs", TIMER.format("P1D"), isInterrupting="false"), steps("qs", task("userTask", "v"), end="qe"))
    inner = event("startEvent", "is") + steps("is", task("userTask", "u"), end="ie") + handler

    play = Play(line(sub("x", inner), task("task", "z"))).advance("P1D").complete("u")

    assert (play.items, play.did("z")) == (["v"], [])
    assert play.complete("v").did("x", "z") == ["x", "z"]


def test_an_event_that_needs_all_its_triggers_waits_for_each() -> None:
    """10.5.5 (parallel multiple): the event happens when every one of its triggers has, in any order; what they brought is kept."""
    both = event("intermediateCatchEvent", "c", MESSAGE.format("m") + SIGNAL.format("s1") + TIMER.format("P1D"), parallelMultiple="true")
    data = line(both, task("task", "z"), before=ASKED + signal("s1"))

    play = Play(data, KEY).signal("s1").message("m", a=1)

    assert (play.did("z"), play.outcomes) == ([], ["waiting"])
    assert (play.advance("P1D").did("z"), play.variables) == (["z"], {"key": "k", "a": 1})


def test_a_boundary_event_that_needs_all_its_triggers_interrupts_at_the_last() -> None:
    """10.5.5 (parallel multiple): one trigger alone leaves the activity as it is."""
    beside = event("boundaryEvent", "b", SIGNAL.format("s1") + SIGNAL.format("s2"), attachedToRef="u", parallelMultiple="true")
    data = line(task("userTask", "u"), before=signal("s1") + signal("s2"), beside=beside + steps("b", task("task", "hit"), end="be"))

    play = Play(data).signal("s2").signal("s2")

    assert play.items == ["u"]
    assert (play.signal("s1").items, play.did("hit")) == ([], ["hit"])


def test_an_event_sub_process_that_needs_all_its_triggers_begins_at_the_last() -> None:
    """10.5.5 (parallel multiple) for the start of an event sub-process."""
    start = event("startEvent", "qs", SIGNAL.format("s1") + CONDITION.format("n = 1"), parallelMultiple="true")
    data = line(task("userTask", "u"), task("userTask", "v"), before=signal("s1"), beside=on_event("q", start, steps("qs", task("task", "hit"), end="qe")))

    play = Play(data, {"n": 0}).complete("u", n=1)

    assert play.items == ["v"]
    assert (play.signal("s1").items, play.did("hit")) == ([], ["hit"])


@pytest.mark.parametrize(
    ("trigger", "attributes"),
    [(SIGNAL.format("s1") * 2, {"cancelActivity": "false"}), (SIGNAL.format("s1") + CYCLE.format("R/P1D"), {})],
)
def test_several_triggers_at_once_are_refused_where_they_would_be_a_guess(trigger: str, attributes: dict[str, str]) -> None:
    """What cannot be told from the text of BPMN is refused: a non-interrupting one would have to begin anew, a cycle to be counted."""
    beside = event("boundaryEvent", "b", trigger, attachedToRef="u", parallelMultiple="true", **attributes)

    with pytest.raises(DefinitionError, match="b"):
        kernel.load({"d.bpmn": line(task("userTask", "u"), before=signal("s1"), beside=beside + steps("b", end="be"))})


def test_two_interrupting_events_at_the_same_time_happen_once() -> None:
    """13.5.3: the first one takes the activity away, and the other is withdrawn with it."""
    beside = boundary("b1", "u", TIMER.format("P1D")) + steps("b1", task("task", "one"), end="e1")
    beside += boundary("b2", "u", TIMER.format("P1D")) + steps("b2", task("task", "two"), end="e2")

    assert Play(line(task("userTask", "u"), beside=beside)).advance("P1D").did("one", "two") == ["one"]


def test_a_boundary_event_of_a_sub_process_is_closed_when_it_ends() -> None:
    """13.5.3: a boundary event listens only while its activity is active."""
    beside = boundary("b", "x", MESSAGE.format("m"), interrupting=False) + steps("b", task("task", "hit"), end="be")
    inner = event("startEvent", "is") + steps("is", task("userTask", "u"), end="ie")

    play = Play(line(sub("x", inner), task("userTask", "v"), before=ASKED, beside=beside), KEY).complete("u").message("m")

    assert (play.did("hit"), play.items) == ([], ["v"])


def test_a_called_process_listens_with_its_own_data() -> None:
    """13.3.4: an event sub-process of a called process reads the variables that were handed over."""
    called = process("q", event("startEvent", "qs"), steps("qs", task("userTask", "u"), end="qe"), on_event("r", event("startEvent", "rs", MESSAGE.format("m")), steps("rs", end="re")))
    body = event("startEvent", "s") + steps("s", call("c", "q", mapping(inputs={"key": "mine"}), propagateAllParentVariables="false"), task("task", "z"), end="e")

    play = Play(drawn(body, before=ASKED, more=called), {"mine": "k"}).message("m", "k")

    assert (play.did("r", "z"), play.outcomes) == (["r", "z"], ["completed"])


THROWS_NONE = {"error": "<bpmn:errorEventDefinition/>", "escalation": "<bpmn:escalationEventDefinition/>"}


@pytest.mark.parametrize("kind", THROWS_NONE)
@pytest.mark.parametrize("place", ["boundary", "far boundary", "event sub-process"])
def test_what_is_thrown_without_a_code_is_caught_by_what_catches_all(kind: str, place: str) -> None:
    """10.5.6: an error or escalation that names none goes to the innermost event that catches every one, past those for a code."""
    inner = sub("y", event("startEvent", "ys"), path("ys", "t"), event("endEvent", "t", THROWS_NONE[kind]))
    coded = boundary("by", "y", {"error": ERROR, "escalation": ESCALATION}[kind].format("M")) + steps("by", task("task", "coded"), end="ne")
    all_of_it = steps("b", task("task", "caught"), end="be")
    beside, around = "", ""
    if place == "boundary":
        coded += boundary("b", "y", THROWS_NONE[kind]) + all_of_it
    elif place == "far boundary":
        beside = boundary("b", "x", THROWS_NONE[kind]) + all_of_it
    else:
        around = on_event("q", event("startEvent", "b", THROWS_NONE[kind]), all_of_it)
    data = line(sub("x", event("startEvent", "xs"), steps("xs", inner, end="xe"), coded, around), before={"error": error, "escalation": escalation}[kind]("M"), beside=beside)

    play = Play(data)

    assert (play.did("caught", "coded"), play.outcomes, play.reasons) == (["caught"], ["completed"], [])


@pytest.mark.parametrize("kind", THROWS_NONE)
@pytest.mark.parametrize("around", ["nothing", "another code", "a sibling", "itself"])
def test_what_is_thrown_without_a_code_and_caught_by_nothing_is_refused(kind: str, around: str) -> None:
    """An error or escalation that names none and has nothing around it that catches all could never be caught by anything."""
    throw, coded = event("endEvent", "t", THROWS_NONE[kind]), {"error": ERROR, "escalation": ESCALATION}[kind].format("M")
    inner = sub("x", event("startEvent", "xs"), path("xs", "t"), throw)
    beside = boundary("b", "x", coded) + steps("b", end="be") if around == "another code" else ""
    if around == "a sibling":
        inner, beside = inner + sub("z", event("startEvent", "zs")), boundary("b", "z", THROWS_NONE[kind]) + steps("b", end="be") + path("x", "z")
    elif around == "itself":
        inner, beside = task("task", "x"), on_event("q", event("startEvent", "b", THROWS_NONE[kind]), path("b", "t"), throw)
    data = line(inner, before={"error": error, "escalation": escalation}[kind]("M"), beside=beside)

    with pytest.raises(DefinitionError) as refusal:
        kernel.load({"x.bpmn": data})

    assert [(one.element_id, one.rule) for one in refusal.value.problems] == [("t", "reference")]
    assert f"nothing around it catches every {kind}" in refusal.value.problems[0].message
