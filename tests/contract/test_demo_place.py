"""Where the demonstration makes its database: a file that is not there yet, or an empty database on a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Engine
from engine.errors import StoreError
from terminal.showing import _is_new

from ..spine.clerks import registry
from .databases import Server


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_is_made_once(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Nothing there, or an empty database: it is made. Afterwards it is opened."""
    if kind == "sqlite":
        place = str(tmp_path / "new" / "demo.db")
    else:
        server: Server = request.getfixturevalue("server")
        place = server.url_of(server.new_database())

    assert _is_new(place, registry())
    Engine.create(place, registry(), admin="root", simulated=True).close()

    assert not _is_new(place, registry())


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    """Nothing is taken for empty because it cannot be reached."""
    with pytest.raises(StoreError, match=r"reach|connect"):
        _is_new(f"postgresql://postgres@/none?host={tmp_path}", registry())
