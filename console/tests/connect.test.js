// Connect: lines that work as they stand, with the key only when it is asked for; and the first request as it comes.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertSound, launch, visit } from './browser.js';
import { ACCESS_KEY, world } from './world.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = path.join(ROOT, 'target/clients-venv/bin/python');
const NODE_CLIENTS = path.join(ROOT, 'tests/clients/node');

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world(), launch()]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const copied = (page) => page.evaluate(() => navigator.clipboard.readText());
const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };

/** The lines of a client as they are copied. */
async function lines(client, at = 0) {
  const { page, open, finish } = await visit(browser, all.url, clipboard);
  await open(`/connect?client=${client}`);
  const figure = page.getByRole('figure').nth(at);
  await figure.getByRole('button', { name: 'Copy' }).click();
  await figure.getByRole('button', { name: 'Copied' }).waitFor();
  const text = await copied(page);
  await finish();
  return text;
}

test('what is copied has the key; what is shown has it only when that is asked for', async () => {
  const { page, open, finish } = await visit(browser, all.url, clipboard);
  await open('/connect?client=openai-python');
  const figure = page.getByRole('figure', { name: 'chat.py' });
  await figure.getByText(`sk-…${ACCESS_KEY.slice(-4)}`).waitFor();
  assert.ok(!(await page.content()).includes(ACCESS_KEY));
  await figure.getByRole('button', { name: 'Copy' }).click();
  await figure.getByRole('button', { name: 'Copied' }).waitFor();
  assert.ok((await copied(page)).includes(`base_url="${all.url}/v1", api_key="${ACCESS_KEY}"`));
  await figure.getByRole('button', { name: 'Reveal' }).click();
  await figure.getByText(ACCESS_KEY).waitFor();
  await figure.getByRole('button', { name: 'Hide' }).click();
  await figure.getByText(`sk-…${ACCESS_KEY.slice(-4)}`).waitFor();
  const { changes } = await all.api('GET', '/audit');
  assert.ok(changes.some((it) => it.subject === 'user 1' && /access.key/.test(it.action)), JSON.stringify(changes.slice(0, 3)));
  await finish();
});

test('on plain http from another machine it is copied too', async () => {
  const far = new URL(all.url);
  far.hostname = 'gateway.example';
  const other = await launch({ args: ['--host-resolver-rules=MAP gateway.example 127.0.0.1'] });
  const { page, context, expect, open, finish } = await visit(other, far.origin, { signedIn: false });
  expect(/Cross-Origin-Opener-Policy/, /401/);
  await open('/connect?client=curl');
  await page.getByLabel('Password').fill('password-of-the-owner');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => globalThis.isSecureContext), false);
  await page.getByRole('figure').first().getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).first().waitFor();
  // What was copied is read the way it is pasted.
  await page.goto(`${far.origin}/console/playground`);
  const box = page.getByLabel('Message');
  await box.focus();
  await page.keyboard.press('Control+V');
  assert.ok((await box.inputValue()).includes(`Bearer ${ACCESS_KEY}`));
  assert.equal((await context.cookies()).length, 1);
  await finish();
  await other.close();
});

for (const at of [0, 1]) {
  test(`the lines for curl work as they stand (${at + 1})`, async () => {
    const { stdout } = await run('sh', ['-c', `${await lines('curl', at)} -sS`]);
    assert.match(stdout, /Hello/);
  });
}

const PROGRAMS = [
  { client: 'openai-python', name: 'a.py', command: PYTHON, place: undefined },
  { client: 'genai-python', name: 'b.py', command: PYTHON, place: undefined },
  { client: 'openai-node', name: 'c.mjs', command: process.execPath, place: NODE_CLIENTS },
  { client: 'ai-sdk', name: 'd.mjs', command: process.execPath, place: NODE_CLIENTS },
];

