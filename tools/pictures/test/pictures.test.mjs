/** What the two commands promise, on diagrams made here. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TOOLS = dirname(dirname(fileURLToPath(import.meta.url)));
let dir;

before(() => { dir = mkdtempSync(join(tmpdir(), 'pictures-')); });
after(() => rmSync(dir, { recursive: true, force: true }));

function diagram({ version = '8.8.0', task = '<bpmn:manualTask id="look" name="查看">', extra = '' } = {}) {
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d" targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="${version}">
  <bpmn:process id="p" isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    ${task}<bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing></${task.match(/<(bpmn:\w+)/)[1]}>
    <bpmn:endEvent id="end"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="a" sourceRef="begin" targetRef="look" />
    <bpmn:sequenceFlow id="b" sourceRef="look" targetRef="end" />
    ${extra}
  </bpmn:process>
  <bpmndi:BPMNDiagram id="dd"><bpmndi:BPMNPlane id="pp" bpmnElement="p">
    <bpmndi:BPMNShape id="begin_di" bpmnElement="begin"><dc:Bounds x="100" y="100" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="look_di" bpmnElement="look"><dc:Bounds x="200" y="78" width="100" height="80" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="end_di" bpmnElement="end"><dc:Bounds x="360" y="100" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="a_di" bpmnElement="a"><di:waypoint x="136" y="118" /><di:waypoint x="200" y="118" /></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="b_di" bpmnElement="b"><di:waypoint x="300" y="118" /><di:waypoint x="360" y="118" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
`;
}

function write(name, text) {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

function run(script, args, env = {}) {
  const done = spawnSync(process.execPath, [join(TOOLS, script), ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  return { code: done.status, said: done.stdout + done.stderr };
}

describe('check', () => {
  test('a diagram without fault passes', () => {
    const { code, said } = run('check.mjs', [write('good.bpmn', diagram())]);

    assert.match(said, /1 diagrams, 0 errors/);
    assert.equal(code, 0);
  });

  test('an attribute that the import does not know is a fault', () => {
    const { code, said } = run('check.mjs', [write('odd.bpmn', diagram({ task: '<bpmn:manualTask id="look" oddity="1">' }))]);

    assert.match(said, /import: unknown attribute <oddity>/);
    assert.equal(code, 1);
  });

  test('a comment would be lost and is a fault', () => {
    const { code, said } = run('check.mjs', [write('comment.bpmn', diagram({ extra: '<!-- kept nowhere -->' }))]);

    assert.match(said, /written back: line \d+: a comment .* is lost/);
    assert.equal(code, 1);
  });

  test('an error of the linter is a fault', () => {
    const { code, said } = run('check.mjs', [write('lint.bpmn', diagram({ task: '<bpmn:serviceTask id="look">' }))]);

    assert.match(said, /camunda-compat\/implementation: look/);
    assert.equal(code, 1);
  });

  test('another platform version is a fault', () => {
    const { code, said } = run('check.mjs', [write('old.bpmn', diagram({ version: '8.5.0' }))]);

    assert.match(said, /declares "Camunda Cloud 8\.5\.0"; ours is Camunda Cloud 8\.8/);
    assert.equal(code, 1);
  });

  test('what is not XML is said, not thrown', () => {
    const { code, said } = run('check.mjs', [write('broken.bpmn', '<bpmn:definitions')]);

    assert.match(said, /broken\.bpmn: error: import:/);
    assert.equal(code, 1);
  });
});

describe('render', () => {
  test('a diagram becomes a PNG', () => {
    const out = join(dir, 'out');

    const { code, said } = run('render.mjs', [out, write('drawn.bpmn', diagram())]);

    assert.equal(code, 0, said);
    assert.equal(readFileSync(join(out, 'drawn.png')).subarray(1, 4).toString(), 'PNG');
  });

  test('a browser that is missing is named, with what to install', () => {
    const { code, said } = run('render.mjs', [dir, write('x.bpmn', diagram())], { CHROMIUM: '/nowhere/chromium' });

    assert.match(said, /no Chromium found \(looked for \/nowhere\/chromium\)/);
    assert.match(said, /apt-get install chromium/);
    assert.equal(code, 2);
  });

  test('a file that does not exist is named', () => {
    const { code, said } = run('render.mjs', [dir, 'absent.bpmn']);

    assert.equal(code, 2);
    assert.match(said, /no such file: absent\.bpmn/);
  });
});
