"""Boxed expressions and business knowledge models (DMN 1.3, 7.3 and 10.3.3; 1.4 for the boxed choices and turns), conversions, and what is refused of them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import DecisionError, DecisionsRefused, FeelError, load_decisions

pytestmark = pytest.mark.unit

DMN = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def file_of(body):
    """A DMN file."""
    return f'<definitions xmlns="{DMN}" id="d" name="d" namespace="urn:n">{body}</definitions>'.encode()


def text(expression):
    """A literal expression."""
    return f"<literalExpression><text>{expression.replace('&', '&amp;').replace('<', '&lt;')}</text></literalExpression>"


def decision(logic, name="t", *, kind="", needs=""):
    """A decision with this logic; `needs` are its requirements."""
    variable = f'<variable name="{name}" typeRef="{kind}"/>' if kind else ""
    return f'<decision id="{name}" name="{name}">{variable}{needs}{logic}</decision>'


def entry(name, logic, kind=""):
    """An entry of a boxed context; without a name it is the result."""
    return f'<contextEntry>{f"<variable name={name!r} typeRef={kind!r}/>" if name else ""}{logic}</contextEntry>'


def knows(*names):
    """Requirements of knowledge models."""
    return "".join(f'<knowledgeRequirement><requiredKnowledge href="#{name}"/></knowledgeRequirement>' for name in names)


def model(name, parameters, logic, needs=""):
    """A business knowledge model; a parameter is name or name|type."""
    formal = "".join(f'<formalParameter name="{one}" typeRef="{kind}"/>' for one, _, kind in (p.partition("|") for p in parameters))
    return f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/><encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{needs}</businessKnowledgeModel>'


def call(function, **bindings):
    """A boxed invocation."""
    bound = "".join(f'<binding><parameter name="{name}"/>{text(value)}</binding>' for name, value in bindings.items())
    return f"<invocation>{text(function)}{bound}</invocation>"


def result(body, variables=None, asked="t", **options):
    """The value of a decision."""
    return load_decisions(file_of(body), "t.dmn").evaluate(asked, variables or {}, **options).value


def refused(body):
    """What the file is refused for."""
    with pytest.raises(DecisionsRefused) as caught:
        load_decisions(file_of(body), "t.dmn")
    return caught.value.problems


def test_entries_of_a_boxed_context_see_those_before():
    """The context is the result, its names with blanks and signs included."""
    body = decision("<context>" + entry("net price", text("n * 2")) + entry("tax-rate", text("0.5")) + entry("gross", text("net price * (1 + tax-rate)")) + "</context>")

    assert result(body, {"n": 10}) == {"net price": 20, "tax-rate": pytest.approx(0.5), "gross": 30}


def test_the_result_of_a_boxed_context_is_its_last_entry_without_a_name():
    """The other entries are local to it, and hide variables of the same name inside it alone."""
    inner = "<context>" + entry("n", text("n + 1")) + entry("", text("n * 10")) + "</context>"
    body = decision("<context>" + entry("a", inner) + entry("b", text("n")) + "</context>")

    assert result(body, {"n": 1}) == {"a": 20, "b": 1}


def test_a_boxed_list_and_a_relation():
    """A list of values, and a list of contexts by the columns' names."""
    relation = '<relation><column name="who"/><column name="how many"/>' + "".join(f"<row>{text(who)}{text(many)}</row>" for who, many in (('"x"', "n"), ('"y"', "n + 1"))) + "</relation>"
    body = decision("<list>" + text("n") + relation + "</list>")

    assert result(body, {"n": 3}) == [3, [{"who": "x", "how many": 3}, {"who": "y", "how many": 4}]]


@pytest.mark.parametrize("logic", [text("levy(n, 2)"), text("levy(rate: 2, base: n)"), call("levy", rate="2", base="n")])
def test_a_knowledge_model_is_called_by_place_by_name_or_boxed(logic):
    """Its parameters are its own; it sees nothing of the caller's but what it is given, and the variables."""
    body = model("levy", ["base|number", "rate|number"], text("base * rate + step")) + decision(logic, needs=knows("levy"))

    assert result(body, {"n": 5, "step": 1}) == 11


