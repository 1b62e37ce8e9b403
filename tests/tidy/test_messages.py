"""The catalogue: every message has its Chinese, with the same parameters, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import string
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from tools import messages as gatherer

pytestmark = pytest.mark.tidy

ROOT = Path(__file__).parents[2]
COMPILED = ROOT / "terminal" / "locale" / "zh_CN" / "LC_MESSAGES" / "jianyi.mo"


@pytest.fixture(scope="module")
def catalogue() -> gettext.GNUTranslations:
    """What users get."""
    with COMPILED.open("rb") as file:
        return gettext.GNUTranslations(file)


def parameters(template: str) -> set[str]:
    """The names in braces."""
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_message_has_its_chinese(catalogue):
    """Nothing that a user can read is left untranslated. `make messages` gathers; then the .po is filled in."""
    missing = [text for text in gatherer.messages() if catalogue.gettext(text) == text and any(letter.isalpha() for letter in text) and not SAME.get(text)]

    assert missing == []


SAME = dict.fromkeys(("jianyi inbox", "jianyi incident list", "jianyi person list", "jianyi process deploy", "jianyi process list", "jianyi unit list", "{name}", "{reason}", "{error}", "{place} [{rule}] {message} → {fix}", "pip install 'jianyi[postgresql]'"), True)
"""Commands and bare parameters, which are the same in every language."""


def test_translations_keep_the_parameters(catalogue):
    """A parameter that is not in the original would break the message when it is said."""
    strange = [text for text in gatherer.messages() if not parameters(catalogue.gettext(text)) <= parameters(text)]

    assert strange == []


def test_the_compiled_catalogue_is_what_is_written(catalogue):
    """The .mo that is shipped was compiled from the .po that people edit."""
    with COMPILED.with_suffix(".po").open("rb") as file:
        written = {entry.id: entry.string for entry in read_po(file, locale="zh_CN") if entry.id and entry.string}

    single = {text: string for text, string in written.items() if isinstance(text, str)}
    several = {text: string[0] for text, string in written.items() if not isinstance(text, str)}
    assert {text: catalogue.gettext(text) for text in single} == single
    assert {text: catalogue.ngettext(*text, count) for text in several for count in (1, 2)} == several


def test_the_command_parsers_words_are_its_own(catalogue):
    """Each is said by the parser as it is installed: one that it says otherwise by now would never be translated. Each has its Chinese."""
    said = {node.value for file in Path(click.__file__).parent.glob("*.py") for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    words = [text if isinstance(text, str) else text[0] for text in gatherer.CLICK]

    assert [text for text in words if text not in said] == []
    assert [text for text in words if catalogue.gettext(text) == text] == []
