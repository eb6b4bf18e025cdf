// One key: how it stands and why, what it may use, what became of it, and changing it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { about, asViewer, until } from './keys.js';
import { world } from './world.js';

const MODEL = 'gemini-2.5-flash';
const KEYS = 'good-key-0001,tired-key-0002=quota:rpd=1,leaked-key-0003=leaked,good-key-0004';

let all;
let browser;
let key;
let script;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: KEYS }), launch()]);
  ({ key, script } = about(all));
  await until('keys stand in every way', async () => {
    await all.chat();
    const [tired, leaked] = [await key(2), await key(3)];
    return tired.state === 'cooling' && leaked.state === 'revoked';
  });
  await until('the history is written', async () => (await all.api('GET', '/keys/3/events')).events.length > 0);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const state = (page) => page.getByRole('region', { name: 'State' });
const history = (page) => page.getByRole('region', { name: 'What happened' });

test('its page is sound, whatever its state', async () => {
  await assertSound(browser, all, 'key', '/keys/2', (page) => page.getByRole('meter').first().waitFor());
});

test('one that cools says for which model, until when, and by which quota', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys/2');
  const words = new RegExp(`Cooling for ${MODEL} until 00:00 Pacific \\(\\d\\d:\\d\\d here\\): daily quota, 1 requests?, learned from Google`);
  await state(page).getByText(words).waitFor();
  const meter = page.getByRole('meter', { name: /1 of 1 request a day/ });
  await meter.waitFor();
  assert.equal(await meter.getAttribute('aria-valuemax'), '1');
  await page.getByText(/begins anew 00:00 Pacific/).waitFor();
  await history(page).getByRole('listitem').filter({ hasText: 'cooling' }).filter({ hasText: MODEL }).first().waitFor();
  await history(page).getByRole('img', { name: /The last .*cooling/ }).waitFor();
  await finish();
});

test('one that is revoked says why, in Google\'s words too', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys/3');
  await state(page).getByText('Google refuses this key').waitFor();
  await state(page).getByText('Google was told that this key leaked; make a new one.').waitFor();
  await state(page).getByText(/Google says: .*leaked/).waitFor();
  await state(page).getByText(/refused \d+ time/).waitFor();
  const items = history(page).getByRole('listitem');
  await items.filter({ hasText: 'revoked' }).first().waitFor();
  await history(page).getByLabel('Which').selectOption('errors');
  await page.waitForURL(/events=errors/);
  await items.filter({ hasText: 'failed' }).filter({ hasText: 'HTTP 403' }).first().waitFor();
  await items.filter({ hasText: 'revoked' }).first().waitFor({ state: 'detached' });
  await finish();
});

test('it is switched off, undone, and the page follows', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys/4');
  await state(page).getByText('Serving').waitFor();
  await page.getByRole('button', { name: 'Disable' }).click();
  await state(page).getByText('Off: no request gets it').waitFor();
  assert.equal((await key(4)).enabled, false);
  assert.equal(await page.getByRole('button', { name: 'Check now' }).isDisabled(), true);
  await page.getByRole('button', { name: 'Undo' }).click();
  await state(page).getByText('Serving').waitFor();
  assert.equal((await key(4)).enabled, true);
  await page.getByRole('button', { name: 'Disable' }).click();
  await state(page).getByText('Off: no request gets it').waitFor();
  await page.getByRole('button', { name: 'Enable' }).click();
  await state(page).getByText('Serving').waitFor();
  await history(page).getByRole('listitem').filter({ hasText: 'switched off' }).first().waitFor();
  await finish();
});

test('a check now says what Google thinks of it', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys/4');
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Google takes the key.').waitFor();
  await script('good-key-0004', 'suspended');
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Google refuses the key.').waitFor();
  await state(page).getByText("Google suspended this key's project").waitFor();
  await script('good-key-0004', 'ok');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Check with a model' }).click();
  const dialog = page.getByRole('dialog', { name: 'Check keys' });
  await dialog.getByLabel('How').selectOption('generate');
  await dialog.getByLabel('Model').selectOption(MODEL);
  await dialog.getByRole('button', { name: 'Check 1 key' }).click();
  await page.getByRole('heading', { level: 1, name: 'Check of 1 key' }).waitFor();
  await page.getByRole('table', { name: 'Results of the check' }).getByText('Google takes the key.').waitFor();
  await page.goBack();
  await state(page).getByText('Serving').waitFor();
  await finish();
});

