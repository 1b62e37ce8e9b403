"""The rolls: what is read, what is resolved, and what is told when a file is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from handlers.directory import Succession, Unit, UnitDirectory, UnitName
from handlers.roll import RollError, read_calendar, read_people, read_sessions, read_suggestions, read_units, unit_data, unit_people

PROCESSES = Path(__file__).parents[3] / "processes"
HEAD = "number,session,title,answering_unit,co_handling_units,reply_date,document_number\n"
REFORM = date(2018, 3, 17)


@pytest.fixture(name="directory")
def _directory() -> UnitDirectory:
    units = [
        Unit(id="u1", name="财政部", kind="部"),
        Unit(id="u2", name="生态环境部", kind="部", from_on=REFORM),
        Unit(id="u3", name="环境保护部", kind="部", to_on=date(2018, 3, 16)),
        Unit(id="u4", name="国家发展和改革委员会", kind="部"),
        Unit(id="u5", name="四川省人民政府", kind="省"),
        Unit(id="u6", name="安徽省人民政府", kind="省"),
    ]
    names = [
        UnitName(unit_id="u4", name="发改委", kind="short"),
        UnitName(unit_id="u5", name="四川", kind="alias"),
        UnitName(unit_id="u6", name="安徽", kind="alias"),
        UnitName(unit_id="u1", name="部里", kind="alias"),
        UnitName(unit_id="u4", name="部里", kind="alias"),
    ]
    return UnitDirectory.of(units, names, [Succession(from_unit_id="u3", to_unit_id="u2", on=REFORM, kind="reform")])


def _real() -> UnitDirectory:
    return read_units(*((PROCESSES / name).read_text("utf-8") for name in ("units.csv", "unit_names.csv", "unit_succession.csv")))


def test_a_short_name_means_its_unit(directory: UnitDirectory) -> None:
    """A short name resolves to the unit that bears it."""
    assert directory.resolve(" 发改委 ").unit_id == "u4"


def test_a_unit_is_not_resolved_after_its_end(directory: UnitDirectory) -> None:
    """A name of a unit that had ended is not resolved; its successor is offered first."""
    found = directory.resolve("环境保护部", date(2019, 1, 1))

    assert (found.outcome, found.unit_id, found.candidates) == ("not_then", None, ("u2", "u3"))


def test_a_unit_answers_as_itself_in_its_time(directory: UnitDirectory) -> None:
    """Up to its last day the old unit is meant by its name."""
    assert directory.resolve("环境保护部", date(2018, 3, 16)).unit_id == "u3"


def test_a_name_of_two_units_is_ambiguous(directory: UnitDirectory) -> None:
    """A name that two units bear gives both as candidates and chooses neither."""
    found = directory.resolve("部里")

    assert (found.outcome, found.unit_id, found.candidates) == ("ambiguous", None, ("u1", "u4"))


def test_an_unknown_name_offers_what_is_near(directory: UnitDirectory) -> None:
    """An unknown name is never resolved, but units whose names hold it are offered."""
    found = directory.resolve("财政")

    assert (found.outcome, found.unit_id, found.candidates) == ("unknown", None, ("u1",))


def test_the_old_name_is_shown_on_old_papers() -> None:
    """A unit that was renamed bears its former name on days before."""
    sinopec = _real().resolve("中国石油化工集团公司").unit_id or ""

    assert _real().name_on(sinopec, date(2017, 6, 1)) == "中国石油化工集团公司"
    assert _real().name_on(sinopec, date(2020, 6, 1)) == "中国石油化工集团有限公司"


def test_co_handlers_are_a_list(directory: UnitDirectory) -> None:
    """Units parted by a semicolon are each resolved, in their order, once."""
    result = read_suggestions(HEAD + "12,十四届一次,甲,生态环境部,发改委;财政部;发改委,2023-07-01,某字〔2023〕1号\n", directory)

    assert (result.rows[0].unit_id, result.rows[0].co_unit_ids, result.unresolved) == ("u2", ("u4", "u1"), ())


def test_a_list_that_names_some_of_all_is_reported(directory: UnitDirectory) -> None:
    """Where a cell says how many units there are in all, the units it does not name are reported as missing, none is invented."""
    result = read_suggestions(
        HEAD + ",,甲 (topic),生态环境部,发改委;财政部 (22 departments in all);四川、安徽 (10 provincial governments in all),,\n", directory
    )

    assert result.topics[0].participant_ids == ("u4", "u1", "u5", "u6")
    assert [(u.rule, u.missing) for u in result.unresolved] == [("incomplete", 20), ("incomplete", 8)]


def test_a_name_nobody_bears_is_reported(directory: UnitDirectory) -> None:
    """A name that is not resolved stands in the report with its line and column, and the row stays without a unit."""
    result = read_suggestions(HEAD + ",十四届一次,甲,某某部,,,\n", directory)

    assert result.rows[0].unit_id is None
    assert [(u.line, u.column, u.text, u.rule) for u in result.unresolved] == [(2, "answering_unit", "某某部", "unknown")]


def test_units_are_named_for_the_day_of_their_session(directory: UnitDirectory) -> None:
    """The day for which units are named may depend on the session."""
    text = HEAD + ",十二届五次,甲,环境保护部,,,\n,十四届一次,乙,环境保护部,,,\n"
    days = {"十二届五次": date(2017, 3, 5), "十四届一次": date(2023, 3, 5)}

    result = read_suggestions(text, directory, days.get)

    assert [row.unit_id for row in result.rows] == ["u3", None]
    assert [u.candidates for u in result.unresolved] == [("u2", "u3")]


def test_a_bundle_is_a_topic_with_its_count(directory: UnitDirectory) -> None:
    """A title that says how many suggestions it stands for is a topic, not a suggestion."""
    result = read_suggestions(HEAD + ',十三届二次,"关于土壤的建议 (10 suggestions, key-supervised)",生态环境部,,,\n', directory)

    assert result.rows == ()
    assert [(t.title, t.stated_count, t.lead_unit_id) for t in result.topics] == [("关于土壤的建议", 10, "u2")]


def test_the_real_rows_all_resolve() -> None:
    """Every unit named in the real rows is known; only the two lists that name some of all are reported."""
    result = read_suggestions((PROCESSES / "demo" / "suggestions.csv").read_text("utf-8"), _real())

    assert (len(result.rows), len(result.topics)) == (27, 2)
    assert all(row.unit_id for row in result.rows)
    assert [(u.line, u.rule, u.missing) for u in result.unresolved] == [(26, "incomplete", 17), (26, "incomplete", 7)]
    assert [row.line for row in result.rows if "session_missing" in row.flags] == [2, 3]
    assert next(row for row in result.rows if row.stated_number == "0536").reply_on == date(2024, 8, 19)


def test_no_two_units_share_a_name_on_one_day() -> None:
    """No name in the directory is ambiguous."""
    directory = _real()

    assert [text for text in directory.names if directory.resolve(text).outcome == "ambiguous"] == []


def test_a_wrong_day_is_told_with_line_column_and_remedy(directory: UnitDirectory) -> None:
    """A cell that is not a day refuses the file and says where and how to mend it."""
    with pytest.raises(RollError) as raised:
        read_suggestions(HEAD + ",,甲,财政部,,2023-02-30,\n", directory, file="a.csv")

    problem = raised.value.problems[0]
    assert (problem.file, problem.line, problem.element_id, problem.fix) == ("a.csv", 2, "reply_date", "write the day as YYYY-MM-DD")


def test_all_faults_of_a_file_come_at_once(directory: UnitDirectory) -> None:
    """Two wrong lines are told together."""
    with pytest.raises(RollError) as raised:
        read_suggestions(HEAD + ",,甲,财政部\n,,,财政部,,,\n", directory)

    assert [(p.line, p.element_id) for p in raised.value.problems] == [(2, None), (3, "title")]


def test_a_missing_column_is_named(directory: UnitDirectory) -> None:
    """A table without a needed column is refused and the column is named."""
    with pytest.raises(RollError, match="answering_unit"):
        read_suggestions("number,session,title\n1,2,3\n", directory)


def test_a_second_unit_with_one_id_is_refused() -> None:
    """An id is never used twice."""
    with pytest.raises(RollError, match="earlier line"):
        read_units("id,name,kind,from_on,to_on,confirmed,source\nu1,甲,部,,,yes,\nu1,乙,部,,,yes,\n")


def test_people_come_from_a_table_or_from_json() -> None:
    """The same person in CSV and in JSON is the same."""
    table = read_people("id,name,groups,delegation_id\nd1,甲,deputy;analyst,u7\n")
    listed = read_people('[{"id": "d1", "name": "甲", "groups": ["deputy", "analyst"], "delegation_id": "u7"}]')

    assert table == listed
    assert table[0].as_data() == {"id": "d1", "name": "甲", "groups": ["deputy", "analyst"]}


def test_a_unit_has_one_person_for_each_role() -> None:
    """Drafting, leading and signing in a unit are different persons, marked as 演示."""
    people = unit_people("u9", "财政部")

    assert len({person.id for person in people}) == len(people) == 5
    assert {group for person in people for group in person.groups} == {
        "unit:u9", "unit-desk:u9", "unit-handler:u9", "unit-leader:u9", "unit-principal:u9", "unit-secrecy:u9"
    }  # fmt: skip
    assert all("演示" in person.name for person in people)


def test_units_are_registered_with_names_and_successors() -> None:
    """The engine is given each unit with its names and the unit that took over."""
    rows = {row["name"]: row for row in unit_data(_real())}

    assert rows["环境保护部"]["successors"] == [{"id": rows["生态环境部"]["id"], "on_date": "2018-03-17"}]
    assert "发改委" in [name["name"] for name in rows["国家发展和改革委员会"]["names"]]


def test_ids_of_units_stay() -> None:
    """Ids are given once: the first unit and the first predecessor keep theirs."""
    directory = _real()

    assert (directory.units["u001"].name, directory.units["u241"].name, directory.units["u242"].name) == ("外交部", "解放军和武警部队代表团", "环境保护部")


@pytest.mark.parametrize("path", sorted((PROCESSES / "calendars").glob("*.json")), ids=lambda path: path.stem)
def test_each_calendar_is_of_its_year(path: Path) -> None:
    """A calendar holds days of its year only, and made-up working days are Saturdays and Sundays."""
    years = read_calendar(path.read_text("utf-8"), file=path.name)

    assert list(years) == [path.stem]
    assert all(date.fromisoformat(day).weekday() >= 5 for day in years[path.stem]["workdays"])
    assert not set(years[path.stem]["holidays"]) & set(years[path.stem]["workdays"])


def test_sessions_are_in_order_and_end_after_they_begin() -> None:
    """Sessions stand in the order of time, and items are assigned after the closing day."""
    sessions = read_sessions((PROCESSES / "demo" / "sessions.csv").read_text("utf-8"))

    assert [s.opened_on for s in sessions] == sorted(s.opened_on for s in sessions)
    assert all(s.opened_on < s.closed_on < s.assigned_on for s in sessions)


def test_the_demo_people_are_enough_and_marked() -> None:
    """At least thirty deputies of several delegations; every person of the demonstration is marked."""
    people = read_people((PROCESSES / "demo" / "people.csv").read_text("utf-8"))
    deputies = [person for person in people if "deputy" in person.groups]

    assert len(deputies) >= 30
    assert len({person.delegation_id for person in deputies}) >= 5
    assert all("演示" in person.name for person in people)


BAD_CALENDAR = """{
 "year": 2026,
 "holidays": [
  "2026-01-01",
  "2025-12-31"
 ],
 "workdays": [
  "2026-01-01"
 ]
}
"""


def test_a_wrong_day_of_a_calendar_is_named_with_its_line() -> None:
    """A day of another year, and a day that is holiday and made-up working day at once."""
    with pytest.raises(RollError) as refused:
        read_calendar(BAD_CALENDAR, file="calendar.json")

    assert sorted((problem.line, problem.element_id) for problem in refused.value.problems) == [(5, "holidays"), (8, "workdays")]
    assert "2026-01-01 is a holiday and a working day at once" in str(refused.value.problems[1])
