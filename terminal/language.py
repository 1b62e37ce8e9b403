"""Messages in the reader's language: Chinese (简体中文) or English, by gettext.

A message's id is its English template with named parameters: `say("case {case} is closed", case=…)`. Imports nothing of ours.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

CATALOGUES = Path(__file__).parent / "locale"
DOMAIN = "jianyi"
LANGUAGES = ("zh", "en")

_LOCALE_VARIABLES = ("JIANYI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

_current = "en"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def chosen(option: str | None, environment: Mapping[str, str]) -> str:
    """The language asked for: the option, else the first variable that is set; what is not Chinese is English."""
    asked = option or next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "en")
    return "zh" if asked.lower().startswith("zh") else "en"


def speak(language: str) -> None:
    """Say everything in this language from now on, the command parser's own words too."""
    global _current, _catalogue
    _current = language
    _catalogue = gettext.translation(DOMAIN, CATALOGUES, ["zh_CN"], fallback=True) if language == "zh" else gettext.NullTranslations()
    # click asks the process's default domain; it is given ours.
    os.environ["LANGUAGE"] = "zh_CN" if language == "zh" else "en"
    gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
    gettext.textdomain(DOMAIN)


def current() -> str:
    """`zh` or `en`."""
    return _current


def say(template: str, /, **params: object) -> str:
    """The message in the current language, its parameters filled in."""
    if not template:
        return ""
    text = _catalogue.gettext(template)
    return text.format(**{name: _spoken(value) for name, value in params.items()}) if params else text


def _spoken(value: object) -> object:
    """A parameter that is a template with its own parameters is said too."""
    template, params = getattr(value, "template", None), getattr(value, "params", None)
    return say(template, **dict(params)) if isinstance(template, str) and isinstance(params, tuple) else value


def spoken(saying: object) -> str:
    """A template with its own parameters (a `Saying`) in the current language; any other thing by its text."""
    return str(_spoken(saying))


def mark(template: str) -> str:
    """The same text: names a message for the catalogue where it is declared and said later."""
    return template
