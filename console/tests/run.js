// Runs the tests of the console: all of them, or those whose files have one of the given words in their names.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here).filter((name) => name.endsWith('.test.js'));
const chosen = wanted.length ? files.filter((name) => wanted.some((part) => name.includes(part))) : files;

/** What measures time has the machine to itself; the others are two at a time. */
const ALONE = ['files.test.js', 'keys-many.test.js'];

function run(names, concurrency) {
  if (names.length === 0) return true;
  const args = ['--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`, '--test-timeout=240000', ...names.map((name) => here + name)];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
}

const alone = run(chosen.filter((name) => ALONE.includes(name)), 1);
const together = run(chosen.filter((name) => !ALONE.includes(name)), 2);
process.exit(alone && together ? 0 : 1);