def test_knowledge_models_call_each_other_and_hold_tables():
    """Which rules matched is told under the id of the model."""
    cells = "".join(f'<rule id="{n}"><inputEntry><text>{test}</text></inputEntry><outputEntry><text>{out}</text></outputEntry></rule>' for n, test, out in (("r1", "&lt; 10", '"small"'), ("r2", ">= 10", '"large"')))
    table = f'<decisionTable hitPolicy="UNIQUE"><input><inputExpression typeRef="number"><text>size</text></inputExpression></input><output name="out"/>{cells}</decisionTable>'
    body = model("grade", ["size"], table) + model("both", ["a", "b"], text("[grade(a), grade(b)]"), knows("grade")) + decision(text("both(1, 10)"), needs=knows("both"))

    found = load_decisions(file_of(body), "t.dmn").evaluate("t", {})

    assert found.value == ["small", "large"]
    assert found.matched_rules == (("grade", ("r1",)), ("grade", ("r2",)))


def test_a_function_of_a_context_keeps_the_names_of_its_place():
    """A boxed function, and one written as text, see the entries beside them wherever they are called."""
    boxed = '<functionDefinition><formalParameter name="x"/>' + text("x + step") + "</functionDefinition>"
    body = decision("<context>" + entry("step", text("100")) + entry("f", boxed) + entry("g", text("function(x) x - step")) + "</context>", "tools")
    needs = '<informationRequirement><requiredDecision href="#tools"/></informationRequirement>'

    assert result(body + decision(text("[tools.f(1), tools.g(1)]"), needs=needs), {"step": 7}) == [101, -99]


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (f"<conditional><if>{text('n > 3')}</if><then>{text('n / 0')}</then><else>{text('0 - n')}</else></conditional>", -3),
        (f"<conditional><if>{text('null')}</if><then>{text('1')}</then><else>{text('2')}</else></conditional>", 2),
        (f'<for iteratorVariable="one day"><in>{text("[1..n]")}</in><return>{text("one day * n")}</return></for>', [3, 6, 9]),
        (f'<for iteratorVariable="i"><in>{text("[1, 1, 1]")}</in><return>{text("count(partial)")}</return></for>', [0, 1, 2]),
        (f'<some iteratorVariable="i"><in>{text("[1, n]")}</in><satisfies>{text("i = n")}</satisfies></some>', True),
        (f'<every iteratorVariable="i"><in>{text("[1, n]")}</in><satisfies>{text("i = n")}</satisfies></every>', False),
        (f'<every iteratorVariable="i"><in>{text("[n, null]")}</in><satisfies>{text("i > 2")}</satisfies></every>', None),
        (f"<filter><in>{text('[1, n, 5]')}</in><match>{text('item >= n')}</match></filter>", [3, 5]),
        (f"<filter><in>{text('[{a: 1}, {a: 3}]')}</in><match>{text('a = n')}</match></filter>", [{"a": 3}]),
        (f'<for iteratorVariable="i"><in>{text("null")}</in><return>{text("i")}</return></for>', None),
    ],
)
def test_boxed_choices_and_turns(logic, expected):
    """They mean what their texts `if`, `for`, `some`, `every` and `[…]` mean."""
    assert result(decision(logic), {"n": 3}) == expected


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("numbers", "7", [7]),
        ("numbers", "[7, 8]", [7, 8]),
        ("number", "[7]", 7),
        ("date and time", 'date("2026-04-01")', datetime(2026, 4, 1, tzinfo=UTC)),
        ("date", 'date("2026-04-01")', date(2026, 4, 1)),
        ("string", "null", None),
    ],
)
def test_a_result_is_turned_into_its_type(kind, written, expected):
    """A value for a list of it, a list of one for its item, a date for its midnight (10.3.2.9.4)."""
    types = '<itemDefinition name="numbers"><typeRef>digits</typeRef></itemDefinition><itemDefinition name="digits" isCollection="true"><typeRef>number</typeRef></itemDefinition>'

    assert result(types + decision(text(written), kind=kind)) == expected
    assert result(types + decision("<context>" + entry("x", text(written), kind) + "</context>")) == {"x": expected}


