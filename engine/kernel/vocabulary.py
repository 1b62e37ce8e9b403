"""Every element and attribute of BPMN 2.0 and of `zeebe:`, and what the kernel makes of each. The one list; checks and reference read it.

*Runs*: a token or its data meets it as the standard says. *Drawn*: it says something to people and nothing to a token. *Ignored*: it
would say something to a token, but not here; there is a warning. *Refused*: nothing that has it is run. Where a thing runs in one
place and not in another, the checks of that place say so; here stands the best that can come of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Verdict: TypeAlias = Literal["runs", "drawn", "ignored", "refused"]

BOOLEAN: Final = ("true", "false", "1", "0")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: its verdict, what it does or why it does not, and where only some values are known: those. `quiet`: values that
    change nothing and need no warning."""

    verdict: Verdict
    says: str = ""
    values: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """An element: its family in the reference, its verdict, what it does or why it does not, the section of BPMN 2.0.2."""

    family: str
    verdict: Verdict
    says: str
    section: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def _runs(says: str = "", *values: str) -> Attribute:
    return Attribute("runs", says, values)


def _drawn(says: str = "", *values: str) -> Attribute:
    return Attribute("drawn", says, values)


def _ignored(says: str, *quiet: str) -> Attribute:
    return Attribute("ignored", says, quiet=quiet)


def _refused(says: str, *quiet: str) -> Attribute:
    return Attribute("refused", says, quiet=quiet)


_NAMED = {"id": _runs("names it in history, incidents and problems"), "name": _drawn("shown to people")}
_QUANTITY = "a reader of the diagram cannot see it, so nobody would know why it waits; use gateways"
_ACTIVITY = {
    **_NAMED,
    "isForCompensation": _runs("the activity runs only to undo another (10.7)", *BOOLEAN),
    "startQuantity": _refused(_QUANTITY, "1"),
    "completionQuantity": _refused(_QUANTITY, "1"),
    "default": _runs("the flow that is taken when no condition is true (13.3.1)"),
}
_CALLED_BY = {"implementation": _ignored("what does it is named by `zeebe:taskDefinition`", "##WebService", "##unspecified", "##Other", "")}
_OPERATION = {"operationRef": _ignored("what does it is named by `zeebe:taskDefinition`")}
_MESSAGE = {"messageRef": _runs("the message that is sent or waited for")}
_EVENT = {**_NAMED}
_CATCH = {**_EVENT, "parallelMultiple": _runs("waits until each of its triggers has happened (10.5.5)", *BOOLEAN)}
_DIRECTION = {"gatewayDirection": _drawn("what the flows show anyway", "Unspecified", "Converging", "Diverging", "Mixed")}
_GATEWAY = {**_NAMED, **_DIRECTION}
_CHOICE = {**_GATEWAY, "default": _runs("the flow that is taken when no condition is true")}
_SUB_PROCESS = {**_ACTIVITY, "triggeredByEvent": _runs("makes it an event sub-process (13.5.4)", *BOOLEAN)}
_NEVER_BY_EVENT = {"triggeredByEvent": Attribute("refused", "only a plain sub-process begins by an event", quiet=("false", "0"))}
_ITEM = {**_NAMED, "itemSubjectRef": _drawn(), "isCollection": _drawn("", *BOOLEAN)}
_ID = {"id": _drawn()}
_DATA = "values are variables, moved by `zeebe:ioMapping`"
_PEOPLE = "who may do a task is said by `zeebe:assignmentDefinition`"
_CORRELATION = "a message finds its instance by `zeebe:subscription`"
_CHOREOGRAPHY = "a choreography is an agreement between processes, and no process; draw each party's own"
_CONVERSATION = "an overview of who talks with whom"
_GLOBAL = "Camunda Modeler cannot show it, so a reader would not see what is called; call a process instead"
_CALLED = "text or FEEL after =; without one it is called by its id, with a warning"
_SERVICE = "what does a task is named by `zeebe:taskDefinition`"

