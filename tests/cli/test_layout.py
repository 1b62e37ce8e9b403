"""Tables and screens in cells: Chinese takes two, nothing is lost, nothing is wider than the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from terminal.layout import Track, hanging, laid_out, wrapped

pytestmark = pytest.mark.cli

TEXTS = st.text(alphabet="代表建议办理 abc-12（）", max_size=120)


def test_columns_stand_under_their_headings():
    """Each cell begins where its heading begins, whatever is Chinese."""
    tracks = [Track(title="编号", whole=True), Track(title="标题"), Track(title="阶段")]

    lines = list(laid_out(tracks, [["1042", "关于加装电梯的建议", "办结"], ["7", "路", "归档"]], width=80))

    assert lines == [
        "编号   标题                 阶段",
        "────────────────────────────────",
        "1042   关于加装电梯的建议   办结",
        "7      路                   归档",
    ]


def test_a_long_cell_is_folded_and_ids_are_not():
    """What may be broken gives way; an id stays in one piece."""
    tracks = [Track(title="id", whole=True), Track(title="what")]

    lines = list(laid_out(tracks, [["1042-a1-r1-c1", "关于老旧小区加装电梯应强化政府和基层组织主导作用的建议"]], width=40))

    assert lines[2].startswith("1042-a1-r1-c1   关于老旧小区")
    assert len(lines) > 3
    assert all(cell_len(line) <= 40 for line in lines)


def test_a_hanging_line_goes_on_under_its_text():
    """A long line of history continues under its words, not under its date."""
    text = "  2026-04-01  " + "生态环境部答复，" * 12

    first, *more = hanging(text, 14).split("\n")

    assert first.startswith("  2026-04-01  生态环境部")
    assert more
    assert all(line.startswith(" " * 14) and cell_len(line) <= 80 for line in more)


@given(text=TEXTS, width=st.integers(min_value=4, max_value=40))
def test_wrapping_loses_nothing_and_keeps_to_the_width(text, width):
    """Every character but spaces at a break is kept, in order; no line is wider than asked."""
    lines = wrapped(text, width)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), width=st.integers(min_value=40, max_value=100))
def test_no_table_is_wider_than_the_line(rows, width):
    """Whatever the cells hold, each line keeps to the width."""
    tracks = [Track(title="编号", whole=True), Track(title="标题"), Track(title="阶段", width=9)]

    assert all(cell_len(line) <= width for line in laid_out(tracks, rows, width=width))
