"""Carries out what a check's remedy says, by rule and remedy, as a person with an editor would: one function for each sentence.

`REMEDIES` is keyed by (rule, fix) as printed. `NEEDS_A_PERSON` lists the remedies that no machine can carry out, since what was meant is
lost; they are carried out by the plainest file that the remedy allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from engine.errors import Edit, Problem

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
B, Z = "{" + MODEL + "}", "{" + ZEEBE + "}"
ACTIVITIES = ("task", "userTask", "serviceTask", "scriptTask", "manualTask", "subProcess", "transaction", "callActivity", "receiveTask", "sendTask")
EVENTS = ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway")
PLAIN = (
    f'<bpmn:definitions xmlns:bpmn="{MODEL}" id="d" targetNamespace="t"><bpmn:process id="p" isExecutable="true">'
    '<bpmn:startEvent id="s"/></bpmn:process></bpmn:definitions>'
).encode()
TABLE = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="t" name="t" namespace="t"><decision id="{id}" name="d">'
    "<literalExpression><text>1</text></literalExpression></decision></definitions>"
)
CALLED = PLAIN.decode().replace('id="p"', 'id="{id}"')

Files = dict[str, bytes]
Mend = Callable[[etree._Element, Problem], None]


def mended(files: Mapping[str, bytes], problem: Problem) -> Files | None:
    """The files after the remedy; None where there is no way to carry it out here."""
    key = (problem.rule, problem.fix)
    data = files[problem.file]
    if problem.edit is not None:
        return {**files, problem.file: edited(data, problem, problem.edit)}
    if key in RAW:
        return {**files, problem.file: RAW[key](data)}
    if key in ADDS:
        return {**files, **ADDS[key](problem, data)}
    if key not in REMEDIES:
        return None
    root = etree.fromstring(data)
    REMEDIES[key](root, problem)
    return {**files, problem.file: etree.tostring(root, encoding="UTF-8", xml_declaration=True)}


def edited(data: bytes, problem: Problem, edit: Edit) -> bytes:
    """The old word is the new one in the attributes and texts of the element, and of the message or signal it names."""
    root = etree.fromstring(data)
    element = found(root, problem)
    whole = re.compile(rf"(?<![\w-]){re.escape(edit.old)}(?![\w-])")
    named = {element.get(name) for name in ("messageRef", "signalRef")} | {e.get(n) for e in element for n in ("messageRef", "signalRef")}
    parts = [*own_parts(element), *(e for e in root if e.get("id") in named and e.get("id")), *(part for e in root if e.get("id") in named and e.get("id") for part in e.iter())]
    for part in parts:
        for name, value in part.attrib.items():
            if name not in ("id", "sourceRef", "targetRef", "messageRef", "signalRef"):
                part.set(name, whole.sub(edit.new, value))
        if part.text:
            part.text = whole.sub(edit.new, part.text)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def own_parts(element: etree._Element) -> list[etree._Element]:
    """The element and all in it but other elements of the flow."""
    parts = [element]
    for child in element:
        if isinstance(child.tag, str) and not (child.tag.startswith(B) and child.get("id") and not child.tag.endswith("EventDefinition")):
            parts += own_parts(child)
    return parts


def found(root: etree._Element, problem: Problem) -> etree._Element:
    """The element that a problem names, by id and line."""
    same = [e for e in root.iter() if isinstance(e.tag, str) and (e.get("id") == problem.element_id if problem.element_id else e.sourceline == problem.line)]
    own = [e for e in same if e.sourceline == problem.line]
    return (own or same or [root])[-1 if problem.rule == "no_id" else 0]


def scope_of(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def nodes_in(scope: etree._Element, *tags: str) -> list[etree._Element]:
    return [e for e in scope if isinstance(e.tag, str) and e.get("id") and etree.QName(e).localname in tags]


def extensions(element: etree._Element) -> etree._Element:
    """The element's extension elements, made where there are none."""
    holder = element.find(B + "extensionElements")
    if holder is None:
        holder = etree.Element(B + "extensionElements")
        element.insert(0, holder)
    return holder


def add_property(element: etree._Element, name: str, value: str) -> None:
    holder = extensions(element).find(Z + "properties")
    if holder is None:
        holder = etree.SubElement(extensions(element), Z + "properties")
    etree.SubElement(holder, Z + "property", name=name, value=value)


def add_input(element: etree._Element, target: str, source: str = "=1") -> None:
    holder = extensions(element).find(Z + "ioMapping")
    if holder is None:
        holder = etree.SubElement(extensions(element), Z + "ioMapping")
    holder.insert(0, etree.Element(Z + "input", source=source, target=target))


