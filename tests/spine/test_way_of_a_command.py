"""One command, one instance, one transaction: checked, decided, written, and told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from engine import (
    ClaimWorkItem,
    CompleteWorkItem,
    Conflict,
    DefinitionError,
    DeployDefinitions,
    EffectFailed,
    Engine,
    IdentityNeeded,
    InvalidForm,
    NotAllowed,
    NotFound,
    PerformAct,
    ReassignWorkItem,
    RegisterPersons,
    Rejected,
    ReleaseWorkItem,
    RetryIncident,
    Select,
    StartInstance,
    Where,
)
from engine.errors import Saying
from engine.forms import Form
from engine.storage import MemoryStore

from .clerks import HEAD, Desk, flow, forms, petition


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_petition_goes_its_way(desk: Desk) -> None:
    """Filed, checked, numbered, decided; the message starts its listener, the letter is sent once."""
    desk.file()
    desk.complete(desk.open("check")[0], "kim", result="pass")
    desk.complete(desk.open("decide")[0], "ann", answer="yes")

    drained = desk.engine.drain()

    assert drained.left == 0
    assert drained.failed == 0
    assert len(desk.letters) == 1
    assert [row["number"] for row in desk.petitions()] == [1]
    assert desk.open("read")
    assert desk.engine.select("kim", Select(table="instance", where=(Where(column="status", value="completed"),)))


def test_a_wrong_form_changes_nothing(desk: Desk) -> None:
    """What was typed wrongly is named field by field; no row is written."""
    desk.file()
    item = desk.open("check")[0]

    with pytest.raises(InvalidForm) as caught:
        desk.complete(item, "kim", result="perhaps", strange=1)

    assert {problem.field for problem in caught.value.problems} == {"result", "strange"}
    assert desk.open("check") == [item]


def test_a_check_speaks_of_its_field(desk: Desk) -> None:
    """A domain rule refuses with the field it is about."""
    desk.file()

    with pytest.raises(InvalidForm, match="a refusal needs a note"):
        desk.complete(desk.open("check")[0], "kim", result="refuse")


def test_only_the_candidate_groups_may(desk: Desk) -> None:
    """A chief may not do a clerk's item; a person in no group may do nothing; nobody at all is asked who it is."""
    desk.file()
    item = desk.open("check")[0]

    with pytest.raises(NotAllowed):
        desk.complete(item, "ann", result="pass")
    with pytest.raises(NotAllowed):
        desk.engine.execute(StartInstance(actor="zoe", process="petition", data={"title": "x"}))
    with pytest.raises(IdentityNeeded):
        desk.complete(item, "", result="pass")
    with pytest.raises(IdentityNeeded):
        desk.complete(item, "nobody-known", result="pass")


def test_a_claimed_item_is_the_claimers(desk: Desk) -> None:
    """Claimed by one, not for another; released, for all again; given away with a reason to one of the group."""
    desk.file()
    item = desk.open("check")[0]
    desk.engine.execute(ClaimWorkItem(actor="kim", item_id=item))

    with pytest.raises(Conflict):
        desk.complete(item, "lee", result="pass")
    with pytest.raises(Rejected, match="reason"):
        desk.engine.execute(ReassignWorkItem(actor="kim", item_id=item, person="lee"))
    with pytest.raises(NotAllowed):
        desk.engine.execute(ReassignWorkItem(actor="kim", item_id=item, person="ann", reason="ill"))
    desk.engine.execute(ReleaseWorkItem(actor="kim", item_id=item))
    desk.engine.execute(ReassignWorkItem(actor="kim", item_id=item, person="lee", reason="ill"))

    assert desk.complete(item, "lee", result="pass").position == 5


def test_the_same_command_again_answers_as_the_first_time(desk: Desk) -> None:
    """The same actor and data: the same receipt, nothing new. Other data or another person: a clash that names who was first."""
    desk.file()
    item = desk.open("check")[0]
    first = desk.complete(item, "kim", result="pass")

    again = desk.complete(item, "kim", result="pass")

    assert (again.hash, again.position, again.repeated) == (first.hash, first.position, True)
    with pytest.raises(Conflict, match="kim"):
        desk.complete(item, "lee", result="pass")
    with pytest.raises(Conflict):
        desk.complete(item, "kim", result="refuse", note="no")


