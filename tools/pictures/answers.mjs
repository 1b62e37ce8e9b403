/**
 * Asks Camunda Modeler's own linter what it says of each construct of the language.
 *
 *   python tools/language_reference.py --models | node tools/pictures/answers.mjs > docs/reference/modeler.json
 *
 * Reads {construct: BPMN} and writes {construct: [{rule, at, message}]}: what bpmn-moddle cannot read, and the errors and warnings of the
 * rules for Camunda 8.8. Needed only when a construct or the linter changes; the reference is made from the answers that are kept.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { need } from './lib/talk.mjs';

const require = createRequire(import.meta.url);
const { placeOf } = require('./bpmnlint-plugin-jianyi/places');

const { BpmnModdle } = await need('bpmn-moddle');
const zeebe = require(await need('zeebe-bpmn-moddle/resources/zeebe.json', 'path'));
const modeler = require(await need('modeler-moddle/resources/modeler.json', 'path'));
const { Linter } = (await need('bpmnlint')).default;
const NodeResolver = require(await need('bpmnlint/lib/resolver/node-resolver.js', 'path'));
const linter = new Linter({
  config: { extends: 'plugin:camunda-compat/camunda-cloud-8-8' },
  resolver: new NodeResolver({ require })
});

const answers = {};
for (const [construct, xml] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  answers[construct] = await answer(xml);
}
process.stdout.write(`${JSON.stringify(answers, null, 1)}\n`);

async function answer(xml) {
  const moddle = new BpmnModdle({ zeebe, modeler });
  try {
    const { rootElement, elementsById, warnings } = await moddle.fromXML(xml, 'bpmn:Definitions');
    const found = warnings.map(warning => ({ rule: 'import', at: '', message: plain(warning.message) }));
    for (const [name, reports] of Object.entries(await linter.lint(rootElement))) {
      const rule = name.replace('camunda-compat/', '');
      for (const report of reports.filter(report => report.category !== 'rule-error')) {
        found.push({ rule, at: placeOf(elementsById[report.id]), message: plain(report.message) });
      }
    }
    return found;
  } catch (error) {
    return [{ rule: 'import', at: '', message: plain(error.message) }];
  }
}

function plain(text) {
  return text.replace(/\s+/g, ' ').trim();
}
