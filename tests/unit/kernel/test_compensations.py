"""Compensation and transactions, beyond what the language kit covers. Sections are of BPMN 2.0.2."""

from __future__ import annotations

from engine.kernel import undo_log

from .drawing import drawn, event, line, path, script, task
from .playing import (
    CANCEL,
    COMPENSATE,
    ERROR,
    Play,
    boundary,
    call,
    each,
    error,
    flow,
    mapping,
    on_event,
    process,
    steps,
    sub,
    thrower,
    undone_by,
)


def undo(element_id: str, kind: str = "task", inside: str = "") -> str:
    """An activity marked for compensation."""
    return task(kind, element_id, inside, isForCompensation="true")


def noted(element_id: str, expression: str, variable: str = "undone") -> str:
    """A script for compensation: its value becomes a variable."""
    return undo(element_id, "scriptTask", f'<zeebe:script expression="={expression}" resultVariable="{variable}"/>')


def test_each_turn_that_completed_is_undone_with_its_own_data() -> None:
    """10.7: a handler sees a snapshot of its activity's data; of a multi-instance activity each instance is one activity."""
    data = line(
        task("task", "a", mapping(inputs={"mine": "item * 10"}), each("[1, 2, 3]", "item")),
        event("intermediateThrowEvent", "t", COMPENSATE),
        beside=undone_by("a", "h") + noted("h", "append(undone, mine)"),
    )

    play = Play(data, {"undone": []})

    assert (play.outcomes, play.variables["undone"]) == (["completed"], [30, 20, 10])


def test_what_a_completion_condition_cancelled_is_not_undone() -> None:
    """13.5.5: only completed activities are compensated; instances that were cancelled are not."""
    loop = each("[1, 2, 3]", "item", until="true")
    data = line(
        task("userTask", "a", "", loop), event("intermediateThrowEvent", "t", COMPENSATE), beside=undone_by("a", "h") + noted("h", "append(undone, item)")
    )

    play = Play(data, {"undone": []}).complete("a", {"item": 2})

    assert play.variables["undone"] == [2]


def test_a_multi_instance_sub_process_is_undone_instance_by_instance() -> None:
    """13.5.5: default compensation of a sub-process reaches what completed inside each of its instances, last first."""
    inner = event("startEvent", "is") + steps("is", task("task", "a"), end="ie") + undone_by("a", "h") + undo("h")
    data = line(sub("x", inner, loop=each("[1, 2]", "item", sequential=True)), event("intermediateThrowEvent", "t", COMPENSATE))

    assert Play(data).did("a", "h") == ["a", "a", "h", "h"]


def test_a_standard_loop_is_undone_turn_by_turn() -> None:
    """10.7 and 13.3.6: each turn of a loop that completed is undone."""
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    data = line(task("task", "a", "", loop), event("intermediateThrowEvent", "t", COMPENSATE), beside=undone_by("a", "h") + noted("h", "append(undone, loopCounter)"))

    assert Play(data, {"undone": []}).variables["undone"] == [3, 2, 1]


def test_an_event_sub_process_undoes_the_sub_process_around_it() -> None:
    """10.7 and 13.5.5: a compensation event sub-process is the handler of its sub-process and takes the place of default compensation."""
    start = event("startEvent", "cs", COMPENSATE)
    inner = event("startEvent", "is") + steps("is", task("task", "a"), end="ie") + undone_by("a", "h") + undo("h")
    handler = on_event("c", start, steps("cs", task("userTask", "u"), end="ce"))
    data = line(sub("x", inner, handler), event("intermediateThrowEvent", "t", COMPENSATE), task("task", "z"))

    play = Play(data)

    assert (play.items, play.did("a", "h", "x", "t")) == (["u"], ["a", "x"])
    assert play.complete("u").outcomes == ["completed"]
    assert play.did("a", "h", "x", "u", "t", "z") == ["a", "x", "u", "t", "z"]


def test_a_compensation_event_sub_process_may_undo_what_completed_inside() -> None:
    """10.7: inside it, compensation may be thrown for the activities of the sub-process, all or one by name."""
    named = '<bpmn:compensateEventDefinition activityRef="b"/>'
    inner = event("startEvent", "is") + steps("is", task("task", "a"), task("task", "b"), end="ie")
    inner += undone_by("a", "ha") + undo("ha") + undone_by("b", "hb") + undo("hb")
    handler = on_event("c", event("startEvent", "cs", COMPENSATE), steps("cs", event("intermediateThrowEvent", "ct", named), end="ce"))
    data = line(sub("x", inner, handler), event("intermediateThrowEvent", "t", COMPENSATE))

    play = Play(data)

    assert (play.outcomes, play.did("a", "b", "ha", "hb", "t")) == (["completed"], ["a", "b", "hb", "t"])


