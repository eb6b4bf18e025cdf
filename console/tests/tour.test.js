// The first hour with Pollux, from an empty server to a colleague's link; the pictures of docs/CONSOLE.md are made on the way.

import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, SHOTS, shoot, visit } from './browser.js';
import { PASSWORD, world } from './world.js';

/** Where docs/CONSOLE.md has its pictures; they are put there when `POLLUX_UPDATE` is set. */
const PICTURES = fileURLToPath(new URL('../../docs/images/console', import.meta.url));
const KEYS = [
  'AQ.first-of-team-0001=ok:project=north',
  'AQ.second-of-team-0002=ok:project=north',
  'AQ.third-of-team-0003=quota:rpd=4:project=south',
  'AQ.fourth-of-team-0004=overloaded*2+ok:project=south',
  'AQ.fifth-of-team-0005=suspended',
];
const OF_AGENTS = 'AQ.only-of-agents-0006';
const MODELS = ['gemini-2.5-flash', 'gemini-2.5-flash', 'gemini-3.5-flash', 'gemini-2.5-pro'];

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: [...KEYS, OF_AGENTS].join(','), given: '' }), launch()]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

async function picture(page, name) {
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => {});
  await shoot(page, `tour-${name}`);
  if (!process.env.POLLUX_UPDATE) return;
  await mkdir(PICTURES, { recursive: true });
  await cp(path.join(SHOTS, `tour-${name}.png`), path.join(PICTURES, `${name}.png`));
}

test('from an empty server to a link for a colleague', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401/);
  await open('/');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');

  // The empty server teaches the next step, and it can be done from there.
  await page.getByRole('link', { name: /keys/i }).first().click();
  await page.getByText('No keys yet').waitFor();
  await page.getByRole('button', { name: /Add keys/ }).or(page.getByRole('link', { name: /Add keys/ })).first().click();
  const names = KEYS.map((key) => key.split('=')[0]);
  await page.getByRole('dialog').getByRole('textbox').first().fill(names.join('\n'));
  await page.getByRole('dialog').getByRole('button', { name: /^Add/ }).last().click();
  await page.getByText(/5 .*added|added.*5/i).first().waitFor();
  const { total } = await all.api('GET', '/keys');
  assert.equal(total, 5);

  // A client is pointed here, and its first request is seen.
  await open('/connect');
  await page.getByText('Waiting for the first request').waitFor();
  await all.chat('say: hello');
  await page.getByText(/Received at/).waitFor();
  await page.getByRole('link', { name: 'See what became of it' }).click();
  await page.waitForURL(/\/requests\//);
  const link = page.url();
  await finish();

  // The link opens for a colleague after he has signed in.
  const colleague = await visit(browser, all.url);
  await colleague.page.goto(link);
  await colleague.page.getByText(/key .*000\d/).first().waitFor();
  await colleague.finish();
});

test('the pictures of the manual', async () => {
  const agents = await all.api('POST', '/pools', { name: 'agents', description: 'Coding agents', limits: { 'requests/minute': 60 } });
  await all.api('POST', '/keys', { pool: agents.id, keys: OF_AGENTS });
  const user = await all.api('POST', '/users', { name: 'open-webui', labels: ['chat'], limits: { 'requests/day': 500, 'tokens/day': 1_000_000 } });
  for (let round = 0; round < 40; round += 1) {
    const key = round % 3 === 0 ? { key: user.secret } : {};
    const own = round % 5 === 0 ? { key: agents.secret } : {};
    await all.chat(`say: ${'word '.repeat(round)}`, { ...key, ...own, model: MODELS[round % MODELS.length] });
  }
  await all.chat('say: no', { model: 'gemini-unknown' });
  const { requests } = await all.api('GET', '/requests');
  const hard = requests.find((it) => it.attempts > 1) ?? requests[0];
  const { keys } = await all.api('GET', '/keys?search=0003');

  const light = await visit(browser, all.url);
  await light.open('/');
  await picture(light.page, 'overview');
  await light.open('/keys');
  await light.page.getByText('0005').first().waitFor();
  await picture(light.page, 'keys');
  await light.open(`/requests/${hard.id}`);
  await light.page.getByText('Attempt 2').first().waitFor();
  await picture(light.page, 'request');
  await light.open('/usage?by=model');
  await picture(light.page, 'usage');
  await light.open('/connect?client=open-webui');
  await light.page.getByRole('figure').first().waitFor();
  await picture(light.page, 'connect');
  await light.open('/pools/1/settings');
  await picture(light.page, 'pool');
  await light.finish();

  const dark = await visit(browser, all.url, { theme: 'dark' });
  await dark.open(`/keys/${keys[0].id}`);
  await dark.page.getByText('gemini-2.5-flash').first().waitFor();
  await picture(dark.page, 'key');
  await dark.open('/requests');
  await picture(dark.page, 'requests');
  await dark.finish();

  const phone = await visit(browser, all.url, { language: 'zh-CN', width: 390, height: 780 });
  await phone.open('/');
  await picture(phone.page, 'phone');
  await phone.finish();
});
