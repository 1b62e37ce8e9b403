"""Handlers, effects and checks say which variables they see and give, so that a diagram can be checked against them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

import handlers
from engine.model import Actor, Job, Moment, Outcome, WorkItem
from engine.registry import Registry

REGISTRY = handlers.registry()
JOB = Job(
    topic="t", element_id="e", instance_id="1", case_id="1", key="1", variables={"a": 1, "b": 2, "c": 3},
    moment=Moment(now=datetime(2026, 3, 1, tzinfo=UTC), seed=1), happened_on=date(2026, 3, 1), actor=Actor(id="p"),
)  # fmt: skip


def test_every_handler_and_effect_declares_what_it_takes_and_gives() -> None:
    """None leaves a gap in the check of the diagrams."""
    offered = [*REGISTRY.handlers.values(), *REGISTRY.effects.values()]

    assert [one.topic for one in offered if one.takes is None or one.writes is None] == []


def test_every_check_declares_the_inputs_that_it_looks_at() -> None:
    """None leaves a gap in the check of the diagrams."""
    assert [one.name for one in REGISTRY.checks.values() if one.takes is None] == []


def test_every_group_of_the_words_is_declared() -> None:
    """A group that has a name for people can be named in a diagram, whole or followed by an id."""
    from terminal.words import GROUPS

    assert [name for name in GROUPS if not {name, f"{name}:"} & REGISTRY.groups] == []


@pytest.mark.parametrize(("takes", "may", "seen"), [(("a",), (), {"a"}), (("a",), ("b", "z"), {"a", "b"}), (None, (), {"a", "b", "c"}), ((), (), set())])
def test_a_handler_sees_what_it_declares(takes, may, seen) -> None:
    """Undeclared variables are not there; without a declaration all are."""
    registry = Registry()
    registry.handler("t", takes=takes, may_take=may)(lambda job, rows: Outcome())

    assert registry.handlers["t"].seen(JOB).variables.keys() == seen


def test_a_check_sees_the_inputs_that_it_declares() -> None:
    """As with handlers."""
    registry = Registry()
    registry.check("c", takes=("a",))(lambda item, data, rows: ())
    item = WorkItem(id="1.1", instance_id="1", element_id="e", name="n", inputs={"a": 1, "b": 2})

    assert registry.checks["c"].seen(item) == replace(item, inputs={"a": 1})


def test_a_variable_that_is_not_declared_is_named() -> None:
    """An outcome may leave out what is declared, and give nothing more."""
    registry = Registry()
    registry.handler("t", writes=("a", "b"))(lambda job, rows: Outcome())

    assert registry.handlers["t"].undeclared(Outcome(variables={"a": 1})) == ()
    assert registry.handlers["t"].undeclared(Outcome(variables={"a": 1, "x": 2, "y": 3})) == ("x", "y")
