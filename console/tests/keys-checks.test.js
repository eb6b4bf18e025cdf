// Checks of keys: ordered, read, and acted on.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { about, bar, choose, header, more, row, until } from './keys.js';
import { world } from './world.js';

const KEYS = 'good-key-0001,good-key-0002=ok:project=shared,tired-key-0003=quota:rpd=1,leaked-key-0004=leaked,good-key-0005,good-key-0006,*=ok';
const MODEL = 'gemini-2.5-flash';

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: KEYS }), launch()]);
  await all.api('PATCH', '/keys/1', { name: 'main' });
  await all.api('PATCH', '/keys/5', { enabled: false });
  await until('the new keys are checked', async () => (await all.api('GET', '/keys/4')).state === 'revoked');
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

test('a check says of each key what came of it, and the revoked are selected from it', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await row(page, 'main').waitFor();
  await more(page, header(page), 'Check all');
  const dialog = page.getByRole('dialog', { name: 'Check keys' });
  await dialog.getByText('1 that is off is left out.').waitFor();
  await dialog.getByText('Uses no quota.').waitFor();
  await dialog.getByRole('button', { name: 'Check 5 keys' }).click();
  await page.getByRole('heading', { level: 1, name: 'Check of 5 keys' }).waitFor();
  await page.getByText('Done', { exact: true }).waitFor();
  const found = page.getByRole('table', { name: 'Results of the check' });
  await found.locator('tbody tr').filter({ hasText: '…0004' }).getByText('Google was told that this key leaked').waitFor();
  await found.locator('tbody tr').filter({ hasText: 'main' }).getByText('Google takes the key.').waitFor();
  const counts = page.getByRole('navigation', { name: 'Keys by result' });
  await counts.getByRole('link', { name: 'revoked' }).click();
  await page.waitForURL(/result=revoked/);
  await found.getByText('main').waitFor({ state: 'detached' });
  await page.getByText('Google refuses 1 of these keys.').waitFor();
  await page.getByRole('button', { name: 'Select them' }).click();
  await bar(page).getByText('1 selected').waitFor();
  assert.equal(await row(page, '…0004').getByRole('checkbox').isChecked(), true);
  await finish();
});

test('the page of a check is sound', async () => {
  const { checks } = await all.api('GET', '/checks');
  await assertSound(browser, all, 'check', `/keys?check=${checks[0].id}`, (page) => page.getByRole('table').getByText('main').waitFor());
});

test('a check by a model says that it uses quota, and asks that model', async () => {
  await fetch(`${all.gemini}/_simulator/requests`, { method: 'DELETE' });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await choose(page, 'main');
  await bar(page).getByRole('button', { name: 'Check' }).click();
  const dialog = page.getByRole('dialog', { name: 'Check keys' });
  await dialog.getByLabel('How').selectOption('generate');
  await dialog.getByText('Uses quota: 1 request of some tokens each.').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Check 1 key' }).isDisabled(), true, 'there is no model yet');
  await dialog.getByLabel('Model').selectOption(MODEL);
  await dialog.getByRole('button', { name: 'Check 1 key' }).click();
  await page.getByText(`by an answer of ${MODEL}`).waitFor();
  await page.getByText('Done', { exact: true }).waitFor();
  const seen = await (await fetch(`${all.gemini}/_simulator/requests`)).json();
  const asked = (Array.isArray(seen) ? seen : seen.requests).map((it) => `${it.key} ${it.path}`);
  assert.ok(asked.some((it) => it.startsWith('good-key-0001') && it.includes(`${MODEL}:generateContent`)), asked.join('\n'));
  await finish();
});
