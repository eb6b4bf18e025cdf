// The rooms of the console and the arrows between them: pages know the parts, never the other way round.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** What a room may take from, besides itself. Words belong to the room that they stand in. */
const ARROWS = {
  '.': ['api', 'frame', 'i18n', 'pages', 'ui'],
  pages: ['api', 'frame', 'i18n', 'ui'],
  frame: ['api', 'i18n', 'ui'],
  ui: ['api', 'i18n'],
  i18n: ['ui/kept.ts'],
  api: ['i18n'],
};
/** The pages that show a part of another. */
const SHARED = {
  'pages/playground': ['pages/connect/nobody.tsx', 'pages/connect/place.ts', 'pages/requests/explained.tsx'],
  'pages/pools': ['pages/settings'],
  'pages/models': ['pages/settings'],
};

const files = readdirSync(SOURCE, { recursive: true })
  .map((name) => String(name).split(path.sep).join('/'))
  .filter((name) => /\.tsx?$/.test(name));

function imports(name) {
  const text = readFileSync(path.join(SOURCE, name), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, to]) => to);
  return found.map((to) => path.posix.join(path.posix.dirname(name), to)).filter((to) => !to.includes('/words.'));
}

/** `pages/keys`, `ui`, or `.` for what stands above all rooms. */
function room(name) {
  const [first, second, third] = name.split('/');
  if (!second) return '.';
  return first === 'pages' && third ? `pages/${second}` : first;
}

const isIn = (to, place) => to === place || to.startsWith(`${place}/`);

test('every import follows an arrow', () => {
  assert.ok(files.length > 30, `${files.length} sources`);
  const wrong = files.flatMap((name) => {
    const from = room(name);
    const allowed = [...(ARROWS[from.split('/')[0]] ?? []), ...(SHARED[from] ?? []), from];
    return imports(name)
      .filter((to) => room(to) !== from && !allowed.some((place) => isIn(to, place)))
      .map((to) => `${name} takes ${to}`);
  });
  assert.deepEqual(wrong, []);
});