@pytest.mark.parametrize(("written", "expected"), [("[[1], [2, 3]]", [[1], [2, 3]]), ("[[1]]", [[1]]), ("[4, [5]]", [[4], [5]]), ("[]", [])])
def test_a_list_of_lists_stays_one(written, expected):
    """A type that is a list of a type that is a list."""
    types = '<itemDefinition name="rows" isCollection="true"><typeRef>row</typeRef></itemDefinition><itemDefinition name="row" isCollection="true"><typeRef>number</typeRef></itemDefinition>'

    assert result(types + decision(text(written), kind="rows")) == expected


@pytest.mark.parametrize("written", ["[1, 2]", '"1"'])
def test_what_cannot_be_turned_is_an_error(written):
    """The decision and the entry are named."""
    with pytest.raises(DecisionError, match="decision t, column x: expected number"):
        result(decision("<context>" + entry("x", text(written), "number") + "</context>"))


def test_an_argument_that_cannot_be_turned_arrives_as_null():
    """As with functions of the language; the reason is noted."""
    found = load_decisions(file_of(model("f", ["x|number"], text("[x]")) + decision(text('f("a")'), needs=knows("f"))), "t.dmn").evaluate("t", {})

    assert found.value == [None]
    assert any("expected number" in note.reason for note in found.notes)


PERSON = """<itemDefinition name="person"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>
<itemComponent name="ages" isCollection="true"><typeRef>number</typeRef></itemComponent><itemComponent name="home"><itemComponent name="town"><typeRef>string</typeRef></itemComponent></itemComponent>
<itemComponent name="child"><typeRef>person</typeRef></itemComponent></itemDefinition>"""


@pytest.mark.parametrize("written", ['{name: "a", ages: [1], home: {town: "b"}, child: null, more: 1}', '{name: null, ages: [], home: {town: "b"}, child: {name: 1}}'])
def test_a_context_has_the_parts_of_its_type(written):
    """It may have more; a part that is null fits; a type may be a part of itself."""
    assert result(PERSON + decision(text(written), kind="person")) == result(decision(text(written)))


@pytest.mark.parametrize("written", ['{name: "a", ages: [1], home: {town: "b"}}', '{name: "a", ages: ["1"], home: null, child: null}', '{name: "a", ages: [1], home: {town: 1}, child: null}', '{name: "a", ages: 1, home: {}, child: null}'])
def test_a_context_without_a_part_of_its_type_is_an_error(written):
    """A part that is missing or of another kind is told, never passed on."""
    with pytest.raises(DecisionError, match="decision t: expected person"):
        result(PERSON + decision(text(written), kind="person"))


COLOURS = """<itemDefinition name="colour"><typeRef>string</typeRef><allowedValues><text>"red", "blue"</text></allowedValues></itemDefinition>
<itemDefinition name="colours" isCollection="true"><typeRef>colour</typeRef></itemDefinition><itemDefinition name="shade"><typeRef>colour</typeRef></itemDefinition>
<itemDefinition name="tone"><typeRef>colour</typeRef><allowedValues><text>"dark"</text></allowedValues></itemDefinition>
<itemDefinition name="pair" isCollection="true"><typeRef>colour</typeRef><typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>
<itemDefinition name="car"><itemComponent name="paint"><typeRef>colour</typeRef></itemComponent></itemDefinition>"""


@pytest.mark.parametrize(
    ("kind", "written"),
    [("colour", '"red"'), ("shade", '"blue"'), ("tone", '"dark"'), ("colours", '["red", "red"]'), ("colours", "[]"), ("pair", '["red", "blue"]'), ("car", '{paint: "red"}'), ("colour", "null"), ("car", "{paint: null}")],
)
def test_allowed_values_belong_to_the_type(kind, written):
    """A type made of another has its values, unless it lists its own; those of a list are of its items."""
    assert result(COLOURS + decision(text(written), kind=kind)) == result(decision(text(written)))


