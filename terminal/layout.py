"""Text laid out in cells: tables, hanging lines, bold headings. Right with Chinese, at the terminal's width or 80 columns.

Widths come from rich's cell tables. Its tables and consoles are not used for lists: importing them costs more than the query that a list
shows. Imports nothing of ours.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = "   "
LEAST = 6
"""No column is made narrower than this while another can give way."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """One column of a table: its heading, whether its cells may be broken over lines, its width where that is fixed."""

    title: str
    whole: bool = False
    width: int | None = None


def screen_width() -> int:
    """Cells in a line of the terminal; 80 where there is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return max(40, shutil.get_terminal_size((80, 24)).columns)


def bold(text: str) -> str:
    """The text in bold on a terminal."""
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most so many cells: broken at spaces, and within a word only where it is longer than a line."""
    from rich.cells import cell_len, chop_cells

    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            joined = f"{line} {word}" if line else word
            if cell_len(joined) <= width:
                line = joined
                continue
            if line:
                lines.append(line)
            *full, line = chop_cells(word, width) or [""]
            lines.extend(full)
        lines.append(line)
    return lines


def shortened(text: str, width: int) -> str:
    """The text in at most so many cells; what is cut off is marked with `…`."""
    from rich.cells import cell_len, chop_cells

    return text if cell_len(text) <= width else chop_cells(text, width - 1)[0] + "…"


def hanging(text: str, indent: int) -> str:
    """A line whose continuations stand under its text. `indent` is where the text begins."""
    head, tail = text[:indent], text[indent:]
    first, *more = wrapped(tail, screen_width() - indent)
    return "\n".join([head + first, *(" " * indent + line for line in more)])


def laid_out(tracks: Sequence[Track], rows: Sequence[Sequence[str]], *, width: int) -> Iterator[str]:
    """The lines of a table: headings, a rule, the cells, each column as wide as it needs and the line allows."""
    widths = _widths(tracks, rows, width - len(GAP) * (len(tracks) - 1))
    yield bold(_line([track.title for track in tracks], widths).rstrip())
    yield "─" * (sum(widths) + len(GAP) * (len(tracks) - 1))
    for row in rows:
        cells = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            yield _line([cell[number] if number < len(cell) else "" for cell in cells], widths).rstrip()


def _widths(tracks: Sequence[Track], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """What each column needs; where that is too much, the widest that may be broken give way first, then any."""
    from rich.cells import cell_len

    needed = [max(cell_len(track.title), *(cell_len(line) for row in rows for line in row[place].split("\n")), 1) for place, track in enumerate(tracks)]
    widths = [max(track.width, cell_len(track.title)) if track.width else need for track, need in zip(tracks, needed, strict=True)]
    least = [max(LEAST, cell_len(track.title)) for track in tracks]
    for may_give in ([not track.whole for track in tracks], [True] * len(tracks)):
        for _ in range(10_000):
            ready = [place for place, free in enumerate(may_give) if free and widths[place] > least[place]]
            if sum(widths) <= room or not ready:
                break
            widths[max(ready, key=lambda place: widths[place])] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    from rich.cells import set_cell_size

    return GAP.join(set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True))
