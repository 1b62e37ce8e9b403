"""What became of a clause's elements in a case: met, met late, skipped, open, ended first, as history says."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.clause import passings
from handlers.scenario.acting import take
from handlers.scenario.source import read_scenarios
from handlers.scenario.walk import furnish
from handlers.scenario.world import WATCHER, Congress, Stage

pytestmark = pytest.mark.processes

PROCESSES = Path(__file__).parents[2] / "processes"
STAGE = Stage.of(PROCESSES)


def states(tmp_path: Path, steps: str, *places: tuple[str, str], jurisdiction: str = "national") -> dict[tuple[str, str], list[str]]:
    """What became of the places after these steps, in the order of history."""
    (tmp_path / "common.yaml").write_bytes((PROCESSES / "scenarios" / "common.yaml").read_bytes())
    (tmp_path / "1.yaml").write_text(
        f"number: 1\ntitle: 试\njurisdictions: [{jurisdiction}]\ngiven: {{at: 2023-04-11}}\nwhen:\n{steps}then: [open: {{lacks: []}}]\n", "utf-8"
    )
    (scenario,) = read_scenarios([tmp_path])
    world = Congress(scenario, jurisdiction, STAGE, tmp_path)
    faults: list[str] = []
    assert furnish(world, lambda entry, word, saying: faults.append(str(saying))), faults
    assert take(world, scenario.when, lambda entry, word, saying: faults.append(str(saying))), faults
    found: dict[tuple[str, str], list[str]] = {place: [] for place in places}
    for case_id in {row["case_id"] for row in world.rows("instance", {})}:
        history = world.engine.history(WATCHER, case_id)
        for instance in world.rows("instance", {"case_id": case_id}):
            rows = [row for row in history if row.stream == instance["id"]]
            definitions = world.engine.bundle(instance["deployment"]).definitions
            for each in passings(case_id, rows, definitions, places, ended=instance["status"] != "running", today=world.engine.today.isoformat()):
                found[each.process, each.element_id].append(each.state)
    return found


def test_what_was_done_in_time_is_met_and_what_came_late_is_late(tmp_path):
    """Two co-handling units of Chongqing: one signs its opinion within 30 working days, the other after them."""
    steps = """
  - way: 已交办
    with: {propose-allocation: {data: {rows: [{unit: 甲部, mode: lead}, {unit: 乙部, mode: co}, {unit: 丙部, mode: co}]}}}
  - repeat: 1
    steps:
      - {complete: sign-in, unit: 甲部}
      - {complete: sign-in, unit: 乙部}
      - {complete: sign-in, unit: 丙部}
  - {complete: write-co-opinion, unit: 乙部}
  - {complete: sign-co-opinion, unit: 乙部}
  - at: 2023-08-01
  - {complete: write-co-opinion, unit: 丙部}
  - {complete: sign-co-opinion, unit: 丙部, data: {document_number: 协〔2023〕2号}}
"""

    found = states(tmp_path, steps, ("handling", "sign-co-opinion"), jurisdiction="chongqing")

    assert found["handling", "sign-co-opinion"] == ["passed", "late"]


def test_what_the_case_never_came_to_is_skipped_once_it_ended(tmp_path):
    """A suggestion that is refused passes screening and skips the number; its own end is passed."""
    steps = """
  - way: 已提交
  - complete: political-quality-check
    data: {checks: [], outcome: refuse, reason: 没有实际内容}
  - complete: second-check
  - complete: talk-to-deputy
"""

    found = states(tmp_path, steps, ("screening", "political-quality-check"), ("screening", "register-number"), ("suggestion", "archive"), ("handling", "sign-reply"))

    assert found == {
        ("screening", "political-quality-check"): ["passed"],
        ("screening", "register-number"): ["skipped"],
        ("suggestion", "archive"): ["skipped"],
        ("handling", "sign-reply"): [],
    }


def test_what_is_open_waits_until_its_day_and_is_overdue_after_it(tmp_path):
    """The reply of a suggestion assigned on 11 April is overdue on 12 July."""
    steps = "  - way: 已签收\n  - complete: make-plan\n  - complete: contact-deputy\n"

    waiting = states(tmp_path, steps, ("handling", "draft-reply"))
    overdue = states(tmp_path, f"{steps}  - at: 2023-07-12\n", ("handling", "draft-reply"))

    assert waiting["handling", "draft-reply"] == ["waiting"]
    assert overdue["handling", "draft-reply"] == ["overdue"]


def test_what_a_withdrawal_ends_is_cancelled(tmp_path):
    """The screening that was under way ended first."""
    found = states(tmp_path, "  - way: 已提交\n  - act: withdraw\n", ("screening", "political-quality-check"), ("suggestion", "withdraw-asked"))

    assert found == {("screening", "political-quality-check"): ["cancelled"], ("suggestion", "withdraw-asked"): ["passed"]}