@pytest.mark.parametrize(
    ("kind", "written"),
    [("colour", '"green"'), ("shade", '"green"'), ("tone", '"red"'), ("colours", '["red", "green"]'), ("pair", '["red"]'), ("car", '{paint: "green"}')],
)
def test_a_value_that_is_not_allowed_is_an_error(kind, written):
    """Wherever the type is asked for: as a result, in a box, as an input; as an argument it arrives as null."""
    boxed = "<context>" + entry("x", text(written), kind) + "</context>"
    wanted = f'<inputData id="i" name="given"><variable name="given" typeRef="{kind}"/></inputData>'
    needs = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'

    for body in (decision(text(written), kind=kind), decision(boxed)):
        with pytest.raises(DecisionError, match=r"allowed values|each of its parts"):
            result(COLOURS + body)
    given = result(decision(text(written)))
    with pytest.raises(DecisionError, match=r"decision t, column given: .*(allowed values|each of its parts)"):
        result(COLOURS + wanted + decision(text("1"), needs=needs), {"given": given})
    assert result(COLOURS + model("f", [f"x|{kind}"], text("x = null")) + decision(text(f"f({written})"), needs=knows("f"))) is True


def test_an_input_is_turned_into_its_type():
    """Where it can be; one that is not there is left to whoever reads it."""
    wanted = '<inputData id="i" name="the day"><variable name="the day" typeRef="date and time"/></inputData>'
    needs = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
    body = wanted + decision(text("the day.hour"), needs=needs)

    assert result(body, {"the day": date(2026, 5, 1)}) == 0
    assert result(body) is None


@pytest.mark.parametrize(("logic", "reason"), [(call("f", y="1"), "x"), (call("f"), "x"), (call("n", x="1"), "no function")])
def test_a_boxed_invocation_must_fit(logic, reason):
    """Other names of parameters, or what is no function, is an error."""
    with pytest.raises(DecisionError, match=reason):
        result(model("f", ["x"], text("x")) + decision(logic, needs=knows("f")), {"n": 1})


@pytest.mark.parametrize("body", ["f(x + 1)", "[f(x), f(x)]", "for i in 1..1000 return f(i)"])
def test_endless_recursion_ends(body):
    """A model that calls itself meets the bound on depth or steps; the error is told."""
    with pytest.raises(FeelError):
        result(model("f", ["x"], text(body)) + decision(text("f(1)"), needs=knows("f")))


def test_recursion_with_an_end_is_fine():
    """Depth is bounded, not forbidden."""
    assert result(model("f", ["x"], text("if x < 2 then 1 else x * f(x - 1)")) + decision(text("f(6)"), needs=knows("f"))) == 720


def test_a_reference_may_name_the_files_own_namespace():
    """`urn:n#u` in the file of the namespace `urn:n` is `#u`."""
    needs = '<informationRequirement><requiredDecision href="urn:n#u"/></informationRequirement>'

    assert result(decision(text("1"), "u") + decision(text("u + 1"), needs=needs)) == 2


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER"])
def test_several_hits_of_none_are_an_empty_list(policy):
    """A policy that gives a list gives one without items when no rule matches."""
    rule = "<rule><inputEntry><text>1</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>"
    table = f'<decisionTable hitPolicy="{policy}"><input><inputExpression><text>n</text></inputExpression></input><output/>{rule}</decisionTable>'

    assert result(decision(table), {"n": 5}) == []


