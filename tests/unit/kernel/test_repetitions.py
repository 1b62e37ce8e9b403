"""Standard loops and multi-instance activities: order, breaks, outputs, nesting. Sections are of BPMN 2.0.2."""

from __future__ import annotations

from .drawing import drawn, event, line, script, task
from .playing import ERROR, TIMER, Play, again, boundary, call, each, error, mapping, process, steps, sub, thrower


def test_a_loop_that_tests_first_may_never_begin() -> None:
    """13.3.6: with testBefore a condition that is false at once skips the activity; its flow goes on."""
    play = Play(line(task("task", "a", "", again("n &gt; 0", before=True)), task("task", "z")), {"n": 0})

    assert play.did("a", "z") == ["z"]


def test_a_loop_that_tests_after_runs_at_least_once() -> None:
    """13.3.6: without testBefore the first turn is made whatever the condition."""
    assert Play(line(task("task", "a", "", again("n &gt; 0")), task("task", "z")), {"n": 0}).did("a", "z") == ["a", "z"]


def test_the_maximum_ends_a_loop_whose_condition_still_holds() -> None:
    """13.3.6: loopMaximum caps the number of turns."""
    assert Play(line(task("task", "a", "", again("true", maximum=4)))).did("a") == ["a"] * 4


def test_a_maximum_counts_with_a_test_before_too() -> None:
    """13.3.6: the cap holds whether the condition is tested before or after."""
    assert Play(line(task("task", "a", "", again("true", maximum=2, before=True)))).did("a") == ["a"] * 2


def test_a_loop_of_work_items_is_asked_for_one_after_another() -> None:
    """13.3.6: a turn begins when the one before is over; its data decides about the next."""
    play = Play(line(task("userTask", "u", "", again("not(ok)")))).complete("u", ok=False)

    assert play.items == ["u"]
    assert play.complete("u", ok=True).outcomes == ["completed"]


def test_a_boundary_event_guards_all_turns_of_a_loop() -> None:
    """13.5.3: a boundary event is attached to the whole activity; its timer does not begin anew with each turn."""
    beside = boundary("b", "u", TIMER.format("P2D")) + steps("b", task("task", "late"), end="be")

    play = Play(line(task("userTask", "u", "", again("true")), beside=beside)).advance("P1D").complete("u").advance("P1D")

    assert (play.items, play.did("late")) == ([], ["late"])


def test_a_sequential_multi_instance_stops_at_its_break() -> None:
    """13.3.7: when the completion condition holds no further instance begins; outputs of those not begun stay null."""
    loop = each("[1, 2, 3, 4]", "item", output="seen", of="item", until="item = 2", sequential=True)

    play = Play(line(task("userTask", "u", "", loop), task("task", "z"))).complete("u").complete("u")

    assert (play.did("u", "z"), play.variables["seen"]) == (["u", "u", "z"], [1, 2, None, None])


def test_outputs_stand_in_the_order_of_the_collection_not_of_completion() -> None:
    """13.3.7: results are collected by position."""
    loop = each("[&quot;a&quot;, &quot;b&quot;, &quot;c&quot;]", "item", output="answers", of="answer")
    play = Play(line(task("userTask", "u", "", loop)))

    for item in "cab":
        play.complete("u", {"item": item}, answer=item.upper())

    assert play.variables == {"answers": ["A", "B", "C"]}


def test_the_counters_of_a_completion_condition_are_right() -> None:
    """13.3.7: numberOfInstances, numberOfCompletedInstances and numberOfActiveInstances are seen by the completion condition."""
    loop = each("[1, 2, 3, 4]", "item", until="numberOfCompletedInstances &gt;= numberOfInstances / 2 and numberOfActiveInstances = 2")

    play = Play(line(task("userTask", "u", "", loop), task("task", "z"))).complete("u")

    assert play.did("z") == []
    assert (play.complete("u").items, play.did("z")) == ([], ["z"])


def test_inner_and_outer_items_have_their_own_counters() -> None:
    """13.3.7: nested multi-instance activities number their instances separately; the inner number hides the outer."""
    inner = event("startEvent", "is") + steps("is", script("a", "append(seen, [o, i, loopCounter])", "seen").replace("</bpmn:scriptTask>", each("[7, 8]", "i", sequential=True) + "</bpmn:scriptTask>"), end="ie")

    play = Play(line(sub("x", inner, loop=each("[1, 2]", "o", sequential=True))), {"seen": []})

    assert play.variables["seen"] == [[1, 7, 1], [1, 8, 2], [2, 7, 1], [2, 8, 2]]


def test_instances_of_a_called_process_do_not_share_its_variables() -> None:
    """13.3.4 and 13.3.7: each call is a process of its own; results are collected by the caller."""
    called = process("q", event("startEvent", "qs"), steps("qs", script("a", "item * 2", "result"), end="qe"))
    activity = call("c", "q", loop=each("[1, 2, 3]", "item", output="all", of="result"))
    data = drawn(event("startEvent", "s"), steps("s", activity, end="e"), more=called)

    assert Play(data).variables["all"] == [2, 4, 6]


def test_a_mapped_result_stays_with_its_instance() -> None:
    """13.3.7: with an output mapping to the name of the output element, parallel instances do not overwrite each other."""
    loop = each("[1, 2]", "item", output="all", of="result")
    activity = task("serviceTask", "t", '<zeebe:taskDefinition type="echo"/>' + mapping(inputs={"x": "item * 5"}, outputs={"result": "x"}), loop)

    assert Play(line(activity)).variables == {"all": [5, 10]}


def test_an_error_that_one_instance_catches_inside_leaves_the_others() -> None:
    """10.5.6: a handler inside the instance's own scope ends that instance normally."""
    inner = event("startEvent", "is") + steps("is", thrower("bad", "E"), end="ie")
    inner += boundary("b", "bad", ERROR.format("E")) + steps("b", task("userTask", "mend"), end="be")

    play = Play(line(sub("x", inner, loop=each("[1, 2]", "item")), task("task", "z"), before=error("E")))

    assert play.items == ["mend", "mend"]
    assert play.complete("mend").complete("mend").did("z") == ["z"]


def test_the_collection_is_read_when_the_activity_begins() -> None:
    """13.3.7: changing the collection later changes neither the number of instances nor their items."""
    play = Play(line(task("userTask", "u", "", each("items", "item", sequential=True)), task("task", "z")), {"items": [1, 2]})

    play.complete("u", items=[9, 9, 9, 9]).complete("u", {"item": 2})

    assert play.did("z") == ["z"]