def test_an_item_read_before_it_changed_is_refused(desk: Desk) -> None:
    """A version that no longer holds is a clash."""
    desk.file()
    item = desk.open("check")[0]
    desk.engine.execute(ClaimWorkItem(actor="kim", item_id=item))

    with pytest.raises(Conflict, match="changed"):
        desk.engine.execute(CompleteWorkItem(actor="kim", item_id=item, item_version=1, data={"result": "pass"}))


def test_an_act_by_hand_interrupts(desk: Desk) -> None:
    """What the diagram offers can be done by its group with its form, once."""
    case = desk.file().case_id
    act = desk.engine.acts("kim", case)[0]

    desk.engine.execute(PerformAct(actor="kim", subscription_id=act.subscription_id, data={"why": "moved"}))

    assert desk.open() == []
    assert desk.petitions()[0]["why"] == "moved"
    with pytest.raises(Conflict):
        desk.engine.execute(PerformAct(actor="kim", subscription_id=act.subscription_id, data={"why": "again"}))


def test_the_due_date_follows_what_it_counts_from(desk: Desk) -> None:
    """An open item's due date is evaluated again after a write; an item whose variable stays keeps its date."""
    receipt = desk.engine.execute(StartInstance(actor="kim", process="petition", data={"title": "t", "day": "2026-02-01"}))

    row = desk.engine.item("kim", receipt.opened[0]).row

    assert row["due_on"] == "2026-02-01"


def test_a_handlers_bug_is_an_incident_that_can_be_retried() -> None:
    """The token stays, the number is given back, the rest lives; after a repair the step is made."""
    desk = Desk()
    desk.file(title="burst")
    desk.file()
    burst, other = desk.open("check")
    desk.complete(burst, "kim", result="pass")
    desk.complete(other, "kim", result="pass")

    incident = desk.engine.select("root", Select(table="incident"))[0]

    assert "this title bursts" in incident["reason"]
    with pytest.raises(NotAllowed):
        desk.engine.execute(RetryIncident(actor="kim", incident_id=incident["id"], reason="r"))
    with pytest.raises(Rejected, match="reason"):
        desk.engine.execute(RetryIncident(actor="root", incident_id=incident["id"]))
    desk.engine.execute(RetryIncident(actor="root", incident_id=incident["id"], reason="again"))
    assert [row["number"] for row in desk.petitions()] == [None, 1]
    statuses = [row["status"] for row in desk.engine.select("root", Select(table="incident", order=("id",)))]
    assert sorted(statuses) == ["open", "resolved"]


def test_an_effect_that_fails_for_good_is_an_incident() -> None:
    """It is tried again with a pause, then an operator is told; after a retry the letter goes out."""
    desk = Desk()
    broken = desk.engine.registry.effects.pop("petition.letter")
    desk.engine.registry.effects["petition.letter"] = type(broken)(topic=broken.topic, run=_fails, retries=1)
    desk.file()
    desk.complete(desk.open("check")[0], "kim", result="pass")
    desk.complete(desk.open("decide")[0], "ann", answer="yes")

    desk.engine.drain()
    desk.engine.advance(datetime.fromisoformat("2026-01-05T10:00+08:00"))

    incident = desk.engine.select("root", Select(table="incident"))[0]
    assert "the post is closed" in incident["reason"]
    desk.engine.registry.effects["petition.letter"] = broken
    desk.engine.execute(RetryIncident(actor="root", incident_id=incident["id"], reason="the post is open"))
    desk.engine.drain()
    assert len(desk.letters) == 1


def _fails(variables: Any, key: str) -> Any:
    raise OSError("the post is closed")


def test_why_an_effect_failed_is_recorded_in_no_language() -> None:
    """What the world outside answered stands in history and in the incident as a template with its parameters; replay finds the same."""

    def no_box(variables: Any, key: str) -> Any:
        raise EffectFailed("there is no letter box: set {variable} to a folder", variable="BOX")

    desk = Desk()
    effect = desk.engine.registry.effects["petition.letter"]
    desk.engine.registry.effects["petition.letter"] = type(effect)(topic=effect.topic, run=no_box, retries=0)
    desk.file()
    desk.complete(desk.open("check")[0], "kim", result="pass")
    desk.complete(desk.open("decide")[0], "ann", answer="yes")

    desk.engine.drain()

    (incident,) = desk.engine.select("root", Select(table="incident"))
    reason = Saying("the job failed: {text}", text=Saying("there is no letter box: set {variable} to a folder", variable="BOX"))
    assert incident["said"] == Saying("{element}: {reason}", element="letter", reason=reason).to_json()
    for report in (desk.engine.verify(), desk.engine.replay(), desk.engine.rebuild()):
        assert report.findings == []


