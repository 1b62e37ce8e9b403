"""The one way in which a value becomes bytes (RFC 8785), and the digests over them. Pure; imports only `errors`.

Values are None, bool, int, str, lists and dicts with text keys; there are no floats: decimals, dates and large integers are tagged
strings (`feel.to_json`). For such values orjson gives the RFC's bytes, except for the order of keys from U+E000 on.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import orjson

from .errors import Rejected

_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_SORTED = _STRICT | orjson.OPT_SORT_KEYS
_LATE = re.compile(rb"[\xee-\xf4]")
"""A byte that begins a character from U+E000 on, in UTF-8."""


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a value. Raises Rejected `text` for lone surrogates and NUL, which no history may hold."""
    try:
        data = orjson.dumps(value, option=_SORTED)
        if not data.isascii() and _LATE.search(data):
            data = orjson.dumps(_in_utf16_order(value), option=_STRICT)
    except TypeError as error:
        if "surrogates" not in str(error):
            raise
        raise Rejected("text", "a text holds half of a character (a lone surrogate)", hint="remove it and send again") from None
    if b"\\u0000" in data and _has_nul(value):
        raise Rejected("text", "a text holds the character NUL", hint="remove it and send again")
    return data


def parse(data: bytes) -> Any:
    """The value of canonical bytes."""
    return orjson.loads(data)


def digest(salt: bytes, data: bytes) -> bytes:
    """The salted digest (32 bytes) by which a payload enters the chain."""
    return hashlib.sha256(salt + data).digest()


def sha256(data: bytes) -> bytes:
    """The plain digest (32 bytes) of a row or a file."""
    return hashlib.sha256(data).digest()


def _in_utf16_order(value: Any) -> Any:
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass"))
        return {key: _in_utf16_order(inner) for key, inner in ordered}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(inner) for inner in value]
    return value


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(inner) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(_has_nul(inner) for inner in value)