test('what is told of it is changed in place, and what is wrong is said beside its field', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400/);
  await open('/keys/1');
  const form = page.getByRole('region', { name: 'About this key' });
  const save = form.getByRole('button', { name: 'Save' });
  await form.getByLabel('Name').waitFor();
  assert.equal(await save.isDisabled(), true);
  await form.getByLabel('Proxy').fill('not a proxy');
  await save.click();
  await form.getByRole('alert').getByText('takes a URL').waitFor();
  await form.getByRole('button', { name: 'Discard changes' }).click();
  assert.equal(await form.getByLabel('Proxy').inputValue(), '');
  const told = { Name: 'the first', Weight: '9', Project: 'of ann', Tags: 'red, green', Notes: 'two\nlines', Proxy: 'http://user:secret@127.0.0.1:3128' };
  for (const [label, text] of Object.entries(told)) await form.getByLabel(label, { exact: true }).fill(text);
  await form.getByLabel('Tier').selectOption('paid');
  await save.click();
  await page.getByRole('heading', { level: 1, name: 'the first' }).waitFor();
  const { name, weight, project, tags, notes, proxy, tier } = await key(1);
  assert.deepEqual({ name, weight, project, tags, notes, tier }, { name: 'the first', weight: 9, project: 'of ann', tags: ['red', 'green'], notes: 'two\nlines', tier: 'paid' });
  assert.ok(proxy.includes('127.0.0.1:3128') && !proxy.includes('secret'), proxy);
  for (const label of ['Project', 'Proxy', 'Tags']) await form.getByLabel(label, { exact: true }).fill('');
  await save.click();
  await page.getByText('Saved').first().waitFor();
  await until('they are gone', async () => {
    const after = await key(1);
    return !after.project && !after.proxy && after.tags.length === 0;
  });
  page.once('dialog', (dialog) => void dialog.dismiss());
  await form.getByLabel('Notes').fill('not saved');
  await page.getByRole('link', { name: 'Overview' }).click();
  assert.match(page.url(), /keys\/1/, 'it is not left without asking');
  await form.getByRole('button', { name: 'Discard changes' }).click();
  await finish();
});

test('it is revealed and copied on demand alone', async () => {
  const { page, open, finish } = await visit(browser, all.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await open('/keys/1');
  await state(page).getByText('…0001').waitFor();
  assert.doesNotMatch(await page.content(), /good-key-0001/);
  await state(page).getByRole('button', { name: 'Reveal' }).click();
  await state(page).getByText('good-key-0001').waitFor();
  await state(page).getByRole('button', { name: 'Hide' }).click();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Copy the key' }).click();
  await page.getByText('1 key copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'good-key-0001');
  await finish();
});

test('its use and its latest requests are shown, and come by themselves', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  // It alone is left to serve.
  await all.api('PATCH', '/keys/4', { enabled: false });
  await until('the usage is written', async () => {
    await all.chat();
    return (await all.api('GET', '/usage?key=1&step=hour')).usage.length > 0;
  });
  await open('/keys/1');
  await page.getByRole('img', { name: /\d+ attempts?, .* ok, .* tokens/ }).waitFor();
  const table = page.getByRole('table', { name: 'Latest requests' });
  await table.getByText(MODEL).first().waitFor();
  const { requests } = await all.api('GET', '/requests?key=1');
  assert.equal(Number(await table.getAttribute('aria-rowcount')), Math.min(requests.length, 20) + 1);
  const newest = await until('it serves another one', async () => {
    await all.chat();
    const [last] = (await all.api('GET', '/requests?key=1')).requests;
    return last.id !== requests[0].id && last;
  });
  await table.locator(`a[href$="/requests/${newest.id}"]`).click();
  await page.waitForURL(new RegExp(`/requests/${newest.id}`));
  await finish();
  await all.api('PATCH', '/keys/4', { enabled: true });
});

test('it is deleted, and that can be undone', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await page.clock.install();
  await open('/keys/4');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete 1 key?' }).getByText('1 of them is serving now.').waitFor();
  await page.getByRole('button', { name: 'Delete 1 key' }).click();
  await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
  await page.getByRole('link', { name: 'Key 4' }).waitFor({ state: 'detached' });
  await page.clock.fastForward(10_000);
  await page.getByText('1 key deleted').waitFor();
  await assert.rejects(key(4), /404/);
  await finish();
});

test('a key that is not there says so, and a viewer sees facts alone', async () => {
  const visitor = await visit(browser, all.url, { signedIn: false });
  const { page, expect, open, finish } = visitor;
  expect(/404/);
  await asViewer(all, visitor);
  await open('/keys/1');
  await page.getByRole('region', { name: 'About this key' }).getByText('the first').waitFor();
  for (const role of ['textbox', 'switch']) assert.equal(await page.getByRole(role).count(), 0);
  for (const name of ['Disable', 'Check now', 'Reveal', 'Save']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await open('/keys/999');
  await page.getByRole('alert').getByText('It is not there any more.').waitFor();
  await finish();
});
