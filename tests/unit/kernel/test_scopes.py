"""Where variables live: shadowing, mappings, called processes, writes of what is interrupted. Sections are of BPMN 2.0.2."""

from __future__ import annotations

from .drawing import drawn, event, line, script, service, task
from .playing import ERROR, SIGNAL, TERMINATE, Play, boundary, call, each, error, mapping, on_event, process, signal, steps, sub, thrower


def test_an_inner_variable_hides_an_outer_one_and_dies_with_its_scope() -> None:
    """10.4.1: data lives as long as the scope that holds it; the inner name is seen and written first."""
    inner = event("startEvent", "is") + steps("is", script("a", "x + 1", "x"), script("b", "x * 10", "seen"), end="ie")

    play = Play(line(sub("x1", inner, mapping=mapping(inputs={"x": "5"})), script("c", "x", "after")), {"x": 1, "seen": 0})

    assert play.variables == {"x": 1, "seen": 60, "after": 1}


def test_an_output_mapping_of_a_sub_process_sees_its_local_variables() -> None:
    """10.4.1: the outputs of a sub-process are mapped from its own data to the scope around it."""
    inner = event("startEvent", "is") + steps("is", script("a", "x + 1", "x"), end="ie")

    play = Play(line(sub("x1", inner, mapping=mapping(inputs={"x": "5"}, outputs={"y": "x * 2"}))))

    assert play.variables == {"y": 12}


def test_two_levels_of_the_same_name() -> None:
    """10.4.1: each scope has its own; a write goes to the nearest."""
    deep = sub("x2", event("startEvent", "ds"), steps("ds", script("a", "x + 1", "x"), script("b", "x", "deep"), end="de"), mapping=mapping(inputs={"x": "x * 10"}))
    inner = event("startEvent", "is") + steps("is", deep, script("c", "x", "middle"), end="ie")

    play = Play(line(sub("x1", inner, mapping=mapping(inputs={"x": "x + 1"}))), {"x": 1})

    assert play.variables == {"x": 1, "deep": 21, "middle": 2}


def test_a_called_process_does_not_write_to_its_caller_before_it_ends() -> None:
    """13.3.4: a called process has data of its own; they come back when it completes."""
    called = process("q", event("startEvent", "qs"), steps("qs", script("a", "x + 1", "x"), task("userTask", "u"), end="qe"))
    data = drawn(event("startEvent", "s"), steps("s", call("c", "q"), end="e"), more=called)

    play = Play(data, {"x": 1})

    assert play.variables == {"x": 1}
    assert play.complete("u", y=3).variables == {"x": 2, "y": 3}


def test_what_an_interrupted_called_process_wrote_is_lost() -> None:
    """13.3.4 and 13.5.3: only a completed call gives its data back."""
    called = process("q", event("startEvent", "qs"), steps("qs", script("a", "2", "x"), thrower("bad", "E"), end="qe"))
    guard = boundary("b", "c", ERROR.format("E")), steps("b", task("task", "z"), end="be")
    data = drawn(event("startEvent", "s"), steps("s", call("c", "q"), end="e"), *guard, before=error("E"), more=called)

    assert Play(data, {"x": 1}).variables == {"x": 1}


def test_what_an_interrupted_sub_process_wrote_outwards_stays() -> None:
    """10.4.1: an embedded sub-process writes to the process itself; an interruption undoes no data."""
    inner = event("startEvent", "is") + steps("is", script("a", "2", "x"), thrower("bad", "E"), end="ie")
    guard = boundary("b", "x1", ERROR.format("E")) + steps("b", task("task", "z"), end="be")

    assert Play(line(sub("x1", inner), before=error("E"), beside=guard), {"x": 1}).variables == {"x": 2}


def test_a_call_that_hands_nothing_over_sees_only_its_inputs() -> None:
    """13.3.4: with propagateAllParentVariables false only mapped inputs are known inside."""
    called = process("q", event("startEvent", "qs"), steps("qs", script("a", "if x = null then &quot;unseen&quot; else &quot;seen&quot;", "r"), end="qe"))
    activity = call("c", "q", mapping(inputs={"y": "1"}), propagateAllParentVariables="false")

    assert Play(drawn(event("startEvent", "s"), steps("s", activity, end="e"), more=called), {"x": 1}).variables == {"x": 1, "r": "unseen"}


def test_a_boolean_of_an_extension_may_be_written_as_a_number() -> None:
    """XML knows two ways to write a boolean, in extension elements too."""
    called = process("q", event("startEvent", "qs"), steps("qs", script("a", "2", "x"), end="qe"))

    for written, seen in (("1", 2), ("0", 1), ("true", 2), ("false", 1)):
        activity = call("c", "q", propagateAllChildVariables=written)
        assert Play(drawn(event("startEvent", "s"), steps("s", activity, end="e"), more=called), {"x": 1}).variables["x"] == seen


def test_parallel_instances_write_outwards_to_the_same_variable() -> None:
    """13.3.7: only what an instance holds itself is its own; the rest is shared, and each write is seen by the next."""
    inner = event("startEvent", "is") + steps("is", script("a", "append(all, item)", "all"), end="ie")

    assert Play(line(sub("x1", inner, loop=each("[1, 2, 3]", "item"))), {"all": []}).variables["all"] == [1, 2, 3]


def test_a_mapping_may_build_one_value_of_several() -> None:
    """Kit rule: a target of several names joined by dots is an entry of a context, and others of its entries stay."""
    echo = service("t", "echo", mapping(inputs={"v": "7"}, outputs={"person.age": "v", "person.name": "&quot;N&quot;"}))

    assert Play(line(echo), {"person": {"unit": "u"}}).variables["person"] == {"unit": "u", "age": 7, "name": "N"}


def test_an_event_brings_its_variables_through_its_output_mapping() -> None:
    """10.5.5: what a message brings is mapped like the result of a task."""
    start = event("startEvent", "qs", SIGNAL.format("g"), mapping(outputs={"got": "1 + 1"}), isInterrupting="false")
    data = line(task("userTask", "u"), before=signal("g"), beside=on_event("q", start, steps("qs", end="qe")))

    assert Play(data).signal("g").variables == {"got": 2}


def test_terminate_keeps_the_variables_as_they_are() -> None:
    """13.5.6: the data of a terminated process is what was written until then."""
    play = Play(drawn(event("startEvent", "s"), steps("s", script("a", "1", "x")), event("endEvent", "kill", TERMINATE), steps("a"), '<bpmn:sequenceFlow id="f" sourceRef="a" targetRef="kill"/>'))

    assert (play.status, play.variables) == ("terminated", {"x": 1})
