/** What our linter configuration is silent about: what runs here, and nothing else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import { BpmnModdle } from 'bpmn-moddle';
import { Linter } from 'bpmnlint';

const require = createRequire(import.meta.url);
const zeebe = require('zeebe-bpmn-moddle/resources/zeebe.json');
const modeler = require('modeler-moddle/resources/modeler.json');
const NodeResolver = require('bpmnlint/lib/resolver/node-resolver.js');
const config = JSON.parse(readFileSync(new URL('../../../processes/.bpmnlintrc', import.meta.url), 'utf8'));

async function reported(inside, lintConfig = config) {
  const { rootElement } = await new BpmnModdle({ zeebe, modeler }).fromXML(`
    <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
      <bpmn:message id="m" name="m" />
      <bpmn:process id="p" isExecutable="true">
        <bpmn:startEvent id="s"><bpmn:outgoing>f</bpmn:outgoing></bpmn:startEvent>
        ${inside}
        <bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x" />
      </bpmn:process>
    </bpmn:definitions>`);
  const linter = new Linter({ config: lintConfig, resolver: new NodeResolver({ require }) });
  return Object.keys(await linter.lint(rootElement));
}

for (const [name, inside] of Object.entries({
  'a transaction': '<bpmn:transaction id="x"><bpmn:startEvent id="i" /></bpmn:transaction>',
  'a standard loop': '<bpmn:task id="x"><bpmn:standardLoopCharacteristics id="l" loopMaximum="3" /></bpmn:task>',
  'a send task that names its message': '<bpmn:sendTask id="x" messageRef="m" />',
  'a conditional flow out of a task': `<bpmn:task id="x"><bpmn:outgoing>g</bpmn:outgoing></bpmn:task><bpmn:endEvent id="e" />
    <bpmn:sequenceFlow id="g" sourceRef="x" targetRef="e"><bpmn:conditionExpression xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression">=y</bpmn:conditionExpression></bpmn:sequenceFlow>`
})) {
  test(`${name} runs here: Camunda's rules report it, ours do not`, async () => {
    assert.notDeepEqual(await reported(inside, { extends: 'plugin:camunda-compat/camunda-cloud-8-8' }), []);
    assert.deepEqual(await reported(inside), []);
  });
}

for (const [name, inside] of Object.entries({
  'a complex gateway': '<bpmn:complexGateway id="x" />',
  'a send task that names nothing': '<bpmn:sendTask id="x" />',
  'a multi-instance activity without a collection': '<bpmn:task id="x"><bpmn:multiInstanceLoopCharacteristics id="l" /></bpmn:task>',
  'a cycle where a token waits': `<bpmn:intermediateCatchEvent id="x"><bpmn:timerEventDefinition id="t"><bpmn:timeCycle>R3/P1D</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>`
})) {
  test(`${name} is refused here: it is still reported`, async () => {
    assert.notDeepEqual(await reported(inside), []);
  });
}
