// Keys that are added by pasting and from files, and that leave and come back.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, visit } from './browser.js';
import { about, bar, choose, header, more, row } from './keys.js';
import { world } from './world.js';

const KEYS = 'good-key-0001,good-key-0002=ok:project=shared,tired-key-0003=quota:rpd=1,leaked-key-0004=leaked,good-key-0005,good-key-0006,*=ok';

let all;
let browser;
let keys;
let remove;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: KEYS }), launch()]);
  ({ keys, remove } = about(all));
  await all.api('PATCH', '/keys/1', { name: 'main' });
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

test('keys are added by pasting: what would become of each, what did, and their check', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await page.getByRole('button', { name: 'Add keys' }).click();
  await page.waitForURL(/add=/);
  const dialog = page.getByRole('dialog', { name: 'Add keys' });
  const send = dialog.getByRole('button', { name: /^Add/ });
  assert.equal(await send.isDisabled(), true);
  await dialog.getByLabel('Keys', { exact: true }).fill('good-key-0001\npasted-key-0001:3, pasted-key-0002\nshort\npasted-key-0002:9');
  for (const text of ['2 will be added', '2 already there', '1 refused', 'it is shorter than 8 characters', 'It stands further up in the list.']) {
    await dialog.getByText(text).waitFor();
  }
  assert.equal((await keys()).length, 6, 'a look adds none');
  await dialog.getByLabel('Tier').selectOption('paid');
  await dialog.getByLabel('Project').fill('pasted');
  await dialog.getByLabel('Tags').fill('new, paste');
  await dialog.getByRole('button', { name: 'Add 2 keys' }).click();
  const report = page.getByRole('dialog', { name: '2 keys added' });
  await report.getByText('2 added').waitFor();
  const added = await keys('&tag=paste');
  assert.deepEqual(added.map(({ weight, tier, project, tags }) => ({ weight, tier, project, tags })), [
    { weight: 3, tier: 'paid', project: 'pasted', tags: ['new', 'paste'] },
    { weight: 1, tier: 'paid', project: 'pasted', tags: ['new', 'paste'] },
  ]);
  await report.getByRole('button', { name: 'See how the check of the new ones goes' }).click();
  await page.getByRole('heading', { level: 1, name: 'Check of 2 keys' }).waitFor();
  await page.getByText('Done', { exact: true }).waitFor();
  await finish();
  await remove(added.map((it) => it.id));
});

test('keys come from a file too, and what was pasted is not lost by a slip', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys?add=1');
  const dialog = page.getByRole('dialog', { name: 'Add keys' });
  const list = JSON.stringify([{ key: 'filed-key-0001', weight: 4, name: 'from a file' }]);
  await dialog.getByLabel('From a file').setInputFiles({ name: 'keys.json', mimeType: 'application/json', buffer: Buffer.from(list) });
  await dialog.getByText('1 will be added').waitFor();
  await page.keyboard.press('Escape');
  const question = page.getByRole('dialog', { name: 'Leave without adding?' });
  await question.getByText('1 pasted key will be lost.').waitFor();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await dialog.getByRole('button', { name: 'Add 1 key' }).click();
  await page.getByRole('dialog', { name: '1 key added' }).getByRole('button', { name: 'Close' }).last().click();
  const found = row(page, 'from a file');
  await found.waitFor();
  const [added] = await keys('&search=from%20a%20file');
  assert.equal(added.weight, 4);
  assert.doesNotMatch(page.url(), /add/);
  await finish();
  await remove([added.id]);
});

