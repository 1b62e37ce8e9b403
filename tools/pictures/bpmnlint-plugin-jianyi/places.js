/**
 * What a report is about, as text: the type of its element and what decides whether jianyi runs it.
 */
module.exports.placeOf = function(node) {
  if (!node) {
    return '';
  }
  if (node.$type === 'bpmn:SequenceFlow') {
    return `${node.$type} from ${node.sourceRef?.$type}`;
  }
  const named = node.messageRef || (node.eventDefinitions ?? []).some(definition => definition.messageRef);
  const marks = [
    named && 'with a message',
    node.loopCharacteristics?.loopCardinality && 'with a cardinality',
    node.$type === 'bpmn:StartEvent' && node.$parent?.triggeredByEvent && 'of an event sub-process'
  ];
  return [ node.$type, ...marks.filter(Boolean) ].join(' ');
};
