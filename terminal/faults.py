"""Every error as one sentence and what to do next, on stderr, with its fixed exit code; with `--json` as `{"error": …}`.

0 done · 1 other · 2 usage · 4 identity · 5 not found · 6 not allowed · 7 changed by someone else · 8 form data · 9 verification ·
10 part of a batch failed · 11 decided otherwise by newer code · 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from .checked import rows
from .language import mark, say

INTERRUPTED = 130


def interrupted() -> int:
    """The user stopped it: every command is one transaction, so there is nothing to clean up."""
    print(say("interrupted; nothing is half done"), file=sys.stderr)
    return INTERRUPTED


def usage(error: click.ClickException, *, as_json: bool) -> int:
    """The command line itself was wrong."""
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = say("see {command} --help", command=error.ctx.command_path)
    _print("usage", error.format_message(), hint, as_json=as_json)
    return error.exit_code


def unexpected(error: BaseException, *, as_json: bool) -> int:
    """Something that nobody foresaw: named, never hidden; a trace for developers where they asked for it."""
    if os.environ.get("JIANYI_TRACE"):
        raise error
    text = say("unexpected {kind}: {text}", kind=type(error).__name__, text=str(error) or "-")
    _print("unexpected", text, say("set JIANYI_TRACE=1 to see where, and report it"), as_json=as_json)
    return 1


def told(error: Exception, *, as_json: bool) -> int:
    """One of the engine's errors, in the reader's language; anything else is unexpected."""
    from engine.errors import InvalidForm, JianyiError

    if not isinstance(error, JianyiError):
        return unexpected(error, as_json=as_json)
    more: dict[str, Any] = {}
    if isinstance(error, InvalidForm):
        more["problems"] = [{"field": p.field, "rule": p.rule, "message": say(p.template, **dict(p.params))} for p in error.problems]
    else:
        more["problems"] = rows(getattr(error, "problems", ()))
    more = {name: value for name, value in more.items() if value}
    _print(error.code, sentence(error), say(error.hint, **(error.params if "{" in error.hint else {})), as_json=as_json, **more)
    return error.exit_code


def sentence(error: Exception) -> str:
    """The error's text in the current language."""
    from engine.errors import InvalidForm, JianyiError

    if isinstance(error, InvalidForm):
        problems = "; ".join(f"{p.field or '-'}: {say(p.template, **dict(p.params))}" for p in error.problems)
        return say("form {form}: {text}", form=error.params.get("form", ""), text=problems)
    if isinstance(error, JianyiError):
        return say(error.template, **{name: _thing(value) if name == "what" else value for name, value in error.params.items()})
    return str(error)


THINGS = (mark("work item"), mark("case"), mark("process instance"), mark("deployment"))
"""What the engine calls things before their id, in messages that say `{what}`."""


def _thing(what: object) -> str:
    kind, _, identifier = str(what).rpartition(" ")
    return f"{say(kind)} {identifier}" if kind in THINGS else str(what)


def _print(code: str, message: str, hint: str, *, as_json: bool, **more: Any) -> None:
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message, "hint": hint, **more}}, ensure_ascii=False, default=str), file=sys.stderr)
        return
    print(f"{say(mark('error'))}: {message}", file=sys.stderr)
    for problem in [each for each in more.get("problems", ())[1:] if "file" in each]:
        print(f"  {problem['file']}:{problem['line'] or ''} {problem['element_id'] or ''} [{problem['rule']}] {problem['message']} → {problem['fix']}", file=sys.stderr)
    if hint:
        print(f"  {hint}", file=sys.stderr)