test('thousands are added in parts, which can be ended between two', async () => {
  const { page, open, finish } = await visit(browser, all.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await open('/keys?add=1');
  const dialog = page.getByRole('dialog', { name: 'Add keys' });
  const lines = Array.from({ length: 5_000 }, (_, at) => `bulky-key-${String(at).padStart(5, '0')}`);
  await page.evaluate((text) => navigator.clipboard.writeText(text), lines.join('\n'));
  await dialog.getByLabel('Keys', { exact: true }).press('ControlOrMeta+v');
  await dialog.getByText('5,000 will be added').waitFor();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let parts = 0;
  await page.route('**/admin/api/keys', async (route) => {
    parts += 1;
    if (parts === 2) await held;
    await route.continue();
  });
  await dialog.getByRole('button', { name: 'Add 5,000 keys' }).click();
  await dialog.getByText('Adding: 500 of 5,000').waitFor();
  await dialog.getByRole('status').getByRole('button', { name: 'Cancel' }).click();
  release();
  await page.getByRole('dialog', { name: '1,000 keys added' }).waitFor();
  const { ids } = await all.api('GET', '/keys/ids?search=');
  assert.equal(ids.length, 1_006);
  await finish();
  await remove(ids.slice(6));
});

test('keys leave as a sealed file and come back from it', async () => {
  const pool = await all.api('POST', '/pools', { name: 'arrivals' });
  const { page, expect, open, finish } = await visit(browser, all.url, { acceptDownloads: true });
  expect(/400/);
  await open('/keys');
  for (const name of ['main', '…0002']) await choose(page, name);
  await more(page, bar(page), 'Export keys');
  const out = page.getByRole('dialog', { name: 'Export keys' });
  await out.getByLabel('Passphrase', { exact: true }).fill('short');
  await out.getByLabel('Passphrase again').fill('another');
  await out.getByText('It takes 12 characters or more.').waitFor();
  await out.getByText('It is not the same as above.').waitFor();
  assert.equal(await out.getByRole('button', { name: 'Save the file' }).isDisabled(), true);
  for (const label of ['Passphrase', 'Passphrase again']) await out.getByLabel(label, { exact: true }).fill('a long enough phrase');
  const [sealed] = await Promise.all([page.waitForEvent('download'), out.getByRole('button', { name: 'Save the file' }).click()]);
  await page.getByText('2 keys exported').waitFor();
  const parcel = await readFile(await sealed.path());
  assert.doesNotMatch(String(parcel), /good-key/);
  await bar(page).getByRole('button', { name: 'Clear the selection' }).click();
  await more(page, header(page), 'Import keys');
  const into = page.getByRole('dialog', { name: 'Import keys' });
  await into.getByLabel('Choose the file').setInputFiles({ name: 'keys.sealed', mimeType: 'text/plain', buffer: parcel });
  await into.getByLabel('Pool').selectOption('arrivals');
  await into.getByLabel('Passphrase').fill('not that phrase');
  await into.getByRole('button', { name: 'Look into it' }).click();
  await into.getByRole('alert').getByText('sealed under another passphrase').waitFor();
  await into.getByLabel('Passphrase').fill('a long enough phrase');
  await into.getByRole('button', { name: 'Look into it' }).click();
  await into.getByText('2 will be added').waitFor();
  assert.equal((await keys(`&pool=${pool.id}`)).length, 0);
  await into.getByRole('button', { name: 'Add 2 keys' }).click();
  await page.getByRole('dialog', { name: '2 keys added' }).waitFor();
  const came = await keys(`&pool=${pool.id}`);
  assert.deepEqual(came.map((it) => it.name), ['main', '']);
  await finish();
  await remove(came.map((it) => it.id));
  await all.api('DELETE', `/pools/${pool.id}`);
});

test('all keys leave in clear when that is asked for', async () => {
  const { page, open, finish } = await visit(browser, all.url, { acceptDownloads: true });
  await open('/keys');
  await more(page, header(page), 'Export keys');
  const out = page.getByRole('dialog', { name: 'Export keys' });
  await out.getByText('All keys of all pools').waitFor();
  await out.getByLabel('How').selectOption('clear');
  await out.getByText('Whoever has the file has the keys.').waitFor();
  const [clear] = await Promise.all([page.waitForEvent('download'), out.getByRole('button', { name: 'Save the file' }).click()]);
  const list = JSON.parse(await readFile(await clear.path(), 'utf8'));
  assert.equal(list.length, 6);
  assert.equal(list[0].key, 'good-key-0001');
  await finish();
});