def test_a_compensation_event_sub_process_sees_the_data_of_its_sub_process() -> None:
    """10.7: it runs among the data that the sub-process had when it completed."""
    inner = event("startEvent", "is") + steps("is", script("a", "mine + 1", "mine"), end="ie")
    handler = on_event("c", event("startEvent", "cs", COMPENSATE), steps("cs", script("u", "mine", "seen"), end="ce"))
    data = line(sub("x", inner, handler, mapping=mapping(inputs={"mine": "41"})), event("intermediateThrowEvent", "t", COMPENSATE))

    assert Play(data).variables == {"seen": 42}


def test_an_error_while_undoing_is_not_caught_by_what_is_already_over() -> None:
    """10.5.6: an error climbs through active scopes; the boundary events of a completed sub-process are no longer there."""
    inner = event("startEvent", "is") + steps("is", task("task", "a"), end="ie")
    handler = on_event("c", event("startEvent", "cs", COMPENSATE), steps("cs", thrower("bad", "E"), end="ce"))
    data = line(
        sub("x", inner, handler),
        event("intermediateThrowEvent", "t", COMPENSATE),
        before=error("E"),
        beside=boundary("b", "x", ERROR.format("E")) + steps("b", task("task", "wrong"), end="we"),
    )

    play = Play(data)

    assert (play.outcomes, play.did("wrong")) == (["incident"], [])
    assert "'E'" in play.reasons[0]


def test_an_event_sub_process_undoes_what_completed_around_it() -> None:
    """10.7: compensation thrown in an event sub-process concerns its enclosing scope too."""
    caught = on_event("q", event("startEvent", "qs", ERROR.format("E")), steps("qs", event("intermediateThrowEvent", "t", COMPENSATE), end="qe"))
    data = line(task("task", "a"), thrower("bad", "E"), before=error("E"), beside=undone_by("a", "h") + undo("h") + caught)

    play = Play(data)

    assert (play.outcomes, play.did("a", "h", "t")) == (["completed"], ["a", "h", "t"])


def test_what_completed_inside_the_event_sub_process_is_undone_too() -> None:
    """10.7: the scope of the throw event itself belongs to what is compensated, its activities first."""
    inner = task("task", "b"), event("intermediateThrowEvent", "t", COMPENSATE)
    caught = on_event("q", event("startEvent", "qs", ERROR.format("E")), steps("qs", *inner, end="qe"), undone_by("b", "hb"), undo("hb"))
    data = line(task("task", "a"), thrower("bad", "E"), before=error("E"), beside=undone_by("a", "ha") + undo("ha") + caught)

    assert Play(data).did("ha", "hb") == ["hb", "ha"]


def test_a_throw_may_go_on_without_waiting() -> None:
    """10.5.5: with waitForCompletion false the throw event does not wait; the handlers keep their scope alive."""
    throw = event("intermediateThrowEvent", "t", '<bpmn:compensateEventDefinition waitForCompletion="false"/>')
    data = line(task("task", "a"), throw, task("task", "z"), beside=undone_by("a", "h") + undo("h", "userTask"))

    play = Play(data)

    assert (play.did("t", "z"), play.items, play.outcomes) == (["t", "z"], ["h"], ["waiting"])
    assert play.complete("h").outcomes == ["completed"]


def test_nothing_is_undone_twice() -> None:
    """10.7: once compensated, an activity is no longer completed; a second throw finds nothing."""
    data = line(
        task("task", "a"),
        event("intermediateThrowEvent", "t1", COMPENSATE),
        event("intermediateThrowEvent", "t2", COMPENSATE),
        beside=undone_by("a", "h") + undo("h"),
    )

    assert Play(data).did("h", "t1", "t2") == ["h", "t1", "t2"]


def test_an_activity_that_ran_twice_is_undone_twice() -> None:
    """13.5.5: each completion is compensated; a loop back makes several."""
    gateway = event("exclusiveGateway", "g", default="g-t")
    data = drawn(
        event("startEvent", "s"),
        script("a", "turns + 1", "turns"),
        gateway,
        event("intermediateThrowEvent", "t", COMPENSATE),
        event("endEvent", "e"),
        path("s", "a", "g", "t", "e"),
        flow("back", "g", "a", "turns &lt; 3"),
        undone_by("a", "h"),
        undo("h"),
    )

    assert Play(data, {"turns": 0}).did("a", "h") == ["a", "a", "a", "h", "h", "h"]