ELEMENTS: Final[Mapping[str, Word]] = {
    # ------------------------------------------------------------------ files and processes
    "definitions": Word("Files and processes", "runs", "the root of a file", "8.1", {
        **_NAMED, "targetNamespace": _drawn(), "exporter": _drawn(), "exporterVersion": _drawn(), "typeLanguage": _drawn(),
        "expressionLanguage": _drawn("expressions are FEEL after a leading ="),
    }),
    "process": Word("Files and processes", "runs", "a process that can be started or called", "10.2", {
        **_NAMED, "isExecutable": _runs("only a process that says true is run; another beside it is a drawing", *BOOLEAN),
        "processType": _drawn("", "None", "Public", "Private"), "isClosed": _drawn("", *BOOLEAN), "definitionalCollaborationRef": _drawn(),
    }),
    "import": Word("Files and processes", "drawn", "nothing is fetched; the files of a deployment are given together", "8.2.1", {"importType": _drawn(), "location": _drawn(), "namespace": _drawn()}),
    "extension": Word("Files and processes", "drawn", "announces extension elements; one that must be understood is refused", "8.2.3", {
        "definition": _drawn(), "mustUnderstand": _refused("nothing but `zeebe:` is understood", "false", "0"),
    }),
    "extensionElements": Word("Files and processes", "runs", "`zeebe:` elements; those of other makers are drawings", "8.2.3"),
    "documentation": Word("Files and processes", "drawn", "a text for people", "8.3.1", {"id": _drawn(), "textFormat": _drawn()}),
    "relationship": Word("Files and processes", "drawn", "links elements of several files for people", "8.2.5", {"id": _drawn(), "type": _drawn(), "direction": _drawn("", "None", "Forward", "Backward", "Both")}),
    "supports": Word("Files and processes", "drawn", "which other process it conforms to", "10.2"),
    "supportedInterfaceRef": Word("Files and processes", "ignored", _SERVICE, "8.5"),
    "auditing": Word("Files and processes", "ignored", "history records everything anyway", "10.10", _ID),
    "monitoring": Word("Files and processes", "ignored", "history records everything anyway", "10.11", _ID),
    # ------------------------------------------------------------------ tasks
    "task": Word("Tasks", "runs", "passes straight through", "13.3.3", _ACTIVITY),
    "manualTask": Word("Tasks", "runs", "done outside; passes straight through", "13.3.3", _ACTIVITY),
    "userTask": Word("Tasks", "runs", "opens a work item and waits until it is completed", "13.3.3", {**_ACTIVITY, **_CALLED_BY}),
    "serviceTask": Word("Tasks", "runs", "calls the handler of its topic, or waits for an effect", "13.3.3", {**_ACTIVITY, **_CALLED_BY, **_OPERATION}),
    "sendTask": Word("Tasks", "runs", "throws its message, or calls the handler of its topic", "13.3.3", {**_ACTIVITY, **_CALLED_BY, **_OPERATION, **_MESSAGE}),
    "receiveTask": Word("Tasks", "runs", "waits for its message; one that instantiates begins a process", "13.3.3", {
        **_ACTIVITY, **_CALLED_BY, **_OPERATION, **_MESSAGE, "instantiate": _runs("its message begins an instance (10.3.3)", *BOOLEAN),
    }),
    "scriptTask": Word("Tasks", "runs", "a FEEL expression whose value becomes a variable", "13.3.3", {
        **_ACTIVITY, "scriptFormat": _runs("only FEEL; any other language is refused"),
    }),
    "script": Word("Tasks", "ignored", "the script is `zeebe:script`, in FEEL", "10.3.3"),
    "businessRuleTask": Word("Tasks", "runs", "a DMN decision whose result becomes a variable", "13.3.3", {**_ACTIVITY, **_CALLED_BY}),
    "rendering": Word("Tasks", "ignored", "the form of a work item is named by `zeebe:formDefinition`", "10.3.4", _ID),
    "globalTask": Word("Tasks", "refused", _GLOBAL, "10.3.7", _NAMED),
    "globalUserTask": Word("Tasks", "refused", _GLOBAL, "10.3.7", {**_NAMED, "implementation": _drawn()}),
    "globalManualTask": Word("Tasks", "refused", _GLOBAL, "10.3.7", _NAMED),
    "globalScriptTask": Word("Tasks", "refused", _GLOBAL, "10.3.7", {**_NAMED, "scriptLanguage": _drawn()}),
    "globalBusinessRuleTask": Word("Tasks", "refused", _GLOBAL, "10.3.7", {**_NAMED, "implementation": _drawn()}),
    # ------------------------------------------------------------------ sub-processes and calls
    "subProcess": Word("Sub-processes and calls", "runs", "a scope of its own; begun by an event it guards the scope around it", "13.3.4, 13.5.4", _SUB_PROCESS),
    "transaction": Word("Sub-processes and calls", "runs", "a sub-process that a cancel end event undoes as a whole", "13.3.4, 13.5.6", {
        **_SUB_PROCESS, **_NEVER_BY_EVENT, "method": _refused("only undoing by compensation is run", "##Compensate", "compensate"),
    }),
    "adHocSubProcess": Word("Sub-processes and calls", "runs", "its activities in any order, or one after another, until its condition is true", "13.3.5", {
        **_SUB_PROCESS, **_NEVER_BY_EVENT, "ordering": _runs("Sequential: one at a time", "Parallel", "Sequential"),
        "cancelRemainingInstances": _runs("false: what is active is still done when the condition is true", *BOOLEAN),
    }),
    "callActivity": Word("Sub-processes and calls", "runs", "runs another process as a scope of the same instance", "13.3.4", {**_ACTIVITY, "calledElement": _runs("the process, where `zeebe:calledElement` names none")}),
    "standardLoopCharacteristics": Word("Sub-processes and calls", "runs", "repeats the activity while its condition is true", "13.3.6", {
        "id": _drawn(), "testBefore": _runs("tests before the first turn too", *BOOLEAN), "loopMaximum": _runs("the most turns that are made"),
    }),
    "loopCondition": Word("Sub-processes and calls", "runs", "FEEL; another turn while true", "13.3.6"),
    "multiInstanceLoopCharacteristics": Word("Sub-processes and calls", "runs", "the activity once for each item, at once or one by one", "13.3.7", {
        "id": _drawn(), "isSequential": _runs("one instance at a time", *BOOLEAN),
        "behavior": _refused("events of single instances are not thrown; use the completion condition", "All"),
        "oneBehaviorEventRef": _ignored("no event is thrown when an instance ends"), "noneBehaviorEventRef": _ignored("no event is thrown when an instance ends"),
    }),
    "loopCardinality": Word("Sub-processes and calls", "runs", "how many instances, a number or FEEL", "13.3.7"),
    "completionCondition": Word("Sub-processes and calls", "runs", "FEEL; no further instances when true", "13.3.7, 13.3.5"),
    "loopDataInputRef": Word("Sub-processes and calls", "ignored", "the collection is `zeebe:loopCharacteristics`", "10.3.8"),
    "loopDataOutputRef": Word("Sub-processes and calls", "ignored", "the results are collected by `zeebe:loopCharacteristics`", "10.3.8"),
    "inputDataItem": Word("Sub-processes and calls", "ignored", "the item is named by `zeebe:loopCharacteristics`", "10.3.8", _ITEM),
    "outputDataItem": Word("Sub-processes and calls", "ignored", "the result is named by `zeebe:loopCharacteristics`", "10.3.8", _ITEM),
    "complexBehaviorDefinition": Word("Sub-processes and calls", "refused", "events of single instances are not thrown; use the completion condition", "10.3.8", _ID),
    "implicitThrowEvent": Word("Sub-processes and calls", "refused", "events of single instances are not thrown; use the completion condition", "10.5.4", _NAMED),
    # ------------------------------------------------------------------ flows and gateways
    "sequenceFlow": Word("Flows and gateways", "runs", "where a token goes next", "13.3.1", {
        **_NAMED, "sourceRef": _runs(), "targetRef": _runs(), "isImmediate": _ignored("a token always goes on at once", "true", "1"),
    }),
    "conditionExpression": Word("Flows and gateways", "runs", "FEEL after =; the flow is taken when it is true", "13.3.1", {
        "id": _drawn(), "language": _runs("only FEEL; any other language is refused"), "evaluatesToTypeRef": _drawn(),
    }),
    "incoming": Word("Flows and gateways", "drawn", "what the flow says itself", "8.4.7"),
    "outgoing": Word("Flows and gateways", "drawn", "what the flow says itself", "8.4.7"),
    "exclusiveGateway": Word("Flows and gateways", "runs", "takes the first flow whose condition is true, else the default", "13.4.2", _CHOICE),
    "inclusiveGateway": Word("Flows and gateways", "runs", "takes every flow whose condition is true, else the default; joins what can still come", "13.4.3", _CHOICE),
    "parallelGateway": Word("Flows and gateways", "runs", "waits for one token from each incoming flow, then puts one on each outgoing flow", "13.4.1", _GATEWAY),
    "eventBasedGateway": Word("Flows and gateways", "runs", "waits for the first of the events behind it", "13.4.4, 10.6.6", {
        **_GATEWAY, "instantiate": _runs("an event behind it begins an instance", *BOOLEAN),
        "eventGatewayType": _runs("Parallel, only where it instantiates: all its events are needed", "Exclusive", "Parallel"),
    }),
    "complexGateway": Word("Flows and gateways", "refused", "its activation rule is a count that no picture shows; an inclusive or parallel gateway says it", "13.4.5", _CHOICE),
    "activationCondition": Word("Flows and gateways", "refused", "belongs to a complex gateway", "13.4.5"),
    # ------------------------------------------------------------------ events
    "startEvent": Word("Events", "runs", "where a scope begins", "13.5.1", {**_CATCH, "isInterrupting": _runs("of an event sub-process: whether it takes the scope over", *BOOLEAN)}),
    "endEvent": Word("Events", "runs", "takes its token away, and throws", "13.5.6", _EVENT),
    "intermediateCatchEvent": Word("Events", "runs", "holds its token until its trigger happens", "13.5.2", _CATCH),
    "intermediateThrowEvent": Word("Events", "runs", "throws and goes on", "13.5.2", _EVENT),
    "boundaryEvent": Word("Events", "runs", "guards an activity", "13.5.3", {
        **_CATCH, "attachedToRef": _runs("the activity"), "cancelActivity": _runs("false: the activity goes on", *BOOLEAN),
    }),
    "messageEventDefinition": Word("Events", "runs", "a message, to one instance", "10.5.5", {"id": _drawn(), **_MESSAGE}),
    "signalEventDefinition": Word("Events", "runs", "a signal, to all who wait at that moment", "10.5.5", {"id": _drawn(), "signalRef": _runs("the signal")}),
    "timerEventDefinition": Word("Events", "runs", "a time", "10.5.5", _ID),
    "timeDate": Word("Events", "runs", "an instant or a day: ISO 8601, or FEEL after =", "10.5.5"),
    "timeDuration": Word("Events", "runs", "how long from now: ISO 8601, or FEEL after =", "10.5.5"),
    "timeCycle": Word("Events", "runs", "again and again: ISO 8601; not where a token waits, for it can go on only once", "10.5.5"),
    "conditionalEventDefinition": Word("Events", "runs", "happens when its condition becomes true; not at the start of a process, which has no data yet", "10.5.5", _ID),
    "condition": Word("Events", "runs", "FEEL after =; it may not read the clock", "10.5.5"),
    "errorEventDefinition": Word("Events", "runs", "an error: always ends what throws it", "10.5.6", {"id": _drawn(), "errorRef": _runs("the error; a catch event without one catches all, and only such a one catches an error thrown without one: refused where none guards it")}),
    "escalationEventDefinition": Word("Events", "runs", "an escalation: what throws it may go on", "10.5.6", {"id": _drawn(), "escalationRef": _runs("the escalation; a catch event without one catches all, and only such a one catches an escalation thrown without one: refused where none guards it")}),
    "compensateEventDefinition": Word("Events", "runs", "undoes what completed", "10.7, 13.5.5", {
        "id": _drawn(), "activityRef": _runs("only that activity"), "waitForCompletion": _runs("false: the throw event does not wait", *BOOLEAN),
    }),
    "cancelEventDefinition": Word("Events", "runs", "cancels a transaction", "13.5.6", _ID),
    "terminateEventDefinition": Word("Events", "runs", "ends its scope at once", "13.5.6", _ID),
    "linkEventDefinition": Word("Events", "runs", "goes on at the link of the same name", "10.5.5", {"id": _drawn(), "name": _runs("what joins throw and catch")}),
    "eventDefinitionRef": Word("Events", "runs", "a trigger that is defined beside the processes", "10.5.5"),
    # ------------------------------------------------------------------ messages, signals, errors
    "message": Word("Messages, signals and errors", "runs", "what messages are called; the key is `zeebe:subscription`", "8.4.11", {"id": _runs(), "name": _runs(_CALLED), "itemRef": _drawn()}),
    "signal": Word("Messages, signals and errors", "runs", "what signals are called", "10.5.5", {"id": _runs(), "name": _runs(_CALLED), "structureRef": _drawn()}),
    "error": Word("Messages, signals and errors", "runs", "what errors are called", "8.4.3", {"id": _runs(), "name": _drawn(), "errorCode": _runs("what throw and catch have in common"), "structureRef": _drawn()}),
    "escalation": Word("Messages, signals and errors", "runs", "what escalations are called", "8.4.4", {"id": _runs(), "name": _drawn(), "escalationCode": _runs("what throw and catch have in common"), "structureRef": _drawn()}),
    "correlationKey": Word("Messages, signals and errors", "ignored", _CORRELATION, "8.4.2", _NAMED),
    "correlationProperty": Word("Messages, signals and errors", "ignored", _CORRELATION, "8.4.2", {**_NAMED, "type": _drawn()}),
    "correlationPropertyBinding": Word("Messages, signals and errors", "ignored", _CORRELATION, "8.4.2", {"id": _drawn(), "correlationPropertyRef": _drawn()}),
    "correlationPropertyRetrievalExpression": Word("Messages, signals and errors", "ignored", _CORRELATION, "8.4.2", {"id": _drawn(), "messageRef": _drawn()}),
    "correlationSubscription": Word("Messages, signals and errors", "ignored", _CORRELATION, "8.4.2", {"id": _drawn(), "correlationKeyRef": _drawn()}),
    # ------------------------------------------------------------------ data
    "dataObject": Word("Data", "drawn", "values are variables; a data object shows them to people", "10.4.1", _ITEM),
    "dataObjectReference": Word("Data", "drawn", "values are variables; a data object shows them to people", "10.4.1", {**_NAMED, "itemSubjectRef": _drawn(), "dataObjectRef": _drawn()}),
    "dataState": Word("Data", "drawn", "the state that is written on a data object", "10.4.1", _NAMED),
    "dataStore": Word("Data", "drawn", "records are kept by handlers", "10.4.1", {**_NAMED, "itemSubjectRef": _drawn(), "capacity": _drawn(), "isUnlimited": _drawn("", *BOOLEAN)}),
    "dataStoreReference": Word("Data", "drawn", "records are kept by handlers", "10.4.1", {**_NAMED, "itemSubjectRef": _drawn(), "dataStoreRef": _drawn()}),
    "dataInputAssociation": Word("Data", "drawn", "an arrow from a data object; " + _DATA, "10.4.1", _ID),
    "dataOutputAssociation": Word("Data", "drawn", "an arrow to a data object; " + _DATA, "10.4.1", _ID),
    "assignment": Word("Data", "ignored", _DATA, "10.4.1", _ID),
    "transformation": Word("Data", "ignored", _DATA, "10.4.1"),
    "ioSpecification": Word("Data", "drawn", "which data an element reads and writes; " + _DATA, "10.4.1", _ID),
    "inputSet": Word("Data", "drawn", "a set of inputs; " + _DATA, "10.4.1", _NAMED),
    "outputSet": Word("Data", "drawn", "a set of outputs; " + _DATA, "10.4.1", _NAMED),
    "dataInput": Word("Data", "drawn", "an input; " + _DATA, "10.4.1", _ITEM),
    "dataOutput": Word("Data", "drawn", "an output; " + _DATA, "10.4.1", _ITEM),
    "ioBinding": Word("Data", "ignored", _SERVICE, "10.4.1", {"id": _drawn(), "operationRef": _drawn(), "inputDataRef": _drawn(), "outputDataRef": _drawn()}),
    "property": Word("Data", "ignored", "variables need no declaration; their values come from mappings, forms and handlers", "10.4.1", {**_NAMED, "itemSubjectRef": _drawn()}),
    "itemDefinition": Word("Data", "drawn", "the type of a value", "8.4.10", {"id": _drawn(), "structureRef": _drawn(), "isCollection": _drawn("", *BOOLEAN), "itemKind": _drawn("", "Information", "Physical")}),
    # ------------------------------------------------------------------ people and services
    "resource": Word("People and services", "drawn", _PEOPLE, "8.4.12", _NAMED),
    "resourceParameter": Word("People and services", "drawn", _PEOPLE, "8.4.12", {**_NAMED, "type": _drawn(), "isRequired": _drawn("", *BOOLEAN)}),
    "resourceRole": Word("People and services", "ignored", _PEOPLE, "10.3.1", _NAMED),
    "performer": Word("People and services", "ignored", _PEOPLE, "10.3.1", _NAMED),
    "humanPerformer": Word("People and services", "ignored", _PEOPLE, "10.3.4", _NAMED),
    "potentialOwner": Word("People and services", "ignored", _PEOPLE, "10.3.4", _NAMED),
    "resourceRef": Word("People and services", "ignored", _PEOPLE, "10.3.1"),
    "resourceAssignmentExpression": Word("People and services", "ignored", _PEOPLE, "10.3.1", _ID),
    "resourceParameterBinding": Word("People and services", "ignored", _PEOPLE, "10.3.1", {"id": _drawn(), "parameterRef": _drawn()}),
    "interface": Word("People and services", "drawn", _SERVICE, "8.5", {**_NAMED, "implementationRef": _drawn()}),
    "operation": Word("People and services", "drawn", _SERVICE, "8.5", {**_NAMED, "implementationRef": _drawn()}),
    "endPoint": Word("People and services", "drawn", _SERVICE, "8.5", _ID),
    "operationRef": Word("People and services", "ignored", _SERVICE, "8.5"),
    # ------------------------------------------------------------------ pictures
    "laneSet": Word("Pools, lanes and notes", "drawn", "groups elements for people; lanes are shown with history", "10.8", _NAMED),
    "lane": Word("Pools, lanes and notes", "drawn", "groups elements for people; lanes are shown with history", "10.8", {**_NAMED, "partitionElementRef": _drawn()}),
    "childLaneSet": Word("Pools, lanes and notes", "drawn", "lanes in a lane", "10.8", _NAMED),
    "flowNodeRef": Word("Pools, lanes and notes", "drawn", "what stands in a lane", "10.8"),
    "partitionElement": Word("Pools, lanes and notes", "drawn", "what a lane stands for", "10.8", _ID),
    "textAnnotation": Word("Pools, lanes and notes", "drawn", "a note", "8.4.1", {"id": _drawn(), "textFormat": _drawn()}),
    "text": Word("Pools, lanes and notes", "drawn", "the text of a note", "8.4.1"),
    "association": Word("Pools, lanes and notes", "runs", "from a compensation event to its handler; any other is drawn", "8.4.1, 10.7", {
        "id": _drawn(), "sourceRef": _runs(), "targetRef": _runs(), "associationDirection": _drawn("", "None", "One", "Both"),
    }),
    "artifact": Word("Pools, lanes and notes", "drawn", "a shape of the drawer's own", "8.4.1", _ID),
    "group": Word("Pools, lanes and notes", "drawn", "a frame around elements", "8.4.1", {"id": _drawn(), "categoryValueRef": _drawn()}),
    "category": Word("Pools, lanes and notes", "drawn", "a heading for groups", "8.4.1", _NAMED),
    "categoryValue": Word("Pools, lanes and notes", "drawn", "a heading for groups", "8.4.1", {"id": _drawn(), "value": _drawn()}),
    "categoryValueRef": Word("Pools, lanes and notes", "drawn", "a heading for groups", "8.4.1"),
    "collaboration": Word("Pools, lanes and notes", "drawn", "each pool's process is its own; they talk by messages", "9", {**_NAMED, "isClosed": _drawn("", *BOOLEAN)}),
    "participant": Word("Pools, lanes and notes", "drawn", "a pool", "9.3", {**_NAMED, "processRef": _drawn()}),
    "participantMultiplicity": Word("Pools, lanes and notes", "drawn", "how many of a pool there may be", "9.3", {"id": _drawn(), "minimum": _drawn(), "maximum": _drawn()}),
    "participantAssociation": Word("Pools, lanes and notes", "drawn", "which pools are the same", "9.3", _ID),
    "partnerEntity": Word("Pools, lanes and notes", "drawn", "who a pool is", "9.3", _NAMED),
    "partnerRole": Word("Pools, lanes and notes", "drawn", "who a pool is", "9.3", _NAMED),
    "messageFlow": Word("Pools, lanes and notes", "drawn", "shows a message; what is sent is said by the events and tasks at its ends", "9.4", {
        **_NAMED, "sourceRef": _drawn(), "targetRef": _drawn(), "messageRef": _drawn(),
    }),
    "messageFlowAssociation": Word("Pools, lanes and notes", "drawn", "which message flows are the same", "9.4", {"id": _drawn(), "innerMessageFlowRef": _drawn(), "outerMessageFlowRef": _drawn()}),
    # ------------------------------------------------------------------ conversations and choreographies
    **{name: Word("Conversations and choreographies", "drawn", _CONVERSATION, "9.5", attributes) for name, attributes in {
        "conversation": _NAMED, "subConversation": _NAMED, "callConversation": {**_NAMED, "calledCollaborationRef": _drawn()},
        "globalConversation": {**_NAMED, "isClosed": _drawn("", *BOOLEAN)}, "conversationLink": {**_NAMED, "sourceRef": _drawn(), "targetRef": _drawn()},
        "conversationAssociation": {"id": _drawn(), "innerConversationNodeRef": _drawn(), "outerConversationNodeRef": _drawn()},
    }.items()},
    "choreography": Word("Conversations and choreographies", "ignored", _CHOREOGRAPHY, "11", {**_NAMED, "isClosed": _drawn("", *BOOLEAN)}),
    "globalChoreographyTask": Word("Conversations and choreographies", "ignored", _CHOREOGRAPHY, "11", {**_NAMED, "isClosed": _drawn("", *BOOLEAN), "initiatingParticipantRef": _drawn()}),
    **{name: Word("Conversations and choreographies", "refused", _CHOREOGRAPHY, "11", {**_NAMED, "initiatingParticipantRef": _drawn(), "loopType": _drawn(), **more}) for name, more in {
        "choreographyTask": {}, "subChoreography": {}, "callChoreography": {"calledChoreographyRef": _drawn()},
    }.items()},
}  # fmt: skip

