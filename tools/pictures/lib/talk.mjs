/**
 * What the two commands say when they cannot work: what is missing and what to do about it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const OLDEST_NODE = 20;

/** The product's folder, two above tools/pictures. */
export const PRODUCT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Says why and ends with the code for "used wrongly or not set up". */
export function fail(message) {
  console.error(`pictures: ${message}`);
  process.exit(2);
}

/** A package of node_modules, or with `as: 'path'` the file it stands in. */
export async function need(name, as = 'module') {
  try {
    const path = require.resolve(name);
    return as === 'path' ? path : await import(name);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND') {
      return fail(`${name} is not installed. Run: npm ci --prefix tools/pictures`);
    }
    throw error;
  }
}

/** Ends with a clear word on a Node that is too old for the packages. */
function needNode() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    fail(`Node ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}`);
  }
}

/** The given *.bpmn files, or without any all diagrams of the product; and what else was given. */
export function parseFileArguments() {
  needNode();
  const given = process.argv.slice(2);
  const files = given.filter(path => path.endsWith('.bpmn'));
  const missing = files.filter(path => !existsSync(path));
  if (missing.length) {
    fail(`no such file: ${missing.join(', ')}`);
  }
  const rest = given.filter(path => !path.endsWith('.bpmn'));
  return { files: files.length ? files : productDiagrams(), rest };
}

function productDiagrams() {
  const folder = join(PRODUCT, 'processes');
  const files = readdirSync(folder).filter(name => name.endsWith('.bpmn')).sort();
  return files.length ? files.map(name => relative(process.cwd(), join(folder, name))) : fail(`no *.bpmn in ${folder}`);
}
