/**
 * Asks Camunda's own tools what they think of the diagrams.
 *
 *   node tools/pictures/check.mjs [FILE.bpmn...]         without files: processes/*.bpmn
 *
 * For each file: bpmn-moddle with Zeebe's and Modeler's descriptors reads it without a warning; written back it has
 * lost nothing; bpmnlint with the rules of the platform version that the file declares finds no error. Exit code 1 if
 * one of the three fails. Warnings of the linter are shown and do not fail.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { fail, need, parseFileArguments } from './lib/talk.mjs';

const require = createRequire(import.meta.url);
const PLATFORM = 'Camunda Cloud';
const VERSION = '8.8';
const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL';

async function main() {
  const { files, rest } = parseFileArguments();
  if (rest.length) {
    fail(`not a *.bpmn file: ${rest.join(', ')}. Usage: node check.mjs [FILE.bpmn...]`);
  }
  const { BpmnModdle } = await need('bpmn-moddle');
  const zeebe = require(await need('zeebe-bpmn-moddle/resources/zeebe.json', 'path'));
  const modeler = require(await need('modeler-moddle/resources/modeler.json', 'path'));
  const { losses, readTree } = await import('./lib/trees.mjs');

  let errors = 0;
  let warnings = 0;
  for (const file of files) {
    const moddle = new BpmnModdle({ zeebe, modeler });
    const xml = readFileSync(file, 'utf8');
    const problems = [];
    const advice = [];
    const definitions = await read(moddle, xml, problems);
    if (definitions) {
      const written = await moddle.toXML(definitions, { format: true });
      const isDefault = (element, attribute, value) => isDefaultOf(moddle, element, attribute, value);
      problems.push(...losses(readTree(xml), readTree(written.xml), isDefault).map(loss => `written back: ${loss}`));
      await lint(definitions, problems, advice);
    }
    problems.forEach(problem => console.error(`${file}: error: ${problem}`));
    advice.forEach(problem => console.error(`${file}: warning: ${problem}`));
    console.log(`${file}: ${problems.length} errors, ${advice.length} warnings`);
    errors += problems.length;
    warnings += advice.length;
  }
  console.log(`${files.length} diagrams, ${errors} errors, ${warnings} warnings`);
  process.exitCode = errors ? 1 : 0;
}

/** The definitions, or undefined; every import warning is a problem. */
async function read(moddle, xml, problems) {
  try {
    const { rootElement, warnings } = await moddle.fromXML(xml, 'bpmn:Definitions');
    problems.push(...warnings.map(warning => `import: ${warning.message.replace(/\s+/g, ' ')}`));
    return rootElement;
  } catch (error) {
    problems.push(`import: ${error.message.replace(/\s+/g, ' ')}`);
    (error.warnings ?? []).forEach(warning => problems.push(`import: ${warning.message.replace(/\s+/g, ' ')}`));
    return undefined;
  }
}

/** bpmn-moddle does not write an attribute that says what its schema says anyway. */
function isDefaultOf(moddle, element, attribute, value) {
  const [, space, name] = element.match(/^\{(.*)\}(.*)$/) ?? [];
  if (space !== BPMN) {
    return false;
  }
  const type = `bpmn:${name[0].toUpperCase()}${name.slice(1)}`;
  const property = moddle.hasType(type) ? moddle.getTypeDescriptor(type).propertiesByName[attribute] : undefined;
  return property !== undefined && property.default !== undefined && String(property.default) === value;
}

/** Lints with the rules of the declared platform version. */
async function lint(definitions, problems, advice) {
  const platform = definitions.get('modeler:executionPlatform');
  const version = definitions.get('modeler:executionPlatformVersion') ?? '';
  if (platform !== PLATFORM || !`${version}.`.startsWith(`${VERSION}.`)) {
    problems.push(`the file declares "${platform ?? 'no platform'} ${version}"; ours is ${PLATFORM} ${VERSION}: set it in Modeler's status bar`);
    return;
  }
  const { Linter } = (await need('bpmnlint')).default;
  const NodeResolver = require(await need('bpmnlint/lib/resolver/node-resolver.js', 'path'));
  const linter = new Linter({
    config: { extends: `plugin:camunda-compat/camunda-cloud-${VERSION.replace('.', '-')}` },
    resolver: new NodeResolver({ require })
  });
  for (const [rule, reports] of Object.entries(await linter.lint(definitions))) {
    for (const report of reports) {
      (report.category === 'warn' || report.category === 'info' ? advice : problems)
        .push(`${rule}: ${report.id ?? '?'}: ${report.message}`);
    }
  }
}

await main();