# Parts of elements above: references and texts, which take their verdict from what they belong to.
PARTS: Final = frozenset(
    ["activationCondition", "choreographyRef", "correlationPropertyRef", "dataInputRefs", "dataOutputRefs", "dataPath", "endPointRef", "errorRef", "event", "expression", "formalExpression", "from", "inMessageRef", "innerParticipantRef", "inputSetRefs", "interfaceRef", "messageFlowRef", "messagePath", "optionalInputRefs", "optionalOutputRefs", "outMessageRef", "outerParticipantRef", "outputSetRefs", "participantRef", "source", "sourceRef", "target", "targetRef", "to", "whileExecutingInputRefs", "whileExecutingOutputRefs"]
)

# Names of the schema that only stand for others in it and in no file.
ABSTRACT: Final = frozenset(
    ["activity", "artifact", "baseElement", "baseElementWithMixedContent", "callableElement", "catchEvent", "choreographyActivity", "conversationNode", "dataAssociation", "event", "eventDefinition", "flowElement", "flowNode", "gateway", "loopCharacteristics", "rootElement", "throwEvent"]
)

_SOURCE = "text, or FEEL after =; two words that are one name must stand in backticks, else refused"
_TARGET = "one word, or words joined by dots; else refused"
_BINDING = {
    "bindingType": _ignored("always bound to the instance's own deployment", "deployment"),
    "versionTag": _ignored("always bound to the instance's own deployment"),
}
ZEEBE_ELEMENTS: Final[Mapping[str, Word]] = {
    "taskDefinition": Word("zeebe", "runs", "the topic: which handler does the task", "", {"type": _runs("a plain text"), "retries": _ignored("how often an effect is tried is the worker's matter")}),
    "taskHeaders": Word("zeebe", "runs", "texts or FEEL for the handler"),
    "header": Word("zeebe", "runs", "one of them", "", {"key": _runs(), "value": _runs()}),
    "ioMapping": Word("zeebe", "runs", "variables in and out, in order"),
    "input": Word("zeebe", "runs", "makes a local variable", "", {"source": _runs(_SOURCE), "target": _runs(_TARGET)}),
    "output": Word("zeebe", "runs", "writes a variable outwards; with any, nothing else leaves", "", {"source": _runs(_SOURCE), "target": _runs(_TARGET)}),
    "script": Word("zeebe", "runs", "FEEL and the variable that takes its value", "", {"expression": _runs(), "resultVariable": _runs()}),
    "calledDecision": Word("zeebe", "runs", "the decision and the variable that takes its result", "", {"decisionId": _runs("a plain id"), "resultVariable": _runs(), **_BINDING}),
    "calledElement": Word("zeebe", "runs", "the process that is called", "", {
        "processId": _runs("a plain id"), "propagateAllChildVariables": _runs("", *BOOLEAN), "propagateAllParentVariables": _runs("", *BOOLEAN), **_BINDING,
    }),
    "assignmentDefinition": Word("zeebe", "runs", "who may do the work item", "", {
        "assignee": _runs("text or FEEL"), "candidateGroups": _runs("texts or FEEL"),
        "candidateUsers": _refused("who else may do it would be lost; use candidate groups or the assignee"),
    }),
    "formDefinition": Word("zeebe", "runs", "the form", "", {
        "formId": _runs(), "externalReference": _runs("taken as the form id"), "formKey": _ignored("forms are found by formId"), **_BINDING,
    }),
    "taskSchedule": Word("zeebe", "runs", "the due date", "", {"dueDate": _runs("text or FEEL"), "followUpDate": _ignored("only the due date is kept")}),
    "priorityDefinition": Word("zeebe", "runs", "from 0 to 100, text or FEEL", "", {"priority": _runs()}),
    "loopCharacteristics": Word("zeebe", "runs", "the collection, the item, the results", "", {
        "inputCollection": _runs(), "inputElement": _runs(), "outputCollection": _runs(), "outputElement": _runs(),
    }),
    "subscription": Word("zeebe", "runs", "the correlation key of a message", "", {"correlationKey": _runs("FEEL")}),
    "properties": Word("zeebe", "runs", "basis, check, act, form, groups, assignee, case, key"),
    "property": Word("zeebe", "runs", "one of them", "", {"name": _runs(), "value": _runs()}),
    "userTask": Word("zeebe", "runs", "marks a work item of Camunda 8; nothing more"),
    "versionTag": Word("zeebe", "drawn", "a name for a version, for people", "", {"value": _drawn()}),
    "userTaskForm": Word("zeebe", "ignored", "forms are files, named by `zeebe:formDefinition`", "", {"id": _drawn()}),
    **{name: Word("zeebe", "refused", "nothing listens in here; draw a task or an event") for name in ("executionListeners", "taskListeners")},
    "adHoc": Word("zeebe", "refused", "all activities of an ad-hoc sub-process are offered, not a list"),
    "linkedResources": Word("zeebe", "refused", "nothing beside the files of a deployment is fetched"),
    "publishMessage": Word("zeebe", "refused", "a message is sent once and kept 30 days"),
}  # fmt: skip
