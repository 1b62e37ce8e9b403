/**
 * Draws every diagram of BPMN files as PNG with bpmn-js in the system's Chromium.
 *
 *   node tools/pictures/render.mjs [OUTDIR] [FILE.bpmn...]
 *
 * Without a folder they go to build/pictures; without files all of processes/*.bpmn are drawn.
 *
 * Nothing is fetched from a network: the viewer comes from node_modules, the page is made in memory.
 * CHROMIUM names another browser binary; PICTURES_SCALE another scale (pixels per diagram unit).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { fail, need, parseFileArguments, PRODUCT } from './lib/talk.mjs';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
];
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FONTS = '"Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei", Arial, sans-serif';
const MARGIN = 20;

/** A readable scale, but no picture larger than a browser can take. */
const LARGEST_SIDE = 12000;

async function main() {
  const { files, rest } = parseFileArguments();
  if (rest.length > 1) {
    fail(`one output folder, not ${rest.join(', ')}. Usage: node render.mjs [OUTDIR] [FILE.bpmn...]`);
  }
  const outDir = rest[0] ?? join(PRODUCT, 'build', 'pictures');
  const { chromium } = await need('playwright-core');
  const viewer = await need('bpmn-js/dist/bpmn-navigated-viewer.production.min.js', 'path');
  mkdirSync(outDir, { recursive: true });

  const browser = await launch(chromium);
  let failed = 0;
  try {
    for (const file of files) {
      failed += await drawFile(browser, readFileSync(viewer, 'utf8'), file, outDir);
    }
  } finally {
    await browser.close();
  }
  process.exitCode = failed ? 1 : 0;
}

async function launch(chromium) {
  const candidates = process.env.CHROMIUM ? [process.env.CHROMIUM] : BROWSERS;
  const executablePath = candidates.find(path => existsSync(path));
  if (!executablePath) {
    fail(`no Chromium found (looked for ${candidates.join(', ')}).\n` +
      'Install it, on Debian: apt-get install chromium fonts-noto-cjk. Or name it: CHROMIUM=/path/to/chromium');
  }
  try {
    return await chromium.launch({ executablePath, args: FLAGS, headless: true });
  } catch (error) {
    return fail(`${executablePath} does not start: ${error.message.split('\n')[0]}`);
  }
}

/** Draws all diagrams of one file; returns 1 if one could not be drawn. */
async function drawFile(browser, viewer, file, outDir) {
  const page = await browser.newPage();
  try {
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>
      html, body { margin: 0; background: #fff } #canvas { width: 800px; height: 600px }
    </style><div id="canvas"></div>`);
    await page.addScriptTag({ content: viewer });
    const opened = await page.evaluate(openDiagram, { xml: readFileSync(file, 'utf8'), fonts: FONTS });
    for (const warning of opened.warnings) {
      console.error(`${file}: warning: ${warning}`);
    }
    for (const [index, id] of opened.diagrams.entries()) {
      const name = basename(file, '.bpmn') + (index ? `-${index + 1}` : '') + '.png';
      const size = await drawDiagram(browser, page, id, join(outDir, name));
      console.log(`${join(outDir, name)}  ${size.width} × ${size.height}`);
    }
    return opened.warnings.length ? 1 : 0;
  } catch (error) {
    console.error(`${file}: cannot be drawn: ${error.message}`);
    return 1;
  } finally {
    await page.close();
  }
}

/** Writes one diagram as PNG: the viewer's own SVG on a page of exactly its size. */
async function drawDiagram(browser, page, id, target) {
  const { svg, box } = await page.evaluate(exportDiagram, id);
  const width = Math.ceil(box.width) + 2 * MARGIN;
  const height = Math.ceil(box.height) + 2 * MARGIN;
  const wanted = Number(process.env.PICTURES_SCALE ?? 1.5);
  const deviceScaleFactor = Math.min(wanted, LARGEST_SIDE / Math.max(width, height));
  const paper = await browser.newPage({ viewport: { width, height }, deviceScaleFactor });
  try {
    await paper.setContent(`<!doctype html><meta charset="utf-8"><style>
      html, body { margin: 0; background: #fff } svg { display: block; margin: ${MARGIN}px }</style>${svg}`);
    writeFileSync(target, await paper.screenshot());
  } finally {
    await paper.close();
  }
  return { width: Math.round(width * deviceScaleFactor), height: Math.round(height * deviceScaleFactor) };
}

/* The two functions below run in the browser. */

async function openDiagram({ xml, fonts }) {
  const viewer = window.viewer = new window.BpmnJS({
    container: '#canvas',
    textRenderer: { defaultStyle: { fontFamily: fonts } }
  });
  const { warnings } = await viewer.importXML(xml);
  return {
    warnings: warnings.map(warning => warning.message ?? String(warning)),
    diagrams: viewer.getDefinitions().diagrams.map(diagram => diagram.id)
  };
}

async function exportDiagram(id) {
  const viewer = window.viewer;
  await viewer.open(id);
  const box = viewer.get('canvas').viewbox().inner;
  const { svg } = await viewer.saveSVG();
  return { svg: svg.slice(svg.indexOf('<svg')), box: { width: box.width, height: box.height } };
}

await main();
