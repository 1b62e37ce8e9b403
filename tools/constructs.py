"""One small diagram for each construct of the language: an element in its place, an event with its trigger, an attribute that says something.

They show what the kernel makes of a construct (`language_reference.py`) and what Camunda Modeler's linter says of it
(`pictures/answers.mjs`). Keys: `element`, `element@attribute=value`, `trigger › place`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.kernel.vocabulary import ELEMENTS

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d" targetNamespace="urn:d" modeler:executionPlatform="Camunda Cloud" '
    'modeler:executionPlatformVersion="8.8.0">'
)
START, END = '<bpmn:startEvent id="s"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>', '<bpmn:endEvent id="e"><bpmn:incoming>f2</bpmn:incoming></bpmn:endEvent>'
_T, _T2 = 'id="t"', 'id="t2"'
ROOTS = (
    '<bpmn:message id="m" name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:signal id="sig" name="sig"/><bpmn:error id="err" name="err" errorCode="E"/><bpmn:escalation id="esc" name="esc" escalationCode="L"/>'
)
TRIGGERS: Mapping[str, str] = {
    "none": "",
    "message": '<bpmn:messageEventDefinition id="t" messageRef="m"/>',
    "signal": '<bpmn:signalEventDefinition id="t" signalRef="sig"/>',
    "timer date": '<bpmn:timerEventDefinition id="t"><bpmn:timeDate>2030-01-01T00:00:00Z</bpmn:timeDate></bpmn:timerEventDefinition>',
    "timer duration": '<bpmn:timerEventDefinition id="t"><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>',
    "timer cycle": '<bpmn:timerEventDefinition id="t"><bpmn:timeCycle>R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition>',
    "conditional": '<bpmn:conditionalEventDefinition id="t"><bpmn:condition>=x &gt; 1</bpmn:condition></bpmn:conditionalEventDefinition>',
    "error": '<bpmn:errorEventDefinition id="t" errorRef="err"/>',
    "escalation": '<bpmn:escalationEventDefinition id="t" escalationRef="esc"/>',
    "compensation": '<bpmn:compensateEventDefinition id="t"/>',
    "cancel": '<bpmn:cancelEventDefinition id="t"/>',
    "terminate": '<bpmn:terminateEventDefinition id="t"/>',
    "link": '<bpmn:linkEventDefinition id="t" name="L"/>',
    "multiple": '<bpmn:messageEventDefinition id="t" messageRef="m"/><bpmn:signalEventDefinition id="t2" signalRef="sig"/>',
    "parallel multiple": '<bpmn:messageEventDefinition id="t" messageRef="m"/><bpmn:signalEventDefinition id="t2" signalRef="sig"/>',
}
PLACES = (
    "start of a process", "start of an event sub-process", "the same, not interrupting", "intermediate catch", "intermediate throw", "boundary",
    "boundary, not interrupting", "end",
)  # fmt: skip


def file(process: str, roots: str = "", beside: str = "") -> str:
    """A file of one executable process."""
    return f'{HEAD}{ROOTS}{roots}<bpmn:process id="p" isExecutable="true">{process}</bpmn:process>{beside}</bpmn:definitions>'


def in_line(middle: str, roots: str = "", beside: str = "", more: str = "", node: str = "x") -> str:
    """Start, the element, end."""
    flows = f'<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="{node}"/><bpmn:sequenceFlow id="f2" sourceRef="{node}" targetRef="e"/>'
    return file(f"{START}{middle}{END}{flows}{more}", roots, beside)


def element(tag: str, inside: str = "", extended: str = "", attributes: str = "", node: str = "x") -> str:
    """An element with its flows written in, as Modeler writes them."""
    extension = f"<bpmn:extensionElements>{extended}</bpmn:extensionElements>" if extended else ""
    ends = "<bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>"
    return f'<bpmn:{tag} id="{node}" {attributes}>{extension}{ends}{inside}</bpmn:{tag}>'


USER = '<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="g"/><zeebe:formDefinition formId="f"/>'
TASKS: Mapping[str, str] = {
    "task": "", "manualTask": "", "userTask": USER,
    "serviceTask": '<zeebe:taskDefinition type="t"/>', "sendTask": '<zeebe:taskDefinition type="t"/>',
    "scriptTask": '<zeebe:script expression="=1" resultVariable="r"/>', "businessRuleTask": '<zeebe:taskDefinition type="t"/>',
}  # fmt: skip
INNER = (
    '<bpmn:startEvent id="is"><bpmn:outgoing>if</bpmn:outgoing></bpmn:startEvent><bpmn:endEvent id="ie"><bpmn:incoming>if</bpmn:incoming></bpmn:endEvent>'
    '<bpmn:sequenceFlow id="if" sourceRef="is" targetRef="ie"/>'
)
MANY = (
    '<bpmn:multiInstanceLoopCharacteristics id="l" {attributes}><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1]"/>'
    "</bpmn:extensionElements>{inside}</bpmn:multiInstanceLoopCharacteristics>"
)
CONDITIONAL = (
    '<bpmn:sequenceFlow id="f3" sourceRef="{}" targetRef="e"><bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:type="bpmn:tFormalExpression">=y</bpmn:conditionExpression></bpmn:sequenceFlow>'
)
CALLED = '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="qs"/></bpmn:process>'


def constructs() -> dict[str, str]:
    """Every model, by its key."""
    found = dict(_elements())
    found |= {f"{trigger} › {place}": model for trigger in TRIGGERS for place in PLACES if (model := event(trigger, place))}
    found |= dict(_attributes())
    return found


def _elements() -> Iterator[tuple[str, str]]:
    for tag, extended in TASKS.items():
        yield tag, in_line(element(tag, "", extended))
    yield "sendTask, naming nothing", in_line(element("sendTask"))
    yield "process, with nothing to begin with", file(
        '<bpmn:task id="a"/><bpmn:task id="b"/><bpmn:sequenceFlow id="f1" sourceRef="a" targetRef="b"/><bpmn:sequenceFlow id="f2" sourceRef="b" targetRef="a"/>'
    )
    yield "parallelGateway, with conditions", in_line(element("parallelGateway"), more=CONDITIONAL.format("x"))
    yield "eventBasedGateway, with conditions", _event_based("").replace("</bpmn:process>", CONDITIONAL.format("x").replace('targetRef="e"', 'targetRef="c1"') + "</bpmn:process>")
    yield "throw event, naming nothing", in_line(element("intermediateThrowEvent", "<bpmn:messageEventDefinition/>"))
    yield "end event, naming nothing", in_line(element("task")).replace("</bpmn:endEvent>", "<bpmn:messageEventDefinition/></bpmn:endEvent>")
    yield "receiveTask", in_line(element("receiveTask", attributes='messageRef="m"'))
    yield "subProcess", in_line(element("subProcess", INNER))
    yield "transaction", in_line(element("transaction", INNER))
    yield "adHocSubProcess", in_line(element("adHocSubProcess", '<bpmn:task id="a"/>'))
    yield "callActivity", in_line(element("callActivity", "", '<zeebe:calledElement processId="q"/>'), beside=CALLED)
    for tag in ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway"):
        yield tag, in_line(element(tag))
    yield "eventBasedGateway", _event_based("")
    yield from _on_every_activity()
    yield from _inside_a_task()
    yield from _inside_a_process()
    yield from _beside()
    yield from _of_flows_and_events()


def _on_every_activity() -> Iterator[tuple[str, str]]:
    """Markers and conditional flows, on each kind of activity."""
    kinds = {tag: ("", extended) for tag, extended in TASKS.items()} | {"subProcess": (INNER, ""), "callActivity": ("", '<zeebe:calledElement processId="q"/>')}
    for tag, (inside, extended) in kinds.items():
        for marker in (
            '<bpmn:standardLoopCharacteristics id="l" loopMaximum="3"/>',
            '<bpmn:multiInstanceLoopCharacteristics id="l"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>',
        ):
            name = "standard loop" if "standard" in marker else "cardinality"
            yield f"{tag} › {name}", in_line(element(tag, marker + inside, extended), beside=CALLED)
        yield f"{tag} › conditional flow", in_line(element(tag, inside, extended), beside=CALLED, more=CONDITIONAL.format("x"))


def _inside_a_task() -> Iterator[tuple[str, str]]:
    def user(inside: str) -> str:
        return in_line(element("userTask", inside, USER))

    yield "standardLoopCharacteristics", user('<bpmn:standardLoopCharacteristics id="l" loopMaximum="3"/>')
    yield "loopCondition", user('<bpmn:standardLoopCharacteristics id="l"><bpmn:loopCondition>=x</bpmn:loopCondition></bpmn:standardLoopCharacteristics>')
    yield "multiInstanceLoopCharacteristics", user(MANY.format(attributes="", inside=""))
    yield "completionCondition", user(MANY.format(attributes="", inside="<bpmn:completionCondition>=x</bpmn:completionCondition>"))
    yield "multiInstanceLoopCharacteristics, naming nothing", user('<bpmn:multiInstanceLoopCharacteristics id="l"/>')
    number = '<bpmn:multiInstanceLoopCharacteristics id="l"><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>'
    yield "loopCardinality", user(number)
    for tag, inside in {
        "loopDataInputRef": "<bpmn:loopDataInputRef>i</bpmn:loopDataInputRef>", "loopDataOutputRef": "<bpmn:loopDataOutputRef>o</bpmn:loopDataOutputRef>",
        "inputDataItem": '<bpmn:inputDataItem id="i"/>', "outputDataItem": '<bpmn:outputDataItem id="o"/>',
        "complexBehaviorDefinition": '<bpmn:complexBehaviorDefinition id="c"><bpmn:condition>=x</bpmn:condition></bpmn:complexBehaviorDefinition>',
        "implicitThrowEvent": '<bpmn:complexBehaviorDefinition id="c"><bpmn:condition>=x</bpmn:condition><bpmn:event id="v"/></bpmn:complexBehaviorDefinition>',
    }.items():  # fmt: skip
        yield tag, user(MANY.format(attributes="", inside=inside))
    data = '<bpmn:dataInputAssociation id="a"><bpmn:targetRef>i</bpmn:targetRef>{}</bpmn:dataInputAssociation>'
    out = '<bpmn:dataOutputAssociation id="a"><bpmn:targetRef>i</bpmn:targetRef></bpmn:dataOutputAssociation>'
    need = '<bpmn:ioSpecification id="io"><bpmn:dataInput id="i"/><bpmn:dataOutput id="o"/><bpmn:inputSet id="n"/><bpmn:outputSet id="u"/></bpmn:ioSpecification>'
    owner = '<bpmn:potentialOwner id="r">{}</bpmn:potentialOwner>'
    for tag, inside in {
        **dict.fromkeys(("ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet"), need),
        "dataInputAssociation": data.format(""), "dataOutputAssociation": out, "transformation": data.format("<bpmn:transformation>x</bpmn:transformation>"),
        "assignment": data.format('<bpmn:assignment id="g"><bpmn:from>x</bpmn:from><bpmn:to>y</bpmn:to></bpmn:assignment>'),
        "property": '<bpmn:property id="y" name="y"/>', "rendering": '<bpmn:rendering id="y"/>', "documentation": "<bpmn:documentation>x</bpmn:documentation>",
        "auditing": '<bpmn:auditing id="y"/>', "monitoring": '<bpmn:monitoring id="y"/>', "categoryValueRef": "<bpmn:categoryValueRef>c</bpmn:categoryValueRef>",
        "potentialOwner": owner.format(""), "resourceRef": owner.format("<bpmn:resourceRef>r</bpmn:resourceRef>"),
        "resourceParameterBinding": owner.format('<bpmn:resourceRef>r</bpmn:resourceRef><bpmn:resourceParameterBinding id="b" parameterRef="z"/>'),
        "resourceAssignmentExpression": owner.format(
            '<bpmn:resourceAssignmentExpression id="v"><bpmn:formalExpression>x</bpmn:formalExpression></bpmn:resourceAssignmentExpression>'
        ),
        "resourceRole": '<bpmn:resourceRole id="r"/>', "performer": '<bpmn:performer id="r"/>', "humanPerformer": '<bpmn:humanPerformer id="r"/>',
        "incoming": "", "outgoing": "", "extensionElements": "",
    }.items():  # fmt: skip
        yield tag, user(inside)
    yield "script", in_line(element("scriptTask", "<bpmn:script>x</bpmn:script>", TASKS["scriptTask"]))
    yield "operationRef", in_line(element("intermediateCatchEvent", TRIGGERS["message"].replace("/>", "><bpmn:operationRef>o</bpmn:operationRef></bpmn:messageEventDefinition>")))


def _inside_a_process() -> Iterator[tuple[str, str]]:
    task = element("task")
    lane = '<bpmn:laneSet id="ls"><bpmn:lane id="la"><bpmn:flowNodeRef>x</bpmn:flowNodeRef>{}</bpmn:lane></bpmn:laneSet>'
    subscribed = '<bpmn:correlationSubscription id="cs" correlationKeyRef="k">{}</bpmn:correlationSubscription>'
    for tag, more in {
        "laneSet": lane.format(""), "lane": lane.format(""), "flowNodeRef": lane.format(""), "childLaneSet": lane.format('<bpmn:childLaneSet id="c2"/>'),
        "partitionElement": lane.format('<bpmn:partitionElement id="c2"/>'),
        "textAnnotation": '<bpmn:textAnnotation id="n"><bpmn:text>x</bpmn:text></bpmn:textAnnotation>',
        "text": '<bpmn:textAnnotation id="n"><bpmn:text>x</bpmn:text></bpmn:textAnnotation>',
        "group": '<bpmn:group id="n"/>', "artifact": '<bpmn:artifact id="n"/>',
        "association": '<bpmn:textAnnotation id="n"/><bpmn:association id="n2" sourceRef="x" targetRef="n"/>',
        "dataObject": '<bpmn:dataObject id="o"/>', "dataState": '<bpmn:dataObject id="o"><bpmn:dataState id="w"/></bpmn:dataObject>',
        "dataObjectReference": '<bpmn:dataObject id="o"/><bpmn:dataObjectReference id="n" dataObjectRef="o"/>',
        "dataStoreReference": '<bpmn:dataStoreReference id="n"/>',
        "correlationSubscription": subscribed.format(""),
        "correlationPropertyBinding": subscribed.format('<bpmn:correlationPropertyBinding id="cb"><bpmn:dataPath>x</bpmn:dataPath></bpmn:correlationPropertyBinding>'),
        "supports": "<bpmn:supports>p</bpmn:supports>", "supportedInterfaceRef": "<bpmn:supportedInterfaceRef>i</bpmn:supportedInterfaceRef>",
        "ioBinding": '<bpmn:ioBinding id="b" operationRef="o"/>',
        "choreographyTask": '<bpmn:choreographyTask id="ct"/>', "subChoreography": '<bpmn:subChoreography id="ct"/>', "callChoreography": '<bpmn:callChoreography id="ct"/>',
    }.items():  # fmt: skip
        yield tag, in_line(task, more=more)


def _beside() -> Iterator[tuple[str, str]]:
    task = element("task")
    talk = '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"/><bpmn:participant id="pb"/>{}</bpmn:collaboration>'
    face = '<bpmn:interface id="i" name="i"><bpmn:operation id="o" name="o"/></bpmn:interface>'
    many = '<bpmn:collaboration id="c"><bpmn:participant id="pa" processRef="p"><bpmn:participantMultiplicity id="pm"/></bpmn:participant></bpmn:collaboration>'
    retrieved = (
        '<bpmn:correlationProperty id="cp"><bpmn:correlationPropertyRetrievalExpression id="ce" messageRef="m"><bpmn:messagePath>x</bpmn:messagePath>'
        "</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
    )
    for tag, roots in {
        "definitions": "", "process": "", "message": "", "signal": "", "error": "", "escalation": "",
        "import": '<bpmn:import importType="t" location="l" namespace="n"/>', "extension": "<bpmn:extension/>", "relationship": '<bpmn:relationship id="r" type="t"/>',
        "itemDefinition": '<bpmn:itemDefinition id="i"/>', "dataStore": '<bpmn:dataStore id="ds"/>', "category": '<bpmn:category id="c"/>',
        "categoryValue": '<bpmn:category id="c"><bpmn:categoryValue id="v"/></bpmn:category>', "interface": face, "operation": face, "endPoint": '<bpmn:endPoint id="ep"/>',
        "resource": '<bpmn:resource id="r"/>', "resourceParameter": '<bpmn:resource id="r"><bpmn:resourceParameter id="z"/></bpmn:resource>',
        "partnerEntity": '<bpmn:partnerEntity id="pe"/>', "partnerRole": '<bpmn:partnerRole id="pe"/>',
        "correlationProperty": '<bpmn:correlationProperty id="cp"/>', "correlationPropertyRetrievalExpression": retrieved,
        "collaboration": talk.format(""), "participant": talk.format(""), "participantMultiplicity": many,
        "messageFlow": talk.format('<bpmn:messageFlow id="mf" sourceRef="x" targetRef="pb"/>'),
        "messageFlowAssociation": talk.format('<bpmn:messageFlowAssociation id="ma" innerMessageFlowRef="a" outerMessageFlowRef="b"/>'),
        "participantAssociation": talk.format('<bpmn:participantAssociation id="qa"/>'), "correlationKey": talk.format('<bpmn:correlationKey id="ck"/>'),
        "conversation": talk.format('<bpmn:conversation id="cv"/>'), "subConversation": talk.format('<bpmn:subConversation id="cv"/>'),
        "callConversation": talk.format('<bpmn:callConversation id="cv"/>'), "conversationLink": talk.format('<bpmn:conversationLink id="cl" sourceRef="pa" targetRef="pb"/>'),
        "conversationAssociation": talk.format('<bpmn:conversationAssociation id="ca" innerConversationNodeRef="a" outerConversationNodeRef="b"/>'),
        "globalConversation": '<bpmn:globalConversation id="gc"/>', "choreography": '<bpmn:choreography id="ch"/>',
        "globalChoreographyTask": '<bpmn:globalChoreographyTask id="gt"/>',
        **{tag: f'<bpmn:{tag} id="gt"/>' for tag in ELEMENTS if tag.startswith("global") and tag.endswith("Task") and "Choreography" not in tag},
    }.items():  # fmt: skip
        yield tag, in_line(task, roots)


def _of_flows_and_events() -> Iterator[tuple[str, str]]:
    yield "sequenceFlow", in_line(element("task"))
    yield "conditionExpression", in_line(element("exclusiveGateway", attributes='default="f2"'), more=CONDITIONAL.format("x"))
    yield "activationCondition", in_line(element("complexGateway", "<bpmn:activationCondition>=x</bpmn:activationCondition>"))
    for tag, key in {
        "startEvent": "none › start of a process", "endEvent": "none › end", "intermediateCatchEvent": "message › intermediate catch",
        "intermediateThrowEvent": "none › intermediate throw", "boundaryEvent": "message › boundary", "messageEventDefinition": "message › intermediate catch",
        "signalEventDefinition": "signal › intermediate catch", "timerEventDefinition": "timer duration › intermediate catch", "timeDate": "timer date › intermediate catch",
        "timeDuration": "timer duration › intermediate catch", "timeCycle": "timer cycle › boundary, not interrupting",
        "conditionalEventDefinition": "conditional › boundary", "condition": "conditional › boundary", "errorEventDefinition": "error › end",
        "escalationEventDefinition": "escalation › end", "compensateEventDefinition": "compensation › intermediate throw", "cancelEventDefinition": "cancel › boundary",
        "terminateEventDefinition": "terminate › end", "linkEventDefinition": "link › intermediate catch",
    }.items():  # fmt: skip
        trigger, _, place = key.partition(" › ")
        yield tag, event(trigger, place)
    shared = '<bpmn:messageEventDefinition id="shared" messageRef="m"/>'
    yield "eventDefinitionRef", in_line(element("intermediateCatchEvent", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"), shared)


def _event_based(attributes: str) -> str:
    gateway = f'<bpmn:eventBasedGateway id="x" {attributes}><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>g1</bpmn:outgoing><bpmn:outgoing>g2</bpmn:outgoing></bpmn:eventBasedGateway>'
    catches = (
        f'<bpmn:intermediateCatchEvent id="c1"><bpmn:incoming>g1</bpmn:incoming>{TRIGGERS["message"]}</bpmn:intermediateCatchEvent>'
        f'<bpmn:intermediateCatchEvent id="c2"><bpmn:incoming>g2</bpmn:incoming>{TRIGGERS["signal"].replace(_T, _T2)}</bpmn:intermediateCatchEvent>'
    )
    flows = '<bpmn:sequenceFlow id="g1" sourceRef="x" targetRef="c1"/><bpmn:sequenceFlow id="g2" sourceRef="x" targetRef="c2"/>'
    if "instantiate" in attributes:
        return file(gateway.replace("<bpmn:incoming>f1</bpmn:incoming>", "") + catches + flows)
    return file(f'{START}{gateway}{catches}{flows}<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/>')


def event(trigger: str, place: str) -> str:
    """The model of an event with a trigger at a place; empty where BPMN knows no such thing to draw."""
    inside = TRIGGERS[trigger]
    attributes = 'parallelMultiple="true"' if trigger == "parallel multiple" else ""
    if place == "start of a process":
        start = START.replace(' id="s"', f' id="s" {attributes}').replace("</bpmn:startEvent>", f"{inside}</bpmn:startEvent>")
        return file(f'{start}{END.replace("f2", "f1")}<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>')
    if place in ("start of an event sub-process", "the same, not interrupting"):
        start = f'<bpmn:startEvent id="qs" {attributes} isInterrupting="{"false" if "not" in place else "true"}"><bpmn:outgoing>qf</bpmn:outgoing>{inside}</bpmn:startEvent>'
        ends = '<bpmn:endEvent id="qe"><bpmn:incoming>qf</bpmn:incoming></bpmn:endEvent><bpmn:sequenceFlow id="qf" sourceRef="qs" targetRef="qe"/>'
        listener = f'<bpmn:subProcess id="q" triggeredByEvent="true">{start}{ends}</bpmn:subProcess>'
        return in_line(element("subProcess", INNER + listener))
    if place.startswith("boundary"):
        return _boundary(trigger, inside, f'{attributes} cancelActivity="{"false" if "not" in place else "true"}"')
    if place == "end":
        last = END.replace(' id="e"', f' id="e" {attributes}').replace("</bpmn:endEvent>", f"{inside}</bpmn:endEvent>")
        if trigger == "cancel":
            boundary = '<bpmn:boundaryEvent id="b" attachedToRef="x"><bpmn:cancelEventDefinition id="bt"/></bpmn:boundaryEvent>'
            return in_line(element("transaction", INNER.replace("</bpmn:incoming></bpmn:endEvent>", f"</bpmn:incoming>{inside}</bpmn:endEvent>")), more=boundary)
        return file(f'{START}{last.replace("f2", "f1")}<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="e"/>')
    tag = "intermediateCatchEvent" if place == "intermediate catch" else "intermediateThrowEvent"
    if trigger == "link":
        both = (
            f'<bpmn:intermediateThrowEvent id="x"><bpmn:incoming>f1</bpmn:incoming>{inside}</bpmn:intermediateThrowEvent>'
            f'<bpmn:intermediateCatchEvent id="y"><bpmn:outgoing>f2</bpmn:outgoing>{inside.replace(_T, _T2)}</bpmn:intermediateCatchEvent>'
        )
        flows = '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/><bpmn:sequenceFlow id="f2" sourceRef="y" targetRef="e"/>'
        return file(f"{START}{both}{END}{flows}")
    return in_line(element(tag, inside, attributes=attributes))


def _boundary(trigger: str, inside: str, attributes: str) -> str:
    host = element("transaction" if trigger == "cancel" else "subProcess", INNER)
    if trigger == "compensation":
        undo = '<bpmn:task id="h" isForCompensation="true"/><bpmn:association id="ha" sourceRef="b" targetRef="h" associationDirection="One"/>'
        return in_line(host, more=f'<bpmn:boundaryEvent id="b" attachedToRef="x" {attributes}>{inside}</bpmn:boundaryEvent>{undo}')
    way = '<bpmn:endEvent id="be"><bpmn:incoming>bf</bpmn:incoming></bpmn:endEvent><bpmn:sequenceFlow id="bf" sourceRef="b" targetRef="be"/>'
    return in_line(host, more=f'<bpmn:boundaryEvent id="b" attachedToRef="x" {attributes}><bpmn:outgoing>bf</bpmn:outgoing>{inside}</bpmn:boundaryEvent>{way}')


def _attributes() -> Iterator[tuple[str, str]]:
    """Attributes whose value changes what happens, or would."""
    task = element("task", attributes="{}")
    for name, value in (("startQuantity", "2"), ("completionQuantity", "2")):
        yield f"task@{name}={value}", in_line(task.format(f'{name}="{value}"'))
    yield "task@isForCompensation=true", event("compensation", "boundary")
    yield "task@default=", in_line(element("task", attributes='default="f2"'), more=CONDITIONAL.format("x"))
    yield "userTask@implementation=x", in_line(element("userTask", "", USER, 'implementation="x"'))
    yield "serviceTask@operationRef=o", in_line(element("serviceTask", "", TASKS["serviceTask"], 'operationRef="o"'))
    yield "sendTask@messageRef=m", in_line(element("sendTask", attributes='messageRef="m"'))
    receive = '<bpmn:receiveTask id="x" messageRef="m" instantiate="true"><bpmn:outgoing>f2</bpmn:outgoing></bpmn:receiveTask>'
    yield "receiveTask@instantiate=true", file(f'{receive}{END}<bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="e"/>')
    yield "scriptTask@scriptFormat=javascript", in_line(element("scriptTask", "", TASKS["scriptTask"], 'scriptFormat="javascript"'))
    yield "transaction@method=##Store", in_line(element("transaction", INNER, attributes='method="##Store"'))
    for value in ("Parallel", "Sequential"):
        yield f"adHocSubProcess@ordering={value}", in_line(element("adHocSubProcess", '<bpmn:task id="a"/>', attributes=f'ordering="{value}"'))
    yield "adHocSubProcess@cancelRemainingInstances=false", in_line(element("adHocSubProcess", '<bpmn:task id="a"/>', attributes='cancelRemainingInstances="false"'))
    yield "standardLoopCharacteristics@testBefore=true", in_line(element("userTask", '<bpmn:standardLoopCharacteristics id="l" testBefore="true" loopMaximum="3"/>', USER))
    for attributes in ('isSequential="true"', 'behavior="None"', 'oneBehaviorEventRef="t"', 'noneBehaviorEventRef="t"'):
        yield f"multiInstanceLoopCharacteristics@{attributes.replace(chr(34), '')}", in_line(element("userTask", MANY.format(attributes=attributes, inside=""), USER))
    yield "sequenceFlow@isImmediate=false", in_line(element("task")).replace('<bpmn:sequenceFlow id="f1"', '<bpmn:sequenceFlow isImmediate="false" id="f1"')
    yield "conditionExpression@language=python", dict(_of_flows_and_events())["conditionExpression"].replace("xsi:type=", 'language="python" xsi:type=')
    yield "eventBasedGateway@instantiate=true", _event_based('instantiate="true"')
    yield "eventBasedGateway@eventGatewayType=Parallel", _event_based('instantiate="true" eventGatewayType="Parallel"')
    for attributes in ('waitForCompletion="false"', 'activityRef="x"'):
        throw = f'<bpmn:endEvent id="e"><bpmn:incoming>f2</bpmn:incoming><bpmn:compensateEventDefinition id="t" {attributes}/></bpmn:endEvent>'
        yield f"compensateEventDefinition@{attributes.replace(chr(34), '')}", in_line(element("task")).replace(END, throw)
    late = '<bpmn:compensateEventDefinition id="t" waitForCompletion="false"/>'
    yield "compensateEventDefinition@waitForCompletion=false in between", in_line(element("intermediateThrowEvent", late))
    yield "extension@mustUnderstand=true", in_line(element("task"), '<bpmn:extension mustUnderstand="true"/>')
    yield "process@isExecutable=false", in_line(element("task")).replace('isExecutable="true"', 'isExecutable="false"')
