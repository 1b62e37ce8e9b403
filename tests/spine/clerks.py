"""A small domain of its own for the tests of the engine: petitions that a clerk checks and a chief decides. Knows nothing of suggestions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import (
    Change,
    CompleteWorkItem,
    DeployDefinitions,
    Engine,
    Fact,
    FieldFault,
    Header,
    Job,
    Outcome,
    Receipt,
    Record,
    RegisterPersons,
    Registry,
    Select,
    Series,
    SetClock,
    StartInstance,
    Where,
    WorkItem,
    by_id,
    rows_of,
)
from engine.storage import MemoryStore

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'id="d" targetNamespace="http://bpmn.io/schema/bpmn">'
)

PEOPLE = [
    {"id": "kim", "name": "Kim", "groups": ["clerk"]},
    {"id": "lee", "name": "Lee", "groups": ["clerk"]},
    {"id": "ann", "name": "Ann", "groups": ["chief"]},
    {"id": "zoe", "name": "Zoe", "groups": []},
]


def extension(*inner: str) -> str:
    return f"<bpmn:extensionElements>{''.join(inner)}</bpmn:extensionElements>"


def properties(**values: str) -> str:
    return "<zeebe:properties>" + "".join(f'<zeebe:property name="{k}" value="{v}"/>' for k, v in values.items()) + "</zeebe:properties>"


def flow(identifier: str, source: str, target: str, condition: str | None = None) -> str:
    inner = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>' if condition else ""
    return f'<bpmn:sequenceFlow id="{identifier}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def item(identifier: str, name: str, groups: str, form: str, check: str | None = None, due: str | None = None) -> str:
    parts = ["<zeebe:userTask/>", f'<zeebe:formDefinition formId="{form}"/>', f'<zeebe:assignmentDefinition candidateGroups="{groups}"/>']
    if due:
        parts.append(f'<zeebe:taskSchedule dueDate="{due}"/>')
    parts.append(properties(**({"check": check} if check else {}), basis="rule#1"))
    return f'<bpmn:userTask id="{identifier}" name="{name}">{extension(*parts)}</bpmn:userTask>'


def service(identifier: str, topic: str, **headers: str) -> str:
    held = "".join(f'<zeebe:header key="{k}" value="{v}"/>' for k, v in headers.items())
    parts = [f'<zeebe:taskDefinition type="{topic}"/>', f"<zeebe:taskHeaders>{held}</zeebe:taskHeaders>" if held else ""]
    return f'<bpmn:serviceTask id="{identifier}" name="{identifier}">{extension(*parts)}</bpmn:serviceTask>'


def petition() -> bytes:
    """start → check → number → gateway → decide → tell (message) → letter (effect) → end; the act withdraw interrupts."""
    body = [
        extension(properties(key="petition_id")),
        '<bpmn:startEvent id="start" name="in">' + extension(properties(groups="clerk", form="f-petition")) + "</bpmn:startEvent>",
        item("check", "check it", "clerk", "f-check", "petition.check", "=day"),
        service("number", "petition.number"),
        '<bpmn:exclusiveGateway id="gw" default="f4"/>',
        item("decide", "decide it", "chief", "f-decide"),
        service("tell", "message.send", message="told", key="=petition_id"),
        service("letter", "petition.letter"),
        '<bpmn:endEvent id="end"/><bpmn:endEvent id="refused"/>',
        flow("f1", "start", "check"),
        flow("f2", "check", "number"),
        flow("f3", "number", "gw"),
        flow("f4", "gw", "decide"),
        flow("f5", "gw", "refused", "=result = &quot;refuse&quot;"),
        flow("f6", "decide", "tell"),
        flow("f7", "tell", "letter"),
        flow("f8", "letter", "end"),
        '<bpmn:subProcess id="esub" triggeredByEvent="true"><bpmn:startEvent id="withdraw" name="take back">'
        + extension(properties(act="withdraw", groups="clerk", form="f-withdraw"))
        + '<bpmn:messageEventDefinition messageRef="m_withdraw"/></bpmn:startEvent><bpmn:endEvent id="withdrawn"/>'
        + flow("w1", "withdraw", "withdrawn")
        + "</bpmn:subProcess>",
    ]
    listener = [
        extension(properties(key="petition_id")),
        '<bpmn:startEvent id="heard"><bpmn:messageEventDefinition messageRef="m_told"/></bpmn:startEvent>',
        item("read", "read it", "clerk", "f-decide"),
        '<bpmn:endEvent id="done"/>',
        flow("l1", "heard", "read"),
        flow("l2", "read", "done"),
    ]
    messages = (
        '<bpmn:message id="m_told" name="told">' + extension('<zeebe:subscription correlationKey="=petition_id"/>') + "</bpmn:message>"
        '<bpmn:message id="m_withdraw" name="withdraw-asked">'
        + extension('<zeebe:subscription correlationKey="=petition_id"/>')
        + "</bpmn:message>"
    )
    first = f'<bpmn:process id="petition" name="petition" isExecutable="true">{"".join(body)}</bpmn:process>'
    second = f'<bpmn:process id="listener" name="listener" isExecutable="true">{"".join(listener)}</bpmn:process>'
    return (HEAD + messages + first + second + "</bpmn:definitions>").encode()


def forms() -> dict[str, bytes]:
    text = {"type": "string", "minLength": 1, "x-record": "petition"}
    shapes: dict[str, Any] = {
        "f-petition": {"title": text, "day": {"type": "string", "format": "date"}},
        "f-check": {"result": {"enum": ["pass", "refuse"]}, "note": text, "day": {"type": "string", "format": "date"}},
        "f-decide": {"answer": text},
        "f-withdraw": {"why": text},
    }
    required = {"f-petition": ["title"], "f-check": ["result"], "f-decide": ["answer"], "f-withdraw": ["why"]}
    return {
        f"forms/{name}.json": json.dumps(
            {"type": "object", "properties": fields, "required": required[name], "additionalProperties": False}
        ).encode()
        for name, fields in shapes.items()
    }


def registry(letters: list[str] | None = None) -> Registry:
    """The domain; letters that were sent are appended to `letters` by their key."""
    domain = Registry()
    sent = letters if letters is not None else []
    domain.record(
        Record(
            name="petition",
            key=("id",),
            columns={
                "id": "text",
                "case_id": "text",
                "title": "text",
                "number": "integer",
                "answer": "text",
                "why": "text",
                "checked_by": "text",
            },
            indexes=(("number",),),
        )
    )

    @domain.handler("petition.number", reads=lambda job: {"number": Series(name="petition"), "own": by_id("petition", job.key)})
    def number(job: Job, rows: Mapping[str, Any]) -> Outcome:
        if any(row["title"] == "burst" for row in rows_of(rows, "own")):
            raise ZeroDivisionError("this title bursts")
        return Outcome(facts=(Fact(kind="PetitionNumbered", keys={"number": rows["number"]}),))

    @domain.effect("petition.letter", retries=1)
    def letter(variables: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        if key not in sent:
            sent.append(key)
        return {"letter": key}

    @domain.check("petition.check", reads=lambda item, data: {"own": Select(table="petition", limit=1)})
    def check(item: WorkItem, data: Mapping[str, Any], rows: Mapping[str, Any]) -> Iterator[FieldFault]:
        if data["result"] == "refuse" and not data.get("note"):
            yield FieldFault(field="note", rule="petition.note", template="a refusal needs a note")

    @domain.fold("PetitionNumbered")
    def numbered(fact: Fact, header: Header) -> Iterator[Change]:
        yield Change(op="update", table="petition", key={"id": header.case_id}, values={"number": fact.keys["number"]})

    @domain.form_fold("f-petition")
    def filed(data: Mapping[str, Any], header: Header, source: str) -> Iterator[Change]:
        yield Change(op="insert", table="petition", key={"id": source}, values={"case_id": header.case_id, "title": data["title"]})

    @domain.form_fold("f-check")
    def checked(data: Mapping[str, Any], header: Header, source: str) -> Iterator[Change]:
        yield Change(op="update", table="petition", key={"id": header.case_id}, values={"checked_by": header.actor_id})

    @domain.form_fold("f-withdraw")
    def withdrawn(data: Mapping[str, Any], header: Header, source: str) -> Iterator[Change]:
        yield Change(op="update", table="petition", key={"id": header.case_id}, values={"why": data["why"]})

    return domain


class Desk:
    """A deployed engine of this domain, and the few words that tests speak."""

    def __init__(self, database: Path | str | None = None, letters: list[str] | None = None) -> None:
        self.clock = SetClock(datetime.fromisoformat("2026-01-05T09:00+08:00"))
        self.letters = letters if letters is not None else []
        domain = registry(self.letters)
        if database is None:
            self.engine = Engine.found(MemoryStore(domain.records.values(), simulated=True), domain, admin="root", clock=self.clock)
        else:
            self.engine = Engine.create(database, domain, admin="root", clock=self.clock, simulated=True)
        self.engine.execute(RegisterPersons(actor="root", command_id="people", data=PEOPLE))
        self.engine.execute(DeployDefinitions(actor="root", command_id="deploy", files={"petition.bpmn": petition(), **forms()}))

    def file(self, title: str = "a lift", **more: Any) -> Receipt:
        return self.engine.execute(StartInstance(actor="kim", process="petition", data={"title": title}, **more))

    def open(self, element: str | None = None) -> list[str]:
        where = [Where(column="status", value="open")]
        if element:
            where.append(Where(column="element_id", value=element))
        rows = self.engine.select("kim", Select(table="work_item", where=tuple(where), order=("opened_at", "id")))
        return [row["id"] for row in rows]

    def complete(self, item_id: str, actor: str, **data: Any) -> Receipt:
        return self.engine.execute(CompleteWorkItem(actor=actor, item_id=item_id, data=data))

    def petitions(self) -> list[Mapping[str, Any]]:
        return list(self.engine.select("kim", Select(table="petition", order=("id",))))
