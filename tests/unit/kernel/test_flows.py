"""Gateways, joins, links and event-based choices where the language kit has only the plain case. Sections are of BPMN 2.0.2."""

from __future__ import annotations

import pytest

from engine import kernel
from engine.errors import DefinitionError

from .drawing import drawn, event, line, message, path, script, task
from .playing import (
    CONDITION,
    ERROR,
    MESSAGE,
    SIGNAL,
    TERMINATE,
    TIMER,
    Play,
    boundary,
    each,
    error,
    flow,
    signal,
    steps,
    sub,
    thrower,
)

ASKED = message("m", "=key")
KEY = {"key": "k"}
LINK = '<bpmn:linkEventDefinition name="{}"/>'


def gateway(kind: str, element_id: str, **attributes: str) -> str:
    return event(f"{kind}Gateway", element_id, **attributes)


def test_an_inclusive_join_waits_for_a_branch_that_goes_round() -> None:
    """13.4.3: a token in a loop upstream can still reach the join, so it waits until the loop is left."""
    body = event("startEvent", "s") + gateway("inclusive", "f") + gateway("inclusive", "j") + task("task", "a") + script("b", "n + 1", "n") + task("userTask", "u")
    body += gateway("exclusive", "g", default="out") + task("task", "z") + event("endEvent", "e")
    flows = path("s", "f", "a", "j") + path("f", "b", "u", "g") + flow("out", "g", "j") + flow("back", "g", "b", "n &lt; 3") + path("j", "z", "e")

    play = Play(drawn(body, flows), {"n": 0}).complete("u").complete("u")

    assert play.did("z") == []
    assert play.complete("u").did("z") == ["z"]


def test_an_inclusive_join_inside_a_loop_serves_each_turn() -> None:
    """13.4.3: after it has gone on, the join is empty again; tokens it made itself do not hold it up, for their way passes it."""
    body = event("startEvent", "s") + gateway("exclusive", "m") + gateway("inclusive", "f") + gateway("inclusive", "j") + task("userTask", "u") + task("task", "b")
    body += script("c", "n + 1", "n") + gateway("exclusive", "g", default="out") + event("endEvent", "e")
    flows = path("s", "m", "f", "u", "j") + path("f", "b", "j") + path("j", "c", "g") + flow("out", "g", "e") + flow("back", "g", "m", "n &lt; 3")

    play = Play(drawn(body, flows), {"n": 0}).complete("u").complete("u").complete("u")

    assert (play.did("c"), play.outcomes) == (["c", "c", "c"], ["completed"])


def test_an_inclusive_join_sees_through_a_link() -> None:
    """13.4.3 and 10.5.5: a token before a link throw event has a path on from its catch event."""
    body = event("startEvent", "s") + gateway("parallel", "f") + task("task", "a") + task("userTask", "u") + gateway("inclusive", "j")
    body += event("intermediateThrowEvent", "lt", LINK.format("L")) + event("intermediateCatchEvent", "lc", LINK.format("L")) + task("task", "z") + event("endEvent", "e")
    flows = path("s", "f", "a", "j") + path("f", "u", "lt") + path("lc", "j", "z", "e")

    play = Play(drawn(body, flows))

    assert play.did("z") == []
    assert play.complete("u").did("z") == ["z"]


def test_an_inclusive_join_does_not_wait_for_another_scope() -> None:
    """13.4.3: tokens inside a sub-process belong to their own scope; it is the sub-process's own token that has a path."""
    inner = event("startEvent", "is") + steps("is", task("userTask", "u"), end="ie")
    body = event("startEvent", "s") + gateway("parallel", "f") + task("task", "a") + sub("x", inner) + gateway("inclusive", "j") + task("task", "z") + event("endEvent", "e")
    flows = path("s", "f", "a", "j", "z", "e") + path("f", "x", "j")

    play = Play(drawn(body, flows))

    assert play.did("z") == []
    assert play.complete("u").did("z") == ["z"]


def test_an_event_based_gateway_in_a_loop_listens_anew_each_time() -> None:
    """13.4.4: each token that comes to the gateway opens its events again and withdraws the others when one has happened."""
    body = event("startEvent", "s") + gateway("exclusive", "m") + gateway("eventBased", "g") + event("endEvent", "e")
    body += event("intermediateCatchEvent", "c", MESSAGE.format("m")) + event("intermediateCatchEvent", "t", TIMER.format("P2D")) + task("task", "again")
    flows = path("s", "m", "g", "c", "again", "m") + path("g", "t", "e")

    play = Play(drawn(body, flows, before=ASKED), KEY).message("m").advance("P1D").message("m").advance("P1D")

    assert (play.did("c", "t"), play.outcomes) == (["c", "c"], ["waiting"])
    assert play.advance("P1D").did("c", "t") == ["c", "c", "t"]


