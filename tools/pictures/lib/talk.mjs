/**
 * What the two commands say when they cannot work: what is missing and what to do about it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const OLDEST_NODE = 20;

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

/** The command's arguments; at least `least` of them, and every *.bpmn exists. */
export function parseFileArguments(usage, least) {
  needNode();
  const given = process.argv.slice(2);
  if (given.length < least) {
    fail(`usage: ${usage}`);
  }
  const missing = given.filter(path => path.endsWith('.bpmn') && !existsSync(path));
  if (missing.length) {
    fail(`no such file: ${missing.join(', ')}`);
  }
  return given;
}
