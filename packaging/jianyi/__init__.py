"""The package's entry: finds the rooms of the house and starts the command line.

Installed, `cli.py`, `engine/`, `handlers/` and the rest lie beside this file; in a checkout they lie two folders up.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["main"]

_HERE = Path(__file__).resolve().parent
_HOUSE = _HERE if (_HERE / "cli.py").is_file() else _HERE.parents[1]

if str(_HOUSE) not in sys.path:
    sys.path.insert(0, str(_HOUSE))


def main() -> None:
    """Run the command line with the process's arguments."""
    from cli import main as run

    run()