@pytest.mark.parametrize(
    ("body", "rule", "mention"),
    [
        (model("f", ["x"], '<functionDefinition kind="Java"><context/></functionDefinition>').replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">') + decision(text("1"), needs=knows("f")), "logic", "Java"),
        (decision('<functionDefinition kind="PMML"/>'), "logic", "PMML"),
        (decision(text("1"), needs=knows("nowhere")), "requirement", "nowhere"),
        ('<decisionService id="s" name="s"/>' + decision(text("1"), needs=knows("s")), "requirement", "decision service"),
        (decision('<informationRequirement><requiredDecision href="other.dmn#u"/></informationRequirement>' + text("1")), "requirement", "other.dmn#u"),
        (decision("<context>" + entry("a", "") + "</context>"), "logic", "a"),
        ("".join(f'<itemDefinition name="t{n}"><typeRef>{f"t{n - 1}" if n else "string"}</typeRef></itemDefinition>' for n in range(900)) + decision(text("1")), "type", "one upon another"),
        (decision("<context>" + entry("a", text("1")) + entry("a", text("2")) + "</context>"), "logic", "a"),
        (decision("<invocation/>"), "logic", "invocation"),
        (decision('<relation><column name="a"/><row/></relation>'), "logic", "relation"),
        (decision(f"<conditional><if>{text('true')}</if></conditional>"), "logic", "conditional"),
        (decision("<for><in/><return/></for>"), "logic", "for"),
        ('<businessKnowledgeModel id="f" name="f"/>' + decision(text("1"), needs=knows("f")), "logic", "f"),
        (model("f", [], text("1"), knows("g")) + model("g", [], text("1"), knows("f")) + decision(text("1"), needs=knows("f")), "requirement", "itself"),
        ('<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition><itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>' + decision(text("1"), kind="a"), "type", "a"),
    ],
)
def test_what_cannot_run_rightly_is_refused_by_name(body, rule, mention):
    """Each refusal says which part it is about."""
    found = refused(body)

    assert any(problem.rule == rule and mention in problem.message for problem in found), [str(problem) for problem in found]


NAMES = st.sampled_from(["a", "x", "f", "net sum", "a-b", "", "item", "partial", "t"])
TEXTS = st.sampled_from(
    ["1", "a", "a + 1", "[1..3]", "[1..100000]", "f", "f(a)", "f(x: 1)", "function(x) f(x)", "net sum", "{a: a}", "[a, a]", "item", "partial", "null", "true", "x > 1", "a-b", "t", "date(a)", "1 +", "", "5e3", 'matches(a, "(b)")']
)
LITERALS = TEXTS.map(text)
KINDS = st.sampled_from(["", "number", "string", "list", "date and time", "made", "nothing"])


def boxes(inner):
    """Boxed expressions around others."""
    entries = st.lists(st.builds(entry, NAMES, inner, KINDS), max_size=4).map("".join)
    turns = st.builds(lambda word, name, domain, body: f'<{word} iteratorVariable="{name}"><in>{domain}</in><{"return" if word == "for" else "satisfies"}>{body}</{"return" if word == "for" else "satisfies"}></{word}>', st.sampled_from(["for", "some", "every"]), NAMES, inner, inner)
    return st.one_of(
        entries.map(lambda parts: f"<context>{parts}</context>"),
        st.lists(inner, max_size=3).map(lambda items: f"<list>{''.join(items)}</list>"),
        st.builds(lambda a, b: f'<relation><column name="a"/><column name="x"/><row>{a}{b}</row></relation>', inner, inner),
        st.builds(lambda called, name, given: f'<invocation>{called}<binding><parameter name="{name}"/>{given}</binding></invocation>', inner, NAMES, inner),
        st.builds(lambda name, body: f'<functionDefinition><formalParameter name="{name}"/>{body}</functionDefinition>', NAMES, inner),
        st.builds(lambda a, b, c: f"<conditional><if>{a}</if><then>{b}</then><else>{c}</else></conditional>", inner, inner, inner),
        st.builds(lambda a, b: f"<filter><in>{a}</in><match>{b}</match></filter>", inner, inner),
        turns,
    )


@pytest.mark.property
@settings(max_examples=400, deadline=None)
@given(st.recursive(LITERALS, boxes, max_leaves=8), st.recursive(LITERALS, boxes, max_leaves=5), KINDS)
def test_any_boxes_at_all_are_refused_or_end(logic, body, kind):
    """Whatever is put into whatever: refused on loading, a value, or FeelError; never another error, never without end."""
    made = '<itemDefinition name="made"><itemComponent name="a"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    try:
        found = load_decisions(file_of(made + model("f", ["x"], body) + decision(logic, kind=kind, needs=knows("f"))), "t.dmn")
    except DecisionsRefused:
        return
    try:
        found.evaluate("t", {"a": 2, "t": [1, {"a": 3}]}, budget=20_000)
    except FeelError:
        return