def test_a_condition_that_is_already_true_wins_the_event_based_choice() -> None:
    """13.4.4: among its events the first that happens wins; a condition that holds already happens at once."""
    body = event("startEvent", "s") + gateway("eventBased", "g") + event("intermediateCatchEvent", "c", CONDITION.format("n = 1"))
    body += event("intermediateCatchEvent", "t", TIMER.format("P2D")) + event("endEvent", "e1") + event("endEvent", "e2")

    play = Play(drawn(body, path("s", "g", "c", "e1"), path("g", "t", "e2")), {"n": 1})

    assert (play.did("c", "t"), play.outcomes) == (["c"], ["completed"])


def test_an_interrupted_event_based_choice_withdraws_all_its_events() -> None:
    """13.4.4 and 13.5.3: when the sub-process around it is interrupted nothing of the choice is left open."""
    inner = event("startEvent", "is") + gateway("eventBased", "g") + event("intermediateCatchEvent", "c", MESSAGE.format("m"))
    inner += event("intermediateCatchEvent", "t", TIMER.format("P9D")) + path("is", "g", "c") + path("g", "t")
    beside = boundary("b", "x", SIGNAL.format("s1")) + steps("b", task("userTask", "stopped"), end="be")

    play = Play(line(sub("x", inner), before=ASKED + signal("s1"), beside=beside), KEY).signal("s1")

    instance = play.host.instances[0]
    assert (play.items, instance.timers, instance.subscriptions) == (["stopped"], {}, {})


def test_a_link_may_lead_back() -> None:
    """10.5.5: a link is a flow that is not drawn; it may make a loop, also inside a sub-process."""
    inner = event("startEvent", "is") + event("intermediateCatchEvent", "lc", LINK.format("L")) + script("a", "n + 1", "n") + gateway("exclusive", "g", default="out")
    inner += event("intermediateThrowEvent", "lt", LINK.format("L")) + event("endEvent", "ie") + gateway("exclusive", "m")
    inner += path("is", "m", "a", "g") + path("lc", "m") + flow("back", "g", "lt", "n &lt; 3") + flow("out", "g", "ie")

    play = Play(line(sub("x", inner)), {"n": 0})

    assert (play.did("a"), play.variables["n"], play.outcomes) == (["a", "a", "a"], 3, ["completed"])


def test_links_of_one_name_in_two_scopes_do_not_meet() -> None:
    """10.5.5: a link joins two points of the same process level."""
    caught = event("intermediateCatchEvent", "c{0}", LINK.format("L")) + task("task", "a{0}") + event("endEvent", "e{0}") + path("c{0}", "a{0}", "e{0}")
    thrown = event("intermediateThrowEvent", "t{0}", LINK.format("L"))
    inner = event("startEvent", "is") + path("is", "t1") + thrown.format(1) + caught.format(1)
    body = event("startEvent", "s") + sub("x", inner) + path("s", "x", "t2") + thrown.format(2) + caught.format(2)

    assert Play(drawn(body)).did("a1", "a2", "x") == ["a1", "x", "a2"]


def test_a_parallel_join_that_loops_back_serves_each_turn() -> None:
    """13.4.1: a join takes one token of each flow; those that come early in the next turn wait for their partners."""
    body = event("startEvent", "s") + gateway("exclusive", "m") + gateway("parallel", "f") + task("task", "a") + task("userTask", "u") + gateway("parallel", "j")
    body += script("c", "n + 1", "n") + gateway("exclusive", "g", default="out") + event("endEvent", "e")
    flows = path("s", "m", "f", "a", "j") + path("f", "u", "j") + path("j", "c", "g") + flow("out", "g", "e") + flow("back", "g", "m", "n &lt; 2")

    play = Play(drawn(body, flows), {"n": 0}).complete("u").complete("u")

    assert (play.did("c"), play.outcomes) == (["c", "c"], ["completed"])


def test_conditions_out_of_a_task_are_all_looked_at() -> None:
    """13.3.1: every conditional flow whose condition is true is taken, and each flow without one; the default only when no condition holds."""
    body = event("startEvent", "s") + task("task", "a", default="d") + task("task", "t1") + task("task", "t2") + task("task", "t3") + task("task", "t4")
    flows = path("s", "a") + flow("1", "a", "t1", "n &gt; 1") + flow("2", "a", "t2", "n &gt; 2") + flow("3", "a", "t3") + flow("d", "a", "t4")

    taken = [Play(drawn(body, flows), {"n": n}).did("t1", "t2", "t3", "t4") for n in (1, 2, 3)]

    assert taken == [["t3", "t4"], ["t1", "t3"], ["t1", "t2", "t3"]]


