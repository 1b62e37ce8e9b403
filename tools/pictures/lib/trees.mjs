/**
 * Compares two XML texts as trees: what stands in the first and not in the second is a loss.
 *
 * Names are compared with their namespaces, not their prefixes. White space between elements and the order of
 * attributes and of differently named neighbours carry no meaning in BPMN and are not compared.
 */
import { Parser } from 'saxen';

/** The root element: `{name, attributes, text, children, line}`; comments are kept as children named `#comment`. */
export function readTree(xml) {
  const root = { name: '#document', attributes: new Map(), text: '', children: [], spaces: new Map(), line: 0 };
  const open = [root];
  const top = () => open[open.length - 1];
  const parser = new Parser();
  parser.on('openTag', (qualifiedName, getAttributes, decode, selfClosing, getContext) => {
    const given = getAttributes();
    const spaces = namespaces(top().spaces, given, decode);
    const node = {
      name: resolve(qualifiedName, spaces, true), attributes: attributesOf(given, spaces, decode),
      text: '', children: [], spaces, line: getContext().line + 1
    };
    top().children.push(node);
    open.push(node);
  });
  parser.on('closeTag', () => open.pop());
  parser.on('text', (value, decode) => { top().text += decode(value); });
  parser.on('cdata', value => { top().text += value; });
  parser.on('comment', (value, decode, getContext) => {
    top().children.push({ name: '#comment', attributes: new Map(), text: value, children: [], line: getContext().line + 1 });
  });
  parser.on('error', error => { throw error; });
  parser.parse(xml);
  return root;
}

/**
 * What the second tree lacks or has otherwise, as sentences.
 * `isDefault(element, attribute, value)`: the attribute may go, since it says what holds anyway.
 */
export function losses(before, after, isDefault = () => false) {
  const out = [];
  compare(before, after, isDefault, out);
  return out;
}

function compare(before, after, isDefault, out) {
  for (const [name, value] of before.attributes) {
    const now = after.attributes.get(name);
    if (now === undefined && !isDefault(before.name, name, value)) {
      out.push(`line ${before.line}: ${short(before)} loses ${local(name)}="${value}"`);
    } else if (now !== undefined && now !== value) {
      out.push(`line ${before.line}: ${short(before)} has ${local(name)}="${now}" instead of "${value}"`);
    }
  }
  for (const name of after.attributes.keys()) {
    if (!before.attributes.has(name)) {
      out.push(`line ${before.line}: ${short(before)} gains ${local(name)}="${after.attributes.get(name)}"`);
    }
  }
  if (before.text.trim() !== after.text.trim()) {
    out.push(`line ${before.line}: the text of ${short(before)} becomes "${after.text.trim()}"`);
  }
  compareChildren(before, after, isDefault, out);
}

function compareChildren(before, after, isDefault, out) {
  for (const name of new Set([...before.children, ...after.children].map(child => child.name))) {
    const old = before.children.filter(child => child.name === name);
    const now = after.children.filter(child => child.name === name);
    for (let i = 0; i < Math.max(old.length, now.length); i++) {
      if (!now[i]) {
        out.push(`line ${old[i].line}: ${short(old[i])} is lost`);
      } else if (!old[i]) {
        out.push(`line ${before.line}: ${short(before)} gains ${short(now[i])}`);
      } else {
        compare(old[i], now[i], isDefault, out);
      }
    }
  }
}

function namespaces(inherited, attributes, decode) {
  const spaces = new Map(inherited);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'xmlns') {
      spaces.set('', decode(value));
    } else if (name.startsWith('xmlns:')) {
      spaces.set(name.slice(6), decode(value));
    }
  }
  return spaces;
}

function attributesOf(given, spaces, decode) {
  const out = new Map();
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) {
      out.set(resolve(name, spaces, false), decode(value));
    }
  }
  return out;
}

function resolve(qualifiedName, spaces, isElement) {
  const [prefix, name] = qualifiedName.includes(':') ? qualifiedName.split(':') : ['', qualifiedName];
  if (!prefix && !isElement) {
    return name;
  }
  return `{${spaces.get(prefix) ?? prefix}}${name}`;
}

function local(name) {
  return name.slice(name.indexOf('}') + 1);
}

function short(node) {
  const id = node.attributes.get('id');
  return node.name === '#comment' ? 'a comment (Modeler drops comments; use documentation)' : `<${local(node.name)}${id ? ` id="${id}"` : ''}>`;
}