def test_backdating_needs_a_reason_and_the_future_is_refused(desk: Desk) -> None:
    """`happened_on` before today needs a reason and is recorded; after today it is refused."""
    with pytest.raises(Rejected, match="reason"):
        desk.file(happened_on=date(2026, 1, 2))
    with pytest.raises(Rejected, match="still to come"):
        desk.file(happened_on=date(2026, 1, 6))

    case = desk.file(happened_on=date(2026, 1, 2), reason="on paper").case_id

    assert desk.engine.history("kim", case)[0].happened_on == date(2026, 1, 2)


def test_a_preview_writes_nothing(desk: Desk) -> None:
    """The events of a preview are those of the command; nothing stands afterwards."""
    told = desk.engine.preview(StartInstance(actor="kim", process="petition", data={"title": "x"})).events

    assert told
    assert desk.petitions() == []


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    """Wrong ids are named."""
    for command in (
        CompleteWorkItem(actor="kim", item_id="999.1"),
        CompleteWorkItem(actor="kim", item_id="nonsense"),
        StartInstance(actor="kim", process="nothing"),
    ):
        with pytest.raises(NotFound):
            desk.engine.execute(command)


def test_a_deployment_is_all_or_nothing(desk: Desk) -> None:
    """A set with one bad file is refused with the file named; the same set again changes nothing; only a process-owner may."""
    before = desk.engine.count("root", _count("deployment"))

    with pytest.raises(DefinitionError) as caught:
        desk.engine.execute(DeployDefinitions(actor="root", files={"petition.bpmn": petition(), "forms/f-check.json": b"{"}))
    with pytest.raises(NotAllowed):
        desk.engine.execute(DeployDefinitions(actor="kim", files={"petition.bpmn": petition()}))

    assert any(problem.file == "forms/f-check.json" for problem in caught.value.problems)
    assert desk.engine.count("root", _count("deployment")) == before


def _count(table: str) -> Any:
    from engine import Count

    return Count(table=table)


def test_a_set_clock_needs_a_simulated_database() -> None:
    """A database that was not created as simulated never takes a set clock."""
    desk = Desk()
    store = MemoryStore(desk.engine.registry.records.values(), simulated=False)

    with pytest.raises(Rejected, match="simulated"):
        Engine(store, desk.engine.registry, desk.clock)


def test_people_are_registered_once(desk: Desk) -> None:
    """The same list again changes nothing; a moved person keeps the id; only an operator registers."""
    again = desk.engine.execute(RegisterPersons(actor="root", data=[{"id": "kim", "name": "Kim", "groups": ["clerk"]}]))

    assert again.repeated
    with pytest.raises(NotAllowed):
        desk.engine.execute(RegisterPersons(actor="kim", data=[{"id": "eve", "name": "Eve"}]))
    with pytest.raises(Rejected):
        desk.engine.execute(RegisterPersons(actor="root", data=[{"id": "a:b", "name": "x"}]))


def test_a_date_on_the_wrong_side_of_today_is_refused() -> None:
    """A field marked past may not lie after today, one marked future must, at any depth."""
    entry = {"type": "object", "properties": {"due_on": {"type": "string", "format": "date", "x-date": "future"}}}
    fields = {"done_on": {"type": "string", "format": "date", "x-date": "past"}, "promises": {"type": "array", "items": entry}}
    form = Form("f", {"type": "object", "properties": fields})

    found = form.problems({"done_on": "2026-01-06", "promises": [{"due_on": "2026-01-06"}, {"due_on": "2026-01-05"}]}, date(2026, 1, 5))

    assert [problem.field for problem in found] == ["done_on", "promises.1.due_on"]
    assert form.problems({"done_on": "2026-01-05", "promises": [{"due_on": "2026-01-06"}]}, date(2026, 1, 5)) == ()


