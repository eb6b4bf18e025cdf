// Runs every test of the console, one file at a time: they share one machine with a browser and a server.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here).filter((name) => name.endsWith('.test.js'));
const chosen = wanted.length ? files.filter((name) => wanted.some((part) => name.includes(part))) : files;
const args = ['--test', '--test-reporter=spec', '--test-concurrency=1', '--test-timeout=240000', ...chosen.map((name) => here + name)];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exit(status ?? 1);