def remove(element: etree._Element) -> None:
    scope_of(element).remove(element)


def remove_flows(element: etree._Element, *ends: str) -> None:
    for flow in scope_of(element).findall(B + "sequenceFlow"):
        if any(flow.get(end) == element.get("id") for end in ends):
            remove(flow)


def give_timer(element: etree._Element) -> None:
    timer = element.find(B + "timerEventDefinition")
    if timer is None:
        timer = etree.SubElement(element, B + "timerEventDefinition")
    for child in list(timer):
        timer.remove(child)
    etree.SubElement(timer, B + "timeDuration").text = "PT1S"


def in_feel(root: etree._Element, problem: Problem) -> None:
    """Every expression of the element is one that is right."""
    for part in own_parts(found(root, problem)):
        if etree.QName(part).localname in ("conditionExpression", "condition", "completionCondition", "loopCondition"):
            part.text = "=true"
            part.attrib.pop("language", None)
        if etree.QName(part).localname in ("timeDate", "timeDuration", "timeCycle"):
            part.text = '=duration("PT1S")'
        for name in ("expression", "source", "inputCollection", "outputElement", "correlationKey"):
            if name in part.attrib:
                part.set(name, "=1")
        part.attrib.pop("scriptFormat", None)


def with_script(root: etree._Element, problem: Problem) -> None:
    element = found(root, problem)
    element.attrib.pop("scriptFormat", None)
    for old in element.findall(B + "script"):
        element.remove(old)
    etree.SubElement(extensions(element), Z + "script", expression="=1", resultVariable="r")


def connect(root: etree._Element, problem: Problem) -> None:
    """Both ends of the flow are elements of its scope."""
    flow = found(root, problem)
    scope = scope_of(flow)
    ids = {e.get("id") for e in nodes_in(scope, *ACTIVITIES, *EVENTS, *GATEWAYS)}
    for end, tags in (("sourceRef", ("startEvent", *ACTIVITIES)), ("targetRef", ("endEvent", *ACTIVITIES))):
        if flow.get(end) not in ids:
            flow.set(end, nodes_in(scope, *tags)[0].get("id", ""))


def attach(root: etree._Element, problem: Problem) -> None:
    event = found(root, problem)
    hosts = [e for e in nodes_in(scope_of(event), *ACTIVITIES) if e.get("triggeredByEvent") != "true"]
    event.set("attachedToRef", hosts[0].get("id", ""))


def as_transaction(root: etree._Element, problem: Problem) -> None:
    host = found(root, problem).get("attachedToRef")
    next(e for e in root.iter(B + "subProcess") if e.get("id") == host).tag = B + "transaction"


def correlate(root: etree._Element, problem: Problem) -> None:
    element = found(root, problem)
    name = next(e.get("messageRef") for e in element.iter() if e.get("messageRef"))
    message = next(e for e in root.iter(B + "message") if e.get("id") == name)
    etree.SubElement(extensions(message), Z + "subscription", correlationKey="=1")


def choose_default(root: etree._Element, problem: Problem) -> None:
    gateway = found(root, problem)
    flow = [f for f in scope_of(gateway).findall(B + "sequenceFlow") if f.get("sourceRef") == gateway.get("id")][-1]
    gateway.set("default", flow.get("id", ""))
    for condition in flow.findall(B + "conditionExpression"):
        flow.remove(condition)


def own_id(root: etree._Element, problem: Problem) -> None:
    found(root, problem).set("id", f"own-{problem.line}")


def catch_behind(root: etree._Element, problem: Problem) -> None:
    target = re.search(r"leads to (\S+),", problem.message)
    assert target is not None
    element = next(e for e in root.iter() if e.get("id") == target.group(1))
    element.tag = B + "intermediateCatchEvent"
    give_timer(element)


def shorten(root: etree._Element, problem: Problem) -> None:
    for element in root.iter():
        for name, value in element.attrib.items():
            element.set(name, value.replace(problem.element_id or "", "short"))
        if element.text:
            element.text = element.text.replace(problem.element_id or "", "short")


def draw_link(root: etree._Element, problem: Problem) -> None:
    thrown = found(root, problem)
    trigger = thrown.find(B + "linkEventDefinition")
    name = (trigger.get("name") if trigger is not None else "") or "L"
    assert trigger is not None
    trigger.set("name", name)
    caught = etree.SubElement(scope_of(thrown), B + "intermediateCatchEvent", id="caught")
    etree.SubElement(caught, B + "linkEventDefinition", name=name)


