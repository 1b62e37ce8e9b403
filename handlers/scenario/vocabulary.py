"""The words of scenario files: what a step and an expectation may say, of which kind each value is, and what the Chinese words stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

USED = re.compile(r"\$\{([^}]*)\}")
"""A value given elsewhere: `${ends}`."""

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?\Z")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of value: how it is recognised, and an example of it."""

    holds: Callable[[Any], bool]
    example: str


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(_text(each) or isinstance(each, int) for each in value)


def _moment(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    if USED.search(value):
        return True
    try:
        return bool(MOMENT.match(value) and datetime.fromisoformat(value))
    except ValueError:
        return False


def _mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _lists(value: Any) -> bool:
    return _mapping(value) and bool(value) and all(_texts(each) for each in value.values())


def _has_and_lacks(value: Any) -> bool:
    return _mapping(value) and bool(value) and not set(value) - {"has", "lacks"} and all(_texts(each) for each in value.values())


def _rows(value: Any) -> bool:
    return (isinstance(value, list) and all(_mapping(each) and each for each in value)) or (_mapping(value) and bool(value))


def _refusal(value: Any) -> bool:
    return _text(value) or (_mapping(value) and bool(value) and not set(value) - {"code", "fields", "rules"})


KINDS: Mapping[str, Kind] = {
    "text": Kind(holds=lambda value: _text(value) or isinstance(value, int), example="文字"),
    "scalar": Kind(holds=_scalar, example="1"),
    "anything": Kind(holds=lambda value: True, example="1"),
    "truth": Kind(holds=lambda value: value is True or value is False, example="true"),
    "number": Kind(holds=lambda value: (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and bool(USED.fullmatch(value))), example="3"),
    "moment": Kind(holds=_moment, example="2023-09-27"),
    "maybe_moment": Kind(holds=lambda value: value is None or _moment(value), example="2023-09-27"),
    "texts": Kind(holds=_texts, example="[甲部, 乙部]"),
    "text_or_texts": Kind(holds=lambda value: _text(value) or _texts(value), example="[甲部, 乙部]"),
    "mapping": Kind(holds=_mapping, example="{name: 1}"),
    "some": Kind(holds=lambda value: _mapping(value) and bool(value), example="{name: 1}"),
    "lists": Kind(holds=_lists, example="{领衔代表: [deputy]}"),
    "units": Kind(holds=lambda value: _mapping(value) and bool(value) and all(each is None or _mapping(each) for each in value.values()), example="{甲部: {name: 甲部}}"),
    "differing": Kind(holds=lambda value: _mapping(value) and all(_mapping(each) for each in value.values()), example="{sign-in: {data: {action: sign}}}"),
    "years": Kind(holds=lambda value: _mapping(value) and bool(value) and all(_mapping(each) and not set(each) - {"holidays", "workdays"} for each in value.values()), example="{2028: {holidays: [2028-01-03], workdays: []}}"),
    "calendars": Kind(holds=lambda value: value is True or value is False or _texts(value), example="[2023, 2024]"),
    "rows": Kind(holds=_rows, example="[{kind: reply}]"),
    "letters": Kind(holds=lambda value: isinstance(value, list) and all(_mapping(each) and each for each in value), example="[{kind: reply}]"),
    "choice": Kind(holds=lambda value: _texts(value) or _has_and_lacks(value), example="{has: [签收], lacks: [申请退回]}"),
    "choices": Kind(holds=lambda value: _mapping(value) and bool(value) and all(_texts(each) or _has_and_lacks(each) for each in value.values()), example="{甲部综合: [签收]}"),
    "readable": Kind(holds=lambda value: _mapping(value) and bool(value) and all(_has_and_lacks(each) for each in value.values()), example="{甲部综合: {lacks: [领衔代表]}}"),
    "truths": Kind(holds=lambda value: _mapping(value) and bool(value) and all(each is True or each is False for each in value.values()), example="{领衔代表: true}"),
    "refusal": Kind(holds=_refusal, example="not_yours"),
    "list": Kind(holds=lambda value: isinstance(value, list) and bool(value) and all(_mapping(each) for each in value), example="[{complete: 签收}]"),
}

_DOES = {"as": "text", "unit": "text", "case": "text", "on": "moment", "reason": "text", "refused": "refusal"}
"""What may stand beside everything that a person does."""

_ITEM = _DOES | {"where": "some"}
_ORDER = {"as": "text", "case": "text", "reason": "text", "refused": "refusal"}
"""What may stand beside an operator's order."""

STEPS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "at": ("moment", {}),
    "tick": ("truth", {}),
    "start": ("text", {**_DOES, "data": "mapping", "element": "text"}),
    "complete": ("text", {**_ITEM, "data": "mapping"}),
    "claim": ("text", _ITEM),
    "release": ("text", _ITEM),
    "reassign": ("text", {**_ITEM, "to": "text"}),
    "act": ("text", {**_ITEM, "data": "mapping"}),
    "message": ("text", {"key": "text", "data": "mapping"}),
    "retry": ("text", _ORDER),
    "repair": ("text", {**_ORDER, "data": "some"}),
    "move": ("text", {**_ORDER, "to": "text"}),
    "cancel": ("text", _ORDER),
    "people": ("lists", {}),
    "leave": ("lists", {}),
    "units": ("units", {}),
    "settings": ("some", {"from": "moment"}),
    "calendar": ("years", {}),
    "about": ("text", {}),
    "way": ("text", {"unit": "text", "with": "differing"}),
    "repeat": ("number", {"steps": "list"}),
    "then": ("list", {}),
}
"""What can be done: the word of a step with the kind of its value, and what may stand beside it."""