for (const { client, name, command, place } of PROGRAMS) {
  const isThere = existsSync(command) && (!place || existsSync(path.join(place, 'node_modules')));
  test(`the lines for ${client} work as they stand`, { skip: !isThere && 'the client libraries are not installed: run `cargo xtask test`' }, async () => {
    // Node looks for libraries from where the file is.
    const folder = await mkdtemp(path.join(place ?? path.join(ROOT, 'target'), 'lines-'));
    try {
      await writeFile(path.join(folder, name), await lines(client));
      const { stdout } = await run(command, [path.join(folder, name)]);
      assert.match(stdout, /Hello/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

test('each client has its lines or says what is missing', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/connect');
  const clients = page.getByRole('navigation', { name: 'Client' }).getByRole('button');
  await clients.first().waitFor();
  const count = await clients.count();
  assert.ok(count > 15, `${count} clients`);
  for (let at = 0; at < count; at += 1) {
    await clients.nth(at).click();
    const name = (await clients.nth(at).locator('span').first().textContent()) ?? '';
    await page.getByRole('heading', { level: 2, name, exact: true }).waitFor();
    const figures = await page.getByRole('figure').count();
    const isMissing = (await page.getByText('does not serve yet').count()) > 0;
    assert.ok(isMissing ? figures === 0 : figures > 0, name);
  }
  await finish();
});

test('a field of an app is copied by itself', async () => {
  const { page, open, finish } = await visit(browser, all.url, clipboard);
  await open('/connect?client=open-webui');
  await page.getByRole('button', { name: 'Copy API Key' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await copied(page), ACCESS_KEY);
  await finish();
});

test('the first request of the chosen caller is seen as it comes', async () => {
  const user = await all.api('POST', '/users', { name: 'ann' });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/connect');
  await page.getByLabel('Access key').selectOption(String(user.id));
  await page.getByText('Waiting for the first request from ann').waitFor();
  await all.chat('say: hi');
  await all.chat('say: hi', { key: user.secret });
  await page.getByText(/Received at \d\d:\d\d:\d\d: \/v1\/chat\/completions/).waitFor();
  await page.getByRole('link', { name: 'See what became of it' }).click();
  await page.waitForURL(/\/requests\/[0-9a-f]+/);
  await finish();
});

test('a viewer gets the lines without the key', async () => {
  await all.api('POST', '/admins', { name: 'eve', role: 'viewer', password: 'password-of-the-viewer' });
  const { page, expect, open, finish } = await visit(browser, all.url, { signedIn: false, ...clipboard });
  expect(/401/);
  await open('/connect?client=curl');
  await page.getByLabel('Name').fill('eve');
  await page.getByLabel('Password').fill('password-of-the-viewer');
  await page.keyboard.press('Enter');
  const figure = page.getByRole('figure').first();
  await figure.getByText('YOUR-ACCESS-KEY').waitFor();
  assert.equal(await figure.getByRole('button', { name: 'Reveal' }).count(), 0);
  await figure.getByRole('button', { name: 'Copy' }).click();
  await figure.getByRole('button', { name: 'Copied' }).waitFor();
  assert.ok((await copied(page)).includes('YOUR-ACCESS-KEY'));
  await open('/playground');
  await page.getByText('The playground is for owners').waitFor();
  await finish();
});

test('the page is sound', async () => {
  await assertSound(browser, all, 'connect', '/connect?client=open-webui', (page) => page.getByRole('figure').first().waitFor());
});

test('where nobody may call, the way to the first user is one click', async () => {
  const empty = await world();
  const { page, open, finish } = await visit(browser, empty.url);
  const { users } = await empty.api('GET', '/users');
  for (const { id } of users) await empty.api('PATCH', `/users/${id}`, { enabled: false });
  await open('/connect');
  await page.getByRole('link', { name: 'New user' }).click();
  await page.getByRole('dialog').getByLabel('Name').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.search === '');
  await finish();
  await empty.stop();
});