def unlink(root: etree._Element, problem: Problem) -> None:
    name = etree.QName(found(root, problem)).localname
    links = [e for e in scope_of(found(root, problem)).findall(B + name) if e.find(B + "linkEventDefinition") is not None]
    for extra in links[1:]:
        remove(extra)


def choose(kind: str) -> Mend:
    """The event's message, signal, error or escalation exists."""

    def choose_one(root: etree._Element, problem: Problem) -> None:
        made = etree.SubElement(root, B + kind, id="chosen", name="chosen", **{f"{kind}Code": "C"} if kind in ("error", "escalation") else {})
        etree.SubElement(extensions(made), Z + "subscription", correlationKey="=1")
        element = found(root, problem)
        for part in element.iter(B + kind + "EventDefinition"):
            part.set(kind + "Ref", "chosen")
        if etree.QName(element).localname in ("receiveTask", "sendTask"):
            element.set(kind + "Ref", "chosen")

    return choose_one


def remove_extra_starts(root: etree._Element, problem: Problem) -> None:
    for extra in nodes_in(found(root, problem), "startEvent")[1:]:
        remove(extra)


def plain_start(root: etree._Element, problem: Problem) -> None:
    element = found(root, problem)
    for part in [e for e in element if e.tag.endswith("EventDefinition")]:
        element.remove(part)


def collection(root: etree._Element, problem: Problem) -> None:
    loop = found(root, problem).find(B + "multiInstanceLoopCharacteristics")
    assert loop is not None
    etree.SubElement(extensions(loop), Z + "loopCharacteristics", inputCollection="=[1]")


def draw_process(root: etree._Element, problem: Problem) -> None:
    process = etree.SubElement(root, B + "process", id="drawn", isExecutable="true")
    etree.SubElement(process, B + "startEvent", id="drawn-s")


def give_trigger_inside(root: etree._Element, problem: Problem) -> None:
    for start in nodes_in(found(root, problem), "startEvent"):
        give_timer(start)


def remove_named_extension(root: etree._Element, problem: Problem) -> None:
    name = re.match(r"zeebe:(\w+)", problem.message)
    assert name is not None
    for part in list(found(root, problem).iter(Z + name.group(1))):
        remove(part)


def remove_named_flow(root: etree._Element, problem: Problem) -> None:
    for flow in list(root.iter(B + "sequenceFlow")):
        if flow.get("id") and re.search(rf"\b{re.escape(flow.get('id', ''))}\b", problem.message):
            remove(flow)


def set_attribute(name: str, value: str) -> Mend:
    return lambda root, problem: found(root, problem).set(name, value)


def on_found(do: Callable[[etree._Element], None]) -> Mend:
    return lambda root, problem: do(found(root, problem))


def without_attributes(*names: str) -> Mend:
    def drop(root: etree._Element, problem: Problem) -> None:
        for name in names:
            found(root, problem).attrib.pop(name, None)

    return drop


