"""Answers kept at every field while a form is being filled, so that an interruption loses nothing. One file a database and work item."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The draft (草稿) of one form: `subject` is a work item, an act or a start form of `database`."""

    folder: Path
    database: str
    subject: str
    actor: str

    @property
    def path(self) -> Path:
        name = sha256("\n".join((self.database, self.subject, self.actor)).encode()).hexdigest()[:24]
        return self.folder / f"{name}.json"

    def read(self) -> dict[str, Any]:
        """What was kept, or nothing; a file that is no draft is nothing."""
        try:
            kept = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def keep(self, data: Mapping[str, Any]) -> None:
        """Write the answers so far; readable by this user alone, since drafts may be confidential."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False)
        fresh.replace(self.path)

    def drop(self) -> None:
        """The form was taken: the draft has served."""
        self.path.unlink(missing_ok=True)
