"""Canonical bytes are those of RFC 8785."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical import canonical, digest, parse
from engine.errors import Rejected

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(values)
def test_bytes_are_the_rfcs(value: object) -> None:
    """An independent implementation gives the same bytes, and they read back as the value."""
    assert canonical(value) == rfc8785.dumps(value)
    assert parse(canonical(value)) == value


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, "a\0b", ["\0"], {"\0": 1}])
def test_what_no_history_may_hold_is_refused(value: object) -> None:
    """Lone surrogates and NUL are refused, in keys too."""
    with pytest.raises(Rejected, match=r"NUL|surrogate"):
        canonical(value)


def test_a_backslash_before_u0000_is_only_text() -> None:
    r"""The six characters \u0000 written out are no NUL."""
    assert parse(canonical("\\u0000")) == "\\u0000"


def test_the_salt_enters_the_digest() -> None:
    """The same content under another salt has another digest, so that a guess cannot be tried."""
    assert digest(b"a" * 16, b"x") != digest(b"b" * 16, b"x")
