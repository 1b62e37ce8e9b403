"""Decision tables beyond the kit: every policy, defaults, types, requirements, and all that is refused on loading."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.feel import DecisionError, DecisionsRefused, FeelError, NoteKind, load_decisions

pytestmark = pytest.mark.unit

DMN_13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def definitions(body, namespace=DMN_13, before=""):
    """A DMN file."""
    return f'{before}<definitions xmlns="{namespace}" id="d" name="d" namespace="n">{body}</definitions>'.encode()


def cell(kind, text):
    """An entry with its text."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{kind}><text>{escaped}</text></{kind}>"


def table(rules, *, inputs=("n",), outputs=('name="out"',), policy="UNIQUE", more="", decision="t", inner="", requires=""):
    """A decision with a table; a rule is (tests, outputs)."""
    columns = "".join(
        f'<input id="in_{name}" label="{name}"><inputExpression{kind}><text>{name}</text></inputExpression></input>'
        for name, _, kind in (column.partition("|") for column in inputs)
    )
    columns += "".join(f'<output id="out{number}" {attributes}>{inner}</output>' for number, attributes in enumerate(outputs))
    rows = "".join(
        f'<rule id="r{number}">' + "".join(cell("inputEntry", test) for test in tests) + "".join(cell("outputEntry", value) for value in values) + "</rule>"
        for number, (tests, values) in enumerate(rules, 1)
    )
    return f'<decision id="{decision}" name="{decision}">{requires}<decisionTable id="{decision}_table" hitPolicy="{policy}" {more}>{columns}{rows}</decisionTable></decision>'


def result(body, variables=None, decision="t", **options):
    """The result of a decision."""
    return load_decisions(definitions(body), "t.dmn").evaluate(decision, variables or {}, **options)


def problems(data):
    """What a file is refused for."""
    with pytest.raises(DecisionsRefused) as caught:
        load_decisions(data if isinstance(data, bytes) else definitions(data), "t.dmn")
    return caught.value.problems


STEPS = [(["> 0"], ["1"]), (["> 10"], ["2.5"]), (["> 20"], ["1"])]


@pytest.mark.parametrize(
    ("policy", "more", "n", "expected", "rules"),
    [
        ("FIRST", "", 30, 1, ("r1",)),
        ("RULE ORDER", "", 30, [1, Decimal("2.5"), 1], ("r1", "r2", "r3")),
        ("COLLECT", "", 30, [1, Decimal("2.5"), 1], ("r1", "r2", "r3")),
        ("COLLECT", 'aggregation="SUM"', 30, Decimal("4.5"), ("r1", "r2", "r3")),
        ("COLLECT", 'aggregation="MIN"', 30, 1, ("r1", "r2", "r3")),
        ("COLLECT", 'aggregation="MAX"', 30, Decimal("2.5"), ("r1", "r2", "r3")),
        ("COLLECT", 'aggregation="COUNT"', 30, 3, ("r1", "r2", "r3")),
        ("COLLECT", 'aggregation="COUNT"', 0, 0, ()),
        ("COLLECT", "", 0, [], ()),
        ("COLLECT", 'aggregation="SUM"', 0, None, ()),
        ("UNIQUE", "", 5, 1, ("r1",)),
        ("ANY", "", 5, 1, ("r1",)),
    ],
)
def test_each_hit_policy_tells_its_rules(policy, more, n, expected, rules):
    """The result follows the policy, and the rules that made it are told."""
    found = result(table(STEPS, policy=policy, more=more), {"n": n})

    assert (found.value, found.matched_rules) == (expected, (("t", rules),))


def test_priority_and_output_order_follow_the_listed_values():
    """The first listed value ranks highest; equal ranks keep the order of the rules."""
    rules = [(["-"], ['"low"']), (["> 1"], ['"high"']), (["> 2"], ['"middle"'])]
    listed = cell("outputValues", '"high","middle","low"')

    assert result(table(rules, policy="PRIORITY", inner=listed), {"n": 3}).value == "high"
    ordered = result(table(rules, policy="OUTPUT ORDER", inner=listed), {"n": 3})

    assert ordered.value == ["high", "middle", "low"]
    assert ordered.matched_rules == (("t", ("r2", "r3", "r1")),)


