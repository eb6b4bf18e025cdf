// A world of its own for a test file: a simulated Gemini, the built program before it, and what a test asks of both.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = process.env.POLLUX_BINARY ?? path.join(ROOT, 'target/debug/pollux');
const START_MS = 30_000;

export const PASSWORD = 'password-of-the-owner';
export const ACCESS_KEY = 'sk-access-key-of-the-tests';

/** Starts the program and waits for the address that it prints. */
async function start(args, env) {
  const child = spawn(PROGRAM, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no address after ${START_MS} ms:\n${said}`)), START_MS);
    const read = (chunk) => {
      said += chunk;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${args[0]} ended with ${code}:\n${said}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.on('exit', resolve);
      child.kill('SIGTERM');
    });
  return { address, stop, said: () => said };
}

/**
 * `keys` is what the simulator knows (docs/SIMULATOR.md), `given` the keys that the server starts with; without
 * it, it starts with all of them. `env` adds settings.
 */
export async function world({ keys = 'good-key-0001,good-key-0002', given, env = {} } = {}) {
  const home = await mkdtemp(path.join(tmpdir(), 'pollux-console-'));
  const gemini = await start(['simulate', '--listen', '127.0.0.1:0', '--keys', keys], {});
  const names = keys.split(',').map((entry) => entry.split(/[=@]/)[0]).filter((name) => name !== '*' && name !== 'signatures');
  const server = await start(['serve'], {
    POLLUX_DATA_DIR: home,
    POLLUX_LISTEN: '127.0.0.1:0',
    POLLUX_ADMIN_PASSWORD: PASSWORD,
    POLLUX_ACCESS_KEY: ACCESS_KEY,
    GEMINI_BASE_URL: gemini.address,
    GEMINI_API_KEY: given ?? [...new Set(names)].join(','),
    ...env,
  });
  /** Asks the admin API as its owner. */
  const api = async (method, route, body) => {
    const answer = await fetch(`${server.address}/admin/api${route}`, {
      method,
      headers: { authorization: `Bearer ${PASSWORD}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  /** Asks for a chat; answers with the status and the body. */
  const chat = async (prompt = 'say: hello', { key = ACCESS_KEY, model = 'gemini-2.5-flash', ...more } = {}) => {
    const answer = await fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], ...more }),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };
  const stop = async () => {
    await server.stop();
    await gemini.stop();
    await rm(home, { recursive: true, force: true });
  };
  return { url: server.address, gemini: gemini.address, api, chat, stop, said: server.said, stopServer: server.stop };
}
