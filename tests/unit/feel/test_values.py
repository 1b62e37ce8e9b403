"""The JSON form of values: what it looks like, and what is refused."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import NotAValue, Range, YearsMonths, compile_expression, from_json, to_json
from engine.feel.context import Context

pytestmark = pytest.mark.unit

BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("text", "text"),
        (True, True),
        (None, None),
        (2**53, 2**53),
        (2**53 + 1, {"$int": "9007199254740993"}),
        (Decimal("0.10"), {"$decimal": "0.1"}),
        (Decimal("2.0"), 2),
        (Decimal("1E+40"), {"$decimal": "1E+40"}),
        (date(2026, 9, 30), {"$date": "2026-09-30"}),
        (time(9, 30), {"$time": "09:30:00"}),
        (time(9, 30, tzinfo=BEIJING), {"$time": "09:30:00+08:00"}),
        (datetime(2026, 1, 5, 9), {"$datetime": "2026-01-05T09:00:00"}),
        (datetime(2026, 1, 5, 9, tzinfo=BEIJING), {"$datetime": "2026-01-05T09:00:00+08:00"}),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")), {"$datetime": "2026-10-25T02:30:00+01:00@Europe/Berlin"}),
        (timedelta(days=1, hours=2), {"$duration": "P1DT2H"}),
        (timedelta(), {"$duration": "PT0S"}),
        (-timedelta(seconds=1.5), {"$duration": "-PT1.5S"}),
        (YearsMonths(14), {"$duration": "P1Y2M"}),
        (YearsMonths(0), {"$duration": "P0M"}),
        ({"$date": "x"}, {"$map": {"$date": "x"}}),
        ({"$map": {"$map": 1}}, {"$map": {"$map": {"$map": {"$map": 1}}}}),
        ({"$a": 1, "$b": [None, Decimal("0.5")]}, {"$a": 1, "$b": [None, {"$decimal": "0.5"}]}),
    ],
)
def test_each_kind_has_its_form(value, form):
    """Plain values stand as they are, others under one tag, and come back the same."""
    assert to_json(value) == form
    assert from_json(form) == value
    assert to_json(from_json(form)) == form


@pytest.mark.parametrize("value", [1.5, (1, 2), {1}, b"x", object(), Range(1, 2, True, True), {1: 2}, [1.0], Decimal("NaN"), 10**34, Decimal("1.23456789012345678901234567890123456")])
def test_what_is_no_value_is_not_stored(value):
    """Floats are not exact, and Python objects are no data."""
    with pytest.raises(NotAValue):
        to_json(value)


def test_functions_are_not_stored():
    """A function lives as long as its expression."""
    with pytest.raises(NotAValue, match="a function cannot be stored"):
        to_json(compile_expression("function(x) x").evaluate(Context()))


@pytest.mark.parametrize(
    "form",
    [{"$x": 1}, {"$date": 1}, {"$date": "2026-02-30"}, {"$decimal": "NaN"}, {"$decimal": "x"}, {"$int": "1_0"}, {"$int": "--1"}, {"$int": "1" * 40}, {"$map": {"a": 1}}, {"$map": 1}, {"$datetime": "yesterday"}, {"$datetime": "2026-01-05T09:00:00@No/Where"}, {"$duration": "1 day"}, float("nan"), float("inf"), {1: 2}, 10**40, object()],
)
def test_a_form_that_means_nothing_is_refused(form):
    """A tag with the wrong content is an error, never taken for a context."""
    with pytest.raises(NotAValue):
        from_json(form)


def test_a_json_number_with_a_fraction_is_the_decimal_it_shows():
    """0.1 is a tenth."""
    assert from_json([0.1, 2.0]) == [Decimal("0.1"), 2]


def test_utc_comes_back_as_utc():
    """Z and +00:00 are one zone."""
    assert from_json({"$datetime": "2026-01-05T09:00:00+00:00"}).tzinfo is UTC