def test_what_a_called_process_did_is_its_own() -> None:
    """A call activity is undone by its own handler; the handlers of a called process are not visible to its caller (10.7)."""
    called = process("q", event("startEvent", "qs"), steps("qs", task("task", "a"), end="qe"), undone_by("a", "h"), undo("h"))
    data = drawn(event("startEvent", "s"), steps("s", call("c", "q"), event("intermediateThrowEvent", "t", COMPENSATE), end="e"), more=called)

    play = Play(data)

    assert (play.outcomes, play.did("h")) == (["completed"], [])


def test_a_call_activity_is_undone_by_its_handler() -> None:
    """10.7: a compensation boundary event may be attached to a call activity."""
    called = process("q", event("startEvent", "qs"), steps("qs", task("task", "a"), end="qe"))
    throw = event("intermediateThrowEvent", "t", COMPENSATE)
    data = drawn(event("startEvent", "s"), steps("s", call("c", "q"), throw, end="e"), undone_by("c", "h"), undo("h"), more=called)

    assert Play(data).did("a", "c", "h", "t") == ["a", "c", "h", "t"]


def test_a_transaction_undoes_in_reverse_before_its_cancel_event_goes_on() -> None:
    """13.5.6: cancel stops what is active, compensates what completed, last first, then the cancel boundary event is taken."""
    inner = event("startEvent", "is") + steps("is", task("task", "a"), task("task", "b"), event("parallelGateway", "f"))
    inner += task("userTask", "slow") + event("endEvent", "cancel", CANCEL) + flow("1", "f", "slow") + flow("2", "f", "cancel")
    inner += undone_by("a", "ha") + undo("ha") + undone_by("b", "hb") + undo("hb", "userTask")
    data = line(
        sub("x", inner, kind="transaction"), task("task", "fine"), beside=boundary("c", "x", CANCEL) + steps("c", task("task", "cancelled"), end="ce")
    )

    play = Play(data)

    assert (play.items, play.did("ha", "hb", "c")) == (["hb"], [])
    assert play.complete("hb").did("hb", "ha", "c", "cancelled", "fine") == ["hb", "ha", "c", "cancelled"]
    assert play.outcomes == ["completed"]


def test_an_error_leaves_a_transaction_without_undoing() -> None:
    """10.3.5: a hazard (an error) ends a transaction without compensation."""
    inner = event("startEvent", "is") + steps("is", task("task", "a"), thrower("bad", "E"), end="ie") + undone_by("a", "h") + undo("h")
    inner += event("exclusiveGateway", "never") + event("endEvent", "ce", CANCEL) + path("never", "ce")
    beside = boundary("c", "x", CANCEL) + boundary("b", "x", ERROR.format("E")) + steps("b", task("task", "hazard"), end="be")
    data = line(sub("x", inner, kind="transaction"), before=error("E"), beside=beside)

    play = Play(data)

    assert (play.outcomes, play.did("a", "h", "hazard")) == (["completed"], ["a", "hazard"])


def test_a_cancelled_scope_leaves_nothing_to_undo() -> None:
    """13.5.5: activities inside a sub-process that was interrupted are not compensated from outside, for it never completed."""
    inner = event("startEvent", "is") + steps("is", task("task", "a"), thrower("bad", "E"), end="ie") + undone_by("a", "h") + undo("h")
    beside = boundary("b", "x", ERROR.format("E")) + steps("b", event("intermediateThrowEvent", "t", COMPENSATE), end="be")

    play = Play(line(sub("x", inner), before=error("E"), beside=beside))

    assert (play.outcomes, play.did("a", "h", "t")) == (["completed"], ["a", "t"])


def test_a_long_loop_is_undone_turn_by_turn() -> None:
    """However often an activity completed, each time is undone, the last first; no list that is copied at every turn grows with them."""
    lines = [["a", [], {"i": number}] for number in range(1_000)]

    log = undo_log.with_lines([], lines)

    assert undo_log.lines_of(log) == lines
    assert max(len(page) for page in log) <= 256
    assert undo_log.without_first(log)[0] == lines[0]
    assert undo_log.lines_of(undo_log.without_first(log)[1]) == lines[1:]


def test_a_log_without_pages_is_read_too() -> None:
    """An instance that began before logs had pages goes on."""
    lines = [["a", [], {}], ["b", [["c", [], {}]], {"x": 1}]]

    assert undo_log.lines_of(lines) == lines
    assert undo_log.lines_of(undo_log.with_lines(lines, [["d", [], {}]])) == [*lines, ["d", [], {}]]
    assert undo_log.without_first(lines) == (lines[0], [[lines[1]]])
    assert undo_log.lines_of([]) == []
