// The words of the console: the same in both languages, and none in the code.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'rolldown/parseAst';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(SOURCE, { recursive: true }).map(String);
const read = (name) => readFileSync(path.join(SOURCE, name), 'utf8');
const placeholders = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort();

for (const name of files.filter((it) => it.endsWith('.en.json'))) {
  test(`${name} says the same in Chinese`, () => {
    const [en, zh] = [name, name.replace('.en.json', '.zh.json')].map((it) => JSON.parse(read(it)));
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      assert.notEqual(zh[key].trim(), '', `${key} is empty`);
      // A plural may stand without its number; all else that is put into one goes into the other.
      assert.doesNotMatch(zh[key], /\p{Script=Han}[,;:?!(]|[,;:?!)]\p{Script=Han}/u, `${key}: Chinese has punctuation of its own`);
      assert.deepEqual(placeholders(zh[key]), placeholders(text), `${key} has other values`);
    }
  });
}

/** What stands in an attribute that is read out or shown. */
const SPOKEN = new Set(['aria-label', 'title', 'placeholder', 'label', 'alt', 'help', 'text', 'note', 'name']);
const isWord = (text) => /\p{L}{2,}/u.test(text);

function* literals(node, parent) {
  if (!node || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const each of node) yield* literals(each, parent);
    return;
  }
  if (node.type === 'JSXText' && isWord(node.value)) yield node.value.trim();
  if (node.type === 'JSXExpressionContainer' && parent?.type === 'JSXElement') {
    const { expression } = node;
    if (expression.type === 'Literal' && typeof expression.value === 'string' && isWord(expression.value)) yield expression.value;
  }
  if (node.type === 'JSXAttribute' && SPOKEN.has(node.name.name) && node.value?.type === 'Literal' && isWord(node.value.value)) {
    const isControlName = node.name.name === 'name' && ['Input', 'input', 'TextArea', 'Icon', 'Table', 'ColumnChoice'].includes(parent?.name?.name);
    const isExample = node.name.name === 'placeholder';
    if (!isControlName && !isExample) yield `${node.name.name}="${node.value.value}"`;
  }
  for (const [key, child] of Object.entries(node)) if (key !== 'type') yield* literals(child, node);
}

test('no component has words of its own', () => {
  const found = files
    .filter((name) => name.endsWith('.tsx'))
    .flatMap((name) => [...literals(parseAst(read(name), { lang: 'tsx' }))].map((text) => `${name}: ${text}`));
  assert.deepEqual(found, []);
});

test('no word is left that nobody says', () => {
  const code = files.filter((name) => /\.tsx?$/.test(name)).map(read).join('\n');
  // Some words are found by what the server says, below a prefix: `keys.state.${state}`, t.of('keys.state', state).
  const prefixes = [...code.matchAll(/`([\w-]+(?:\.[\w-]+)*[._])\$\{/g), ...code.matchAll(/\.of\(\s*['`]([\w-]+(?:\.[\w-]+)*)['`]/g)];
  const spoken = prefixes.map(([, prefix]) => (/[._]$/.test(prefix) ? prefix : `${prefix}.`));
  const left = files
    .filter((name) => name.endsWith('words.en.json'))
    .flatMap((name) => {
      const room = name.split(path.sep).at(-2);
      return Object.keys(JSON.parse(read(name))).map((key) => `${room}.${key}`);
    })
    .filter((key) => !code.includes(`'${key}'`) && !code.includes(`"${key}"`) && !spoken.some((prefix) => key.startsWith(prefix)));
  assert.deepEqual(left, []);
});