LOOKS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "record": ("text", {"where": "some", "is": "rows", "count": "number", "order": "text_or_texts"}),
    "open": ("choice", {"case": "text"}),
    "due": ("some", {"case": "text"}),
    "stage": ("text", {"case": "text"}),
    "letters": ("letters", {"where": "some", "case": "text"}),
    "acts": ("choice", {"as": "text", "case": "text"}),
    "inbox": ("choices", {}),
    "incidents": ("texts", {}),
    "kept": ("texts", {}),
    "sees": ("truths", {"case": "text", "record": "text", "where": "some"}),
    "reads": ("readable", {}),
    "passed": ("texts", {}),
    "not_passed": ("texts", {}),
    "numbers": ("text", {"column": "text", "from": "number", "to": "number", "where": "some"}),
    "limit": ("text", {"from": "moment", "is": "maybe_moment", "provisional": "truth"}),
    "done": ("text", {"by": "text", "on": "moment", "reason": "text", "case": "text", "count": "number"}),
}
"""What can be looked at: the word of an expectation with the kind of its value, and what may stand beside it."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "reassign": ("to",),
    "move": ("to",),
    "repair": ("data",),
    "repeat": ("steps",),
    "numbers": ("column", "from", "to"),
    "limit": ("from", "is"),
}
"""What must stand beside a word."""

TOP: Mapping[str, str] = {"number": "number", "title": "text", "text": "text", "jurisdictions": "anything", "given": "mapping", "when": "anything", "then": "anything"}
GIVEN: Mapping[str, str] = {"at": "moment", "calendars": "calendars", "people": "lists", "units": "units", "settings": "some"}
COMMON: Mapping[str, str] = {"people": "lists", "units": "units", "roles": "some", "unit": "text", "usual": "differing", "ways": "mapping", "bare": "lists"}

IN = "in"
"""Beside any step and expectation: the jurisdictions that it is for, else all."""

CHINESE_TOP = {"编号": "number", "标题": "title", "说明": "text", "地区": "jurisdictions", "假设": "given", "当": "when", "那么": "then"}
CHINESE_GIVEN = {"日期": "at", "日历": "calendars", "人员": "people", "单位": "units", "设置": "settings"}
CHINESE_STEPS = {
    "日期": "at", "到期": "tick", "发起": "start", "完成": "complete", "领取": "claim", "放回": "release", "转交": "reassign", "行动": "act",
    "消息": "message", "重试": "retry", "修复": "repair", "移动": "move", "终止": "cancel", "人员": "people", "离任": "leave", "单位": "units",
    "设置": "settings", "日历": "calendar", "转到": "about", "过程": "way", "重复": "repeat", "那么": "then",
}  # fmt: skip
CHINESE_LOOKS = {
    "记录": "record", "待办": "open", "期限": "due", "状态": "stage", "函件": "letters", "可行": "acts", "收件箱": "inbox", "异常": "incidents",
    "未收": "kept", "可见": "sees", "可读": "reads", "经过": "passed", "未经": "not_passed", "编号": "numbers", "时限": "limit", "已办": "done",
}  # fmt: skip
CHINESE_OPTIONS = {
    "由": "as", "承办": "unit", "案卷": "case", "发生于": "on", "理由": "reason", "拒绝": "refused", "其中": "where", "填写": "data", "节点": "element",
    "给": "to", "键": "key", "自": "from", "至": "to", "改为": "with", "步骤": "steps", "为": "is", "件数": "count", "顺序": "order", "列": "column",
    "记录": "record", "暂定": "provisional", "何人": "by", "限": "in",
}  # fmt: skip
CHINESE_PARTS = {"有": "has", "无": "lacks", "代码": "code", "字段": "fields", "规则": "rules"}
