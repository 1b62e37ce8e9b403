"""Tasks (任务): what is done by nobody, by a person, by a handler, by an expression, by a decision table, by a message."""

# SpiffWorkflow has no types, so its classes are Any to the checker.
# mypy: allow-subclassing-any

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults as spiff

from ...errors import Saying, listed, said_of
from ...feel import FeelError
from ..activity import finish
from ..data import encode, evaluate, names_of, sight, text_of
from ..due_dates import civil_date
from ..faults import StepError
from ..sending import send_by_headers, send_triggers
from ..steps import OpenedItem
from ..watches import arm
from .base import Activity
from .handled import call_handler, inputs_of, wait_to_throw

if TYPE_CHECKING:
    from ..machine import Machine


class AbstractTask(Activity, spiff.NoneTask):
    """`bpmn:task`: passes straight through."""

    def perform(self, m: Machine, token: str) -> None:
        """Nothing to do."""
        finish(m, token)


class ManualTask(Activity, spiff.ManualTask):
    """`bpmn:manualTask`: done outside; the engine passes straight through."""

    def perform(self, m: Machine, token: str) -> None:
        """Nothing to do."""
        finish(m, token)


class UserTask(Activity, spiff.UserTask):
    """`bpmn:userTask`: a work item (待办) that waits for a person."""

    def perform(self, m: Machine, token: str) -> None:
        """Open the work item."""
        groups, assignee = (evaluate(m, formula, token) if formula is not None else None for formula in (self.groups, self.assignee))
        calls = m.host_calls
        due = evaluate(m, self.due_date, token) if self.due_date is not None else None
        counted_by = range(calls, m.host_calls)
        priority = evaluate(m, self.priority, token) if self.priority is not None else None
        names, person = names_of(groups), text_of(assignee)
        if (self.groups or self.assignee) and not names and person is None:
            written = " ".join(formula.text for formula in (self.groups, self.assignee) if formula is not None)
            raise StepError("assignment", "its groups and assignee name nobody", expression=written)
        due_on = civil_date(due, m.moment.zone)
        held = {"due": due_on.isoformat() if due_on else None} if self.due_date is not None and self.due_date.compiled else {}
        m.state.change(m.state.tokens, token, s="item", **held)
        m.out.add(
            "items_opened",
            OpenedItem(
                n=int(token),
                element_id=self.origin,
                name=self.title,
                groups=names,
                assignee=person,
                form_id=self.form_id,
                check=self.settings.properties.get("check"),
                due_on=due_on,
                priority=_priority(priority),
                inputs=inputs_of(m, token),
                basis=self.settings.properties.get("basis"),
                counted_by=counted_by,
            ),
        )


class HandledTask(Activity):
    """A task with a topic: its handler is called at once, or it waits as a job for an effect."""

    def perform(self, m: Machine, token: str) -> None:
        """Call the handler."""
        call_handler(m, token, self)

    def throw(self, m: Machine, token: str) -> None:
        """Send the message that the headers name."""
        send_by_headers(m, token, self)
        finish(m, token)


class ServiceTask(HandledTask, spiff.ServiceTask):
    """`bpmn:serviceTask`: a handler or an effect."""


class ScriptTask(HandledTask, spiff.ScriptTask):
    """`bpmn:scriptTask`: a FEEL expression whose value becomes a variable."""

    def perform(self, m: Machine, token: str) -> None:
        """Evaluate it; with a topic in its place, call the handler."""
        if self.formula is None:
            super().perform(m, token)
            return
        value = evaluate(m, self.formula, token, strict=True)
        finish(m, token, _result(self.settings.result_variable or "", value))


class BusinessRuleTask(HandledTask, spiff.ServiceTask):
    """`bpmn:businessRuleTask`: a decision table whose result becomes a variable."""

    def perform(self, m: Machine, token: str) -> None:
        """Decide; with a topic in its place, call the handler."""
        decision = self.settings.decision_id
        if decision is None:
            super().perform(m, token)
            return
        try:
            outcome = m.decisions.file_of(decision).evaluate(decision, sight(m, token), now=m.moment.now, zone=m.moment.zone, functions=m.functions)
        except FeelError as error:
            raise StepError("decision", error.saying) from None
        m.out.add("notes", ("decision", self.origin, _matched(outcome.matched_rules)))
        finish(m, token, _result(self.settings.result_variable or "", outcome.value))


class SendTask(HandledTask, spiff.SendTask):
    """`bpmn:sendTask`: throws its message and goes on."""

    def perform(self, m: Machine, token: str) -> None:
        """Wait until all other ready tokens have moved."""
        if self.settings.topic is not None:
            super().perform(m, token)
            return
        wait_to_throw(m, token)

    def throw(self, m: Machine, token: str) -> None:
        """Send the message."""
        if self.settings.topic is not None:
            super().throw(m, token)
            return
        send_triggers(m, token, self)
        finish(m, token)


class ReceiveTask(Activity, spiff.ReceiveTask):
    """`bpmn:receiveTask`: waits for its message and takes its payload."""

    def perform(self, m: Machine, token: str) -> None:
        """Open the subscription."""
        scope = m.state.tokens[token]["in"]
        m.state.change(m.state.tokens, token, s="wait")
        arm(m, scope, token, self, self.triggers)


def _result(path: str, value: Any) -> Mapping[str, Any]:
    encode(value)
    name, _, rest = path.partition(".")
    return {name: value if not rest else dict(_result(rest, value))}


def _matched(rules: Sequence[tuple[str, Sequence[str]]]) -> Saying:
    """Which rules of which tables matched; a decision that is one expression has none."""
    told = [Saying("{decision}: {rules}", decision=one, rules=", ".join(found) if found else Saying("no rule")) for one, found in rules]
    return said_of(listed(told, joint="{first}; {rest}")) if told else Saying("")


def _priority(value: Any) -> int:
    if value is None:
        return 50
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if type(value) is not int or not 0 <= value <= 100:
        raise StepError("priority", Saying("its priority is {value}, no whole number from 0 to 100", value=repr(value)))
    return value