def _broadcast() -> bytes:
    """`speaker` throws a signal; `hearer` waits for it; `woken` is started by it."""
    throw = '<bpmn:signalEventDefinition id="sd" signalRef="s_all"/>'
    speaker = (
        f'<bpmn:startEvent id="s"/><bpmn:endEvent id="call">{throw}</bpmn:endEvent>' + flow("s1", "s", "call")
    )
    hearer = (
        '<bpmn:startEvent id="h"/><bpmn:intermediateCatchEvent id="ear"><bpmn:signalEventDefinition id="hd" signalRef="s_all"/>'
        '</bpmn:intermediateCatchEvent><bpmn:endEvent id="heard"/>' + flow("h1", "h", "ear") + flow("h2", "ear", "heard")
    )
    woken = (
        '<bpmn:startEvent id="w"><bpmn:signalEventDefinition id="wd" signalRef="s_all"/></bpmn:startEvent><bpmn:endEvent id="awake"/>'
        + flow("w1", "w", "awake")
    )
    processes = "".join(
        f'<bpmn:process id="{name}" name="{name}" isExecutable="true">{body}</bpmn:process>'
        for name, body in (("speaker", speaker), ("hearer", hearer), ("woken", woken))
    )
    return (HEAD + '<bpmn:signal id="s_all" name="all"/>' + processes + "</bpmn:definitions>").encode()


def test_a_signal_reaches_all_who_wait_and_starts_who_is_started_by_it(desk: Desk) -> None:
    """Receivers are fixed at the throw: both hearers go on, one new instance wakes, one that begins to wait later does not hear."""
    desk.engine.execute(DeployDefinitions(actor="root", files={"broadcast.bpmn": _broadcast()}))
    for _ in range(2):
        desk.engine.execute(StartInstance(actor="kim", process="hearer"))
    desk.engine.execute(StartInstance(actor="kim", process="speaker"))
    desk.engine.execute(StartInstance(actor="kim", process="hearer"))

    desk.engine.drain()

    rows = desk.engine.select("kim", Select(table="instance", order=("started_at", "id")))
    assert [(row["process"], row["status"]) for row in rows] == [
        ("hearer", "completed"),
        ("hearer", "completed"),
        ("speaker", "completed"),
        ("hearer", "running"),
        ("woken", "completed"),
    ]
    assert desk.engine.replay().findings == []


def test_a_deployment_again_under_its_id_answers_as_the_first_time(desk: Desk) -> None:
    """The same files, with others beside them that no deployment holds: the first receipt comes back."""
    files = {"petition.bpmn": petition(), **forms(), "notes.txt": b"x"}

    again = desk.engine.execute(DeployDefinitions(actor="root", command_id="deploy", files=files))

    assert again.repeated
    assert again.stream == "deployment"
    assert again.position == 1


def test_a_start_without_a_form_takes_no_data_that_it_does_not_name(desk: Desk) -> None:
    """What no form and no property names is refused, not taken as variables."""
    desk.engine.execute(DeployDefinitions(actor="root", files={"broadcast.bpmn": _broadcast()}))

    with pytest.raises(Rejected, match="takes no x"):
        desk.engine.execute(StartInstance(actor="kim", process="hearer", data={"x": 1}))


def test_a_number_is_never_lost_to_a_task_that_cannot_end(desk: Desk) -> None:
    """A task that took a number and fails in its mapping refuses the command, so that the series keeps no gap."""
    broken = petition().replace(
        b'<zeebe:taskDefinition type="petition.number"/>',
        b'<zeebe:taskDefinition type="petition.number"/><zeebe:ioMapping><zeebe:output source="=1 + day" target="x"/></zeebe:ioMapping>',
    )
    desk.engine.execute(DeployDefinitions(actor="root", files={"petition.bpmn": broken, **forms()}))
    desk.file()

    with pytest.raises(Rejected, match="number"):
        desk.complete(desk.open("check")[0], "kim", result="pass")

    desk.engine.execute(DeployDefinitions(actor="root", files={"petition.bpmn": petition(), **forms()}))
    desk.file()
    desk.complete(desk.open("check")[1], "kim", result="pass")
    assert [row["number"] for row in desk.petitions()] == [None, 1]