def test_unique_and_any_refuse_with_the_rules():
    """An overlap names the decision and the rules."""
    with pytest.raises(DecisionError, match="decision t, rules r1, r2") as caught:
        result(table(STEPS), {"n": 15})
    assert caught.value.rule_ids == ("r1", "r2")

    with pytest.raises(DecisionError, match="rules r1, r2: ANY"):
        result(table(STEPS, policy="ANY"), {"n": 15})


def test_default_outputs_stand_in_when_no_rule_matches():
    """The default is used, and no rule is told."""
    found = result(table(STEPS, inner=cell("defaultOutputEntry", "n * 2")), {"n": -1})

    assert (found.value, found.matched_rules) == (-2, (("t", ()),))


def test_several_outputs_make_a_context():
    """The entries are the outputs' names."""
    found = result(table([(["-"], ['"a"', "1"])], outputs=('name="x"', 'name="y"')), {"n": 1})

    assert found.value == {"x": "a", "y": 1}


def test_inputs_and_outputs_keep_their_types():
    """A value of another kind is an error that names decision and column; null is allowed."""
    typed = table([(["-"], ["a"])], inputs=('n| typeRef="number"',), outputs=('name="out" typeRef="string"',))

    assert result(typed, {"n": None, "a": "x"}).value == "x"
    with pytest.raises(DecisionError, match="decision t, column n: expected number, got string"):
        result(typed, {"n": "1", "a": "x"})
    with pytest.raises(DecisionError, match="rules r1, column out: expected string, got number"):
        result(typed, {"n": 1, "a": 2})


def test_allowed_values_are_kept():
    """An output outside its list is an error; so is an input outside the values of its type."""
    with pytest.raises(DecisionError, match='none of the listed values "a","b"'):
        result(table([(["-"], ['"c"'])], inner=cell("outputValues", '"a","b"')), {"n": 1})
    grade = '<itemDefinition name="grade"><typeRef>string</typeRef>' + cell("allowedValues", '"A","B"') + "</itemDefinition>"

    with pytest.raises(DecisionError, match="column n: the value is none of the allowed values"):
        result(grade + table([(["-"], ["1"])], inputs=('n| typeRef="grade"',)), {"n": "C"})


def formula(decision, text, *required):
    """A decision that is a literal expression."""
    links = "".join(f'<informationRequirement><requiredDecision href="#{name}"/></informationRequirement>' for name in required)
    return f'<decision id="{decision}" name="the {decision}">{links}<literalExpression><text>{text}</text></literalExpression></decision>'


def test_required_decisions_come_first_and_once():
    """Their results are seen by id and by name, also by names with spaces."""
    body = formula("c", "a + the b", "a", "b") + formula("b", "a * 10", "a") + formula("a", "n + 1")

    found = result(body, {"n": 1}, "c")

    assert found.value == 22


def test_matched_rules_of_required_tables_are_told():
    """Required tables stand before the one that was asked for."""
    requires = '<informationRequirement><requiredDecision href="#u"/></informationRequirement>'
    body = table([([">= 2"], ['"many"'])], inputs=("u",), requires=requires) + table([(["-"], ["n"])], decision="u")

    found = result(body, {"n": 2})

    assert (found.value, found.matched_rules) == ("many", (("u", ("r1",)), ("t", ("r1",))))


def test_the_moment_functions_and_notes_pass_through():
    """Cells see the moment and the host's functions; an unknown variable is noted."""
    body = table([(["? = today()"], ["twice(missing)"])])
    now = datetime(2026, 1, 5, 20, tzinfo=UTC)

    found = result(body, {"n": datetime(2026, 1, 6).date()}, now=now, functions={"twice": lambda x: [x, x]})

    assert found.value == [None, None]
    assert found.notes[-1].kind is NoteKind.UNKNOWN_VARIABLE