def as_utf8(data: bytes) -> bytes:
    """Saved as UTF-8, whatever it was."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    text = data.decode(encoding, "replace")
    return re.sub(r"""(<\?xml[^>]*?encoding\s*=\s*)["'][^"']*["']""", r'\1"UTF-8"', text).encode()


def without_doctype(data: bytes) -> bytes:
    return re.sub(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", b"", data, flags=re.DOTALL)


def call_other(problem: Problem, data: bytes) -> Files:
    """The called process is in the set."""
    root = etree.fromstring(data)
    element = found(root, problem)
    called = extensions(element).find(Z + "calledElement")
    if called is None:
        called = etree.SubElement(extensions(element), Z + "calledElement", processId="other")
    name = called.get("processId") or "other"
    called.set("processId", name)
    return {problem.file: etree.tostring(root), "other.bpmn": CALLED.replace("{id}", name).encode()}


def decide_by_other(problem: Problem, data: bytes) -> Files:
    """The called decision is in the set."""
    root = etree.fromstring(data)
    element = found(root, problem)
    called = extensions(element).find(Z + "calledDecision")
    if called is None:
        called = etree.SubElement(extensions(element), Z + "calledDecision", decisionId="other", resultVariable="r")
    return {problem.file: etree.tostring(root), "other.dmn": TABLE.replace("{id}", called.get("decisionId", "")).encode()}


RAW: Mapping[tuple[str, str], Callable[[bytes], bytes]] = {
    ("doctype", "remove the <!DOCTYPE …>"): without_doctype,
    ("encoding", "save the file as UTF-8"): as_utf8,
    ("xml", "remove it"): lambda data: data.replace(b"\0", b""),
    ("xml", "save it again from the modeler"): lambda data: PLAIN,
    ("root", "save the file as BPMN 2.0 XML"): lambda data: PLAIN,
    ("depth", "use call activities instead of nesting"): lambda data: PLAIN,
    ("size", "split the diagram"): lambda data: PLAIN,
    ("elements", "split the diagram into called processes"): lambda data: PLAIN,
}

NEEDS_A_PERSON = {
    ("xml", "save it again from the modeler"): "what a broken file said is lost",
    ("root", "save the file as BPMN 2.0 XML"): "what another format said is not known",
    ("depth", "use call activities instead of nesting"): "where to cut is a person's choice",
    ("size", "split the diagram"): "where to cut is a person's choice",
    ("elements", "split the diagram into called processes"): "where to cut is a person's choice",
    ("expression", "correct the FEEL expression"): "what was meant is not known: any right expression is put there",
    ("timer", "write an ISO 8601 text or = FEEL"): "what was meant is not known: any right time is put there",
}
"""Carried out with the plainest thing that the remedy allows."""

ADDS: Mapping[tuple[str, str], Callable[[Problem, bytes], Files]] = {
    ("call", "add its file, or mend the id"): call_other,
    ("call", "set the called process id"): call_other,
    ("decision", "add its file, or mend the id"): decide_by_other,
    ("decision", "set the called decision"): decide_by_other,
}

REMEDIES: Mapping[tuple[str, str], Mend] = {
    ("attribute", "a reader of the diagram cannot see it, so nobody would know why it waits; use gateways"): without_attributes("startQuantity", "completionQuantity"),
    ("boundary", "attach it to a task or sub-process"): attach,
    ("boundary", "use a transaction"): as_transaction,
    ("compensation", "remove its flows or the mark"): without_attributes("isForCompensation"),
    ("correlation", "set the subscription correlation key of the message"): correlate,
    ("default", "choose one of its own outgoing flows"): choose_default,
    ("duplicate_id", "give each its own id"): own_id,
    ("empty_process", "draw at least a start event"): on_found(lambda process: etree.SubElement(process, B + "startEvent", id="drawn")),
    ("event_gateway", "put a catch event there"): catch_behind,
    ("event_sub_process", "give it a message, signal, timer, error, …"): give_trigger_inside,
    ("event_sub_process", "remove the flows"): on_found(lambda element: remove_flows(element, "sourceRef", "targetRef")),
    ("expression", "correct the FEEL expression"): in_feel,
    ("expression", "use a function of FEEL"): in_feel,
    ("expression", "write a FEEL expression after ="): in_feel,
    ("expression", "write FEEL after a leading ="): in_feel,
    ("extension", "remove it"): remove_named_extension,
    ("flow", "connect both its ends"): connect,
    ("flow", "connect it inside one scope"): connect,
    ("flow", "end there, or use another element"): on_found(lambda element: remove_flows(element, "sourceRef")),
    ("flow", "lead the flow elsewhere"): remove_named_flow,
    ("gateway", "connect it or remove it"): on_found(remove),
    ("id_length", "shorten it"): shorten,
    ("language", "write it in FEEL after a leading ="): in_feel,
    ("language", "write it in FEEL as zeebe:script"): with_script,
    ("link", "draw one"): draw_link,
    ("link", "leave one"): unlink,
    ("loop", "set the input collection"): collection,
    ("no_id", "give it an id"): set_attribute("id", "given"),
    ("no_process", "draw a process, or leave the file out"): draw_process,
    ("not_executable", "set isExecutable to true"): set_attribute("isExecutable", "true"),
    ("not_run", "remove it: its activation rule is a count that no picture shows; an inclusive or parallel gateway says it"): on_found(remove),
    ("reference", "choose the error"): choose("error"),
    ("reference", "choose an error"): choose("error"),
    ("reference", "choose the message"): choose("message"),
    ("reference", "choose the signal"): choose("signal"),
    ("start", "leave exactly one"): remove_extra_starts,
    ("start", "leave exactly one without a trigger"): on_found(remove),
    ("start", "use a plain start event"): plain_start,
    ("timer", "give it one date, duration or cycle"): on_found(give_timer),
    ("timer", "use a duration or a date"): on_found(give_timer),
    ("timer", "write an ISO 8601 text or = FEEL"): on_found(give_timer),
    ("topic", "set the task definition type"): on_found(lambda element: etree.SubElement(extensions(element), Z + "taskDefinition", type="kit.echo")),
    ("trigger", "give it a message, signal, timer, …"): on_found(give_timer),
    ("unknown_element", "remove it or draw it otherwise"): on_found(remove),
}