def test_terminate_stops_what_was_still_on_its_way() -> None:
    """13.5.6: tokens that had not yet been moved vanish with the rest."""
    body = event("startEvent", "s") + event("endEvent", "kill", TERMINATE) + task("task", "a") + task("task", "b") + path("s", "kill") + path("s", "a", "b")

    play = Play(drawn(body))

    assert (play.status, play.did("b")) == ("terminated", [])


def test_several_tokens_through_one_path_end_it_several_times() -> None:
    """13.3.1 and 13.5.6: an uncontrolled merge passes each token on; the process ends with the last."""
    body = event("startEvent", "s") + task("task", "a") + task("task", "b") + task("userTask", "u") + event("endEvent", "e")
    play = Play(drawn(body, path("s", "a", "u", "e"), path("s", "b", "u")))

    assert play.items == ["u", "u"]
    assert (play.complete("u").outcomes, play.complete("u").outcomes) == (["waiting"], ["completed"])


def test_an_error_end_event_beside_other_work_is_caught_once() -> None:
    """10.5.6: the interrupted scope throws nothing more; its other branch is gone."""
    inner = event("startEvent", "is") + gateway("parallel", "f") + thrower("bad", "E") + thrower("bad2", "E") + path("is", "f", "bad") + path("f", "bad2")
    beside = boundary("b", "x", ERROR.format("E")) + steps("b", task("task", "caught"), end="be")

    play = Play(line(sub("x", inner), before=error("E"), beside=beside))

    assert (play.did("caught"), play.outcomes) == (["caught"], ["completed"])


def test_an_ad_hoc_sub_process_in_order_takes_one_activity_after_another() -> None:
    """13.3.5: with ordering Sequential only one of its activities is active at a time."""
    inner = task("userTask", "a") + task("userTask", "b") + "<bpmn:completionCondition>=n &gt; 1</bpmn:completionCondition>"
    play = Play(line(sub("x", inner, kind="adHocSubProcess", ordering="Sequential"), task("task", "z")), {"n": 0})

    assert play.items == ["a"]
    assert play.complete("a", n=1).items == ["b"]
    assert play.complete("b", n=2).did("z") == ["z"]


def test_an_ad_hoc_sub_process_may_let_the_rest_finish() -> None:
    """13.3.5: with cancelRemainingInstances false, activities that are active when the condition becomes true are still done."""
    inner = task("userTask", "a") + task("userTask", "b") + "<bpmn:completionCondition>=n &gt; 0</bpmn:completionCondition>"
    data = line(sub("x", inner, kind="adHocSubProcess", cancelRemainingInstances="false"), task("task", "z"))

    play = Play(data, {"n": 0}).complete("a", n=1)

    assert (play.items, play.did("z")) == (["b"], [])
    assert play.complete("b").did("z") == ["z"]


def test_a_multi_instance_of_parallel_joins_keeps_its_instances_apart() -> None:
    """13.3.7 and 13.4.1: tokens of different instances never meet in one join."""
    inner = event("startEvent", "is") + gateway("parallel", "f") + task("userTask", "u") + task("userTask", "v") + gateway("parallel", "j") + task("task", "z")
    inner += path("is", "f", "u", "j", "z") + path("f", "v", "j")

    play = Play(line(sub("x", inner, loop=each("[1, 2]", "item")))).complete("u", {"item": 1}).complete("v", {"item": 2})

    assert play.did("z") == []
    assert play.complete("v", {"item": 1}).did("z") == ["z"]


@pytest.mark.parametrize("inside", ["conditional", "signal"])
def test_a_process_begins_only_by_what_reaches_it_from_outside(inside: str) -> None:
    """10.5.2: a condition has no data before there is an instance, so a process cannot begin by one; a signal can."""
    trigger = CONDITION.format("n = 1") if inside == "conditional" else SIGNAL.format("s1")
    data = drawn(event("startEvent", "s", trigger), steps("s", end="e"), before=signal("s1"))

    if inside == "signal":
        assert Play(data, start=False).signal("s1").outcomes == ["completed"]
    else:
        with pytest.raises(DefinitionError, match="conditional"):
            kernel.load({"d.bpmn": data})