def test_a_decision_has_one_budget():
    """All cells together take from one budget."""
    with pytest.raises(FeelError, match="steps"):
        result(table([(["-"], ["count(for i in 1..100 return i)"])] * 5, policy="COLLECT"), {"n": 1}, budget=700)


def test_many_names_do_not_slow_down_many_cells():
    """What a name is made of is looked at once for a file, not once for each cell."""
    inputs = "".join(f'<inputData id="i{number}" name="input number {number}"/>' for number in range(300))
    rules = [([f"input number {number} + 1"], [str(number)]) for number in range(300)]
    started = time.process_time()

    found = result(inputs + table(rules, policy="FIRST"), {"n": 6, "input number 5": 5})

    assert found.value == 5
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "namespace",
    ["http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/", "https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20230324/MODEL/"],
)
def test_all_versions_of_dmn_are_read(namespace):
    """DMN 1.1 to 1.5 differ in their namespace only, as far as tables go."""
    data = definitions(table([(["-"], ["1"])]), namespace)

    assert load_decisions(data, "t.dmn").evaluate("t", {"n": 1}).value == 1


def test_everything_wrong_is_said_at_once():
    """Each problem names file, line, element, rule and what to do."""
    body = "\n".join([table([(["> >"], ["1 +"]), (["-"], ["1", "2"])], inputs=('n| typeRef="nonsense"',)), formula("x", "1", "y"), '<decision id="empty"/>'])

    found = problems(body)

    assert {problem.rule for problem in found} == {"expression", "type", "table", "logic", "requirement"}
    assert all(problem.file == "t.dmn" and problem.line and problem.message and problem.fix for problem in found)
    assert ("empty", 3) in [(problem.element_id, problem.line) for problem in found]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (formula("a", "1", "b") + formula("b", "1", "a"), "requirement"),
        (formula("a", "1", "a"), "requirement"),
        (formula("a", "1") + formula("a", "2"), "id"),
        ('<decision name="a"><literalExpression><text>1</text></literalExpression></decision>', "id"),
        ('<decision id="a"><functionDefinition/></decision>', "logic"),
        ('<decision id="a"><literalExpression><text/></literalExpression></decision>', "expression"),
        ('<decision id="a"><literalExpression expressionLanguage="python"><text>1</text></literalExpression></decision>', "expression"),
        ('<decision id="a"><knowledgeRequirement/><literalExpression><text>1</text></literalExpression></decision>', "requirement"),
        ("<import/>" + formula("a", "1"), "import"),
        (table(STEPS, policy="LUCKY"), "hit_policy"),
        (table(STEPS, policy="FIRST", more='aggregation="SUM"'), "hit_policy"),
        (table(STEPS, policy="PRIORITY"), "hit_policy"),
        (table([(["-"], ["1", "2"])], outputs=('name="x"', 'name="x"')), "output"),
        (table([(["-"], ["1", "2"])], outputs=('name="x"', 'name="y"'), policy="COLLECT", more='aggregation="SUM"'), "output"),
        ("", "decision"),
    ],
)
def test_what_cannot_run_rightly_is_refused(body, rule):
    """No decision of a file that is wrong somewhere can be evaluated."""
    assert rule in {problem.rule for problem in problems(body)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"<a/>",
        b"\x00\x01",
        definitions(formula("a", "1"), "urn:other"),
        definitions(formula("a", "1"))[:-5],
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        definitions(formula("a", "1"), before='<!DOCTYPE definitions [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
        definitions(formula("a", "&x;"), before='<!DOCTYPE definitions [<!ENTITY a "1"><!ENTITY x "&a;&a;">]>'),
        definitions("<decision>" * 300),
        definitions("x" * 10_000_001),
    ],
    ids=range(11),
)
def test_hostile_and_broken_files_are_refused(data):
    """No entity is ever resolved, no DTD read, and nothing but DecisionsRefused leaves the reader."""
    assert problems(data)[0].rule == "xml"
