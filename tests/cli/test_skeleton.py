"""A form's skeleton says everything that must be known to fill it in, and can be read back."""

from __future__ import annotations

import pytest

from terminal import language
from terminal.fields import read_data
from terminal.skeleton import skeleton

pytestmark = pytest.mark.cli

SKELETON = """\
# 答复
# 结果分类 (必填)
# A=已解决  B=计划解决
reply_class:
# 答复正文 (必填)
text:
# 签发日期 (可不填)
# 日期: 2026-09-30
signed_on:
# 份数 (可不填)
copies:
# 公开 (可不填)
published:
# 标签 (可不填)
tags: []
# 承诺 (可不填)
commitments:
  -
    # 内容 (必填)
    text:
    # 完成日期 (必填)
    # 日期: 2026-09-30
    due_on:
"""


def test_a_skeleton_names_each_field_and_its_choices(form):
    """In Chinese: field names, what must be filled in, choices as comments."""
    language.speak("zh")

    assert skeleton(form) == SKELETON


def test_an_untouched_skeleton_reads_back_as_nothing(form):
    """What is left empty is left out, so the engine says what is missing."""
    assert read_data(skeleton(form)) == {"tags": [], "commitments": []}


def test_a_filled_skeleton_reads_back(form):
    """What is written into it is the form's data."""
    text = skeleton(form, {"reply_class": "A", "text": "一、\n二: 三"}).replace("    text:\n", "    text: 加装\n").replace("    due_on:\n", "    due_on: 2026-09-30\n")

    assert read_data(text) == {"reply_class": "A", "text": "一、\n二: 三", "tags": [], "commitments": [{"text": "加装", "due_on": "2026-09-30"}]}
