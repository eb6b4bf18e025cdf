// The list of keys: finding, selecting, changing, adding, carrying and checking them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { world } from './world.js';

const KEYS = 'good-key-0001,good-key-0002=ok:project=shared,tired-key-0003=quota:rpd=1,leaked-key-0004=leaked,good-key-0005,good-key-0006,*=ok';
const MODEL = 'gemini-2.5-flash';

let all;
let browser;

/** Asks until it is so. */
async function until(what, ask) {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    const found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

const keys = async (query = '') => (await all.api('GET', `/keys?page_size=1000${query}`)).keys;
const key = async (id) => all.api('GET', `/keys/${id}`);
const add = async (names, more = {}) => (await all.api('POST', '/keys', { keys: names, ...more })).results.map((it) => it.id);
const remove = (ids) => all.api('POST', '/keys/bulk', { ids, remove: true });

before(async () => {
  [all, browser] = await Promise.all([world({ keys: KEYS }), launch()]);
  await all.api('PATCH', '/keys/1', { name: 'main', tags: ['spring'], notes: 'from May', weight: 5 });
  await all.api('PATCH', '/keys/5', { enabled: false, project: 'team', tier: 'paid', tags: ['spring', 'old'] });
  await until('a key cools and one is revoked', async () => {
    await all.chat();
    const states = (await keys()).map((it) => it.state);
    return states.includes('cooling') && states.includes('revoked');
  });
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const rows = (page) => page.getByRole('table', { name: 'Keys' }).locator('tbody tr[data-index]');
const row = (page, name) => rows(page).filter({ hasText: name });
const choose = (page, name) => row(page, name).getByRole('checkbox').check();
const bar = (page) => page.getByRole('toolbar', { name: 'What to do with the selected keys' });
const more = async (page, place, item) => {
  await place.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const header = (page) => page.locator('header').first();

test('the list is sound', async () => {
  await assertSound(browser, all, 'keys', '/keys', (page) => page.getByText('main').first().waitFor());
});

test('it says how each key stands and what is told of it', async () => {
  const { page, open, finish } = await visit(browser, all.url, { width: 1800 });
  await open('/keys');
  await row(page, '…0001').getByText('serving').waitFor();
  for (const text of ['main', '5', 'spring', 'free']) await row(page, '…0001').getByText(text, { exact: true }).waitFor();
  await row(page, '…0003').getByText(`${MODEL} until`).waitFor();
  await row(page, '…0004').getByText('revoked').waitFor();
  await row(page, '…0004').getByText('leaked').waitFor();
  await row(page, '…0005').getByText('team').waitFor();
  await row(page, '…0005').getByText('paid').waitFor();
  assert.equal(await row(page, '…0001').getByText('from May').count(), 0, 'notes are shown when asked for');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Notes' }).click();
  await row(page, '…0001').getByText('from May').waitFor();
  await finish();
});

test('a key that cools or comes back is seen without asking', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await row(page, '…0006').getByText('serving').waitFor();
  const was = await fetch(`${all.gemini}/_simulator/keys/good-key-0006`, { method: 'PUT', body: 'leaked' });
  assert.ok(was.ok, await was.text());
  await all.api('POST', '/checks', { keys: [6] });
  await row(page, '…0006').getByText('revoked').waitFor();
  await fetch(`${all.gemini}/_simulator/keys/good-key-0006`, { method: 'PUT', body: 'ok' });
  await all.api('POST', '/checks', { keys: [6] });
  await row(page, '…0006').getByText('serving').waitFor();
  await finish();
});

test('search, filters and sort are in the address, and Back takes them back', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await row(page, 'main').waitFor();
  await page.getByRole('searchbox').fill('from may');
  await page.waitForURL(/search=from(\+|%20)may/);
  await page.getByRole('link', { name: 'main' }).waitFor();
  await row(page, '…0002').waitFor({ state: 'detached' });
  await page.getByRole('searchbox').fill('nothing like it');
  await page.getByText('No key fits').waitFor();
  await page.getByRole('button', { name: 'Show all keys' }).click();
  await row(page, '…0002').waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), '');
  await page.getByLabel('Tag', { exact: true }).selectOption({ label: 'spring (2)' });
  await row(page, '…0002').waitFor({ state: 'detached' });
  await page.getByLabel('Tier', { exact: true }).selectOption('paid');
  await row(page, 'main').waitFor({ state: 'detached' });
  assert.equal(await rows(page).count(), 1);
  await page.getByLabel('Tier', { exact: true }).selectOption('');
  await page.getByLabel('Tag', { exact: true }).selectOption('');
  await page.getByLabel('Project', { exact: true }).selectOption('team');
  await row(page, 'main').waitFor({ state: 'detached' });
  assert.equal(await rows(page).count(), 1);
  await page.getByLabel('Project', { exact: true }).selectOption('');
  await page.getByRole('navigation', { name: 'Keys by state' }).getByRole('link', { name: 'revoked' }).click();
  await page.waitForURL(/state=revoked/);
  await row(page, 'main').waitFor({ state: 'detached' });
  await row(page, '…0004').waitFor();
  await page.goBack();
  await row(page, 'main').waitFor();
  await page.getByRole('columnheader', { name: 'Weight' }).getByRole('button').click();
  await page.getByRole('columnheader', { name: 'Weight' }).getByRole('button').click();
  await page.waitForURL(/sort=-weight/);
  await rows(page).first().getByText('main').waitFor();
  await finish();
});

test('only the keys of the chosen pool are shown and counted', async () => {
  const pool = await all.api('POST', '/pools', { name: 'aside' });
  const [id] = await add(['key-of-the-pool-aside'], { pool: pool.id });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await row(page, 'main').waitFor();
  await page.getByLabel('Pool', { exact: true }).selectOption('aside');
  await row(page, 'main').waitFor({ state: 'detached' });
  await row(page, 'side').waitFor();
  await page.getByRole('link', { name: '1 key', exact: true }).waitFor();
  await finish();
  await remove([id]);
  await all.api('DELETE', `/pools/${pool.id}`);
});

test('rows are selected by the mouse and the keyboard, in view, all that match, and all revoked', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await choose(page, 'main');
  await bar(page).getByText('1 selected').waitFor();
  await page.keyboard.press('Escape');
  await rows(page).first().focus();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await bar(page).getByText('2 selected').waitFor();
  await bar(page).getByRole('button', { name: 'Clear the selection' }).click();
  await bar(page).waitFor({ state: 'detached' });
  await page.getByRole('checkbox', { name: 'Select the rows in view' }).check();
  await bar(page).getByText('6 selected').waitFor();
  await bar(page).getByRole('button', { name: 'Clear the selection' }).click();
  await page.getByRole('searchbox').fill('spring');
  await row(page, '…0002').waitFor({ state: 'detached' });
  await choose(page, 'main');
  await bar(page).getByRole('button', { name: 'Select all 2 that match' }).click();
  await bar(page).getByText('2 selected').waitFor();
  await page.getByRole('searchbox').fill('');
  await row(page, '…0002').waitFor();
  await bar(page).getByText('2 selected').waitFor();
  await more(page, header(page), 'Select all revoked (1)');
  await bar(page).getByText('1 selected').waitFor();
  assert.equal(await row(page, '…0004').getByRole('checkbox').isChecked(), true);
  await finish();
});

test('selected keys are disabled, which can be undone, and enabled', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  for (const name of ['…0002', '…0005', '…0006']) await choose(page, name);
  await bar(page).getByRole('button', { name: 'Disable' }).click();
  await page.getByText('2 keys disabled').waitFor();
  await row(page, '…0006').getByText('off').waitFor();
  assert.deepEqual((await keys('&state=disabled')).map((it) => it.id), [2, 5, 6]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('2 keys enabled').waitFor();
  assert.deepEqual((await keys('&state=disabled')).map((it) => it.id), [5], 'what was off before stays off');
  await bar(page).getByRole('button', { name: 'Enable' }).click();
  await page.getByText('1 key enabled').waitFor();
  assert.deepEqual(await keys('&state=disabled'), []);
  await bar(page).getByRole('button', { name: 'Enable' }).click();
  await page.getByText('Nothing to do: they are all enabled').waitFor();
  await finish();
  await all.api('PATCH', '/keys/5', { enabled: false });
});

test('many keys are edited at once, and what is wrong is said beside its field', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400/);
  await open('/keys');
  for (const name of ['…0002', '…0006']) await choose(page, name);
  await bar(page).getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit 2 keys' });
  assert.equal(await dialog.getByRole('button', { name: 'Change 2 keys' }).isDisabled(), true);
  await dialog.getByLabel('Weight').fill('0');
  await dialog.getByRole('button', { name: 'Change 2 keys' }).click();
  await dialog.getByRole('alert').getByText('from 1 to 1000000').waitFor();
  await dialog.getByLabel('Weight').fill('7');
  await dialog.getByLabel('Project', { exact: true }).fill('two together');
  await dialog.getByLabel('Tier').selectOption('paid');
  await dialog.getByRole('textbox', { name: 'Tags' }).fill('red, green');
  await dialog.getByRole('button', { name: 'Change 2 keys' }).click();
  await page.getByText('2 keys changed').waitFor();
  for (const id of [2, 6]) {
    const { weight, project, tier, tags } = await key(id);
    assert.deepEqual({ weight, project, tier, tags }, { weight: 7, project: 'two together', tier: 'paid', tags: ['red', 'green'] });
  }
  await bar(page).getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('Take the project away').check();
  await dialog.getByLabel('Take all tags away').check();
  await dialog.getByLabel('Tier').selectOption('free');
  await dialog.getByRole('button', { name: 'Change 2 keys' }).click();
  await until('the project is gone', async () => {
    const { tags, project } = await key(6);
    return tags.length === 0 && !project;
  });
  assert.equal((await key(6)).weight, 7, 'what was left empty stays');
  await finish();
  await all.api('POST', '/keys/bulk', { ids: [2, 6], change: { weight: 1 } });
});

test('keys are copied whole, one a line, and that is audited', async () => {
  const { page, open, finish } = await visit(browser, all.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await open('/keys');
  for (const name of ['main', '…0002']) await choose(page, name);
  await more(page, bar(page), 'Copy the keys');
  await page.getByText('2 keys copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'good-key-0001\ngood-key-0002');
  const [last] = (await all.api('GET', '/audit')).changes;
  assert.equal(last.action, 'key.export.clear');
  await finish();
});

test('a deletion says in numbers what it does, and can be undone', async () => {
  const ids = await add(['gone-key-00001', 'gone-key-00002', 'gone-key-00003']);
  await all.api('PATCH', `/keys/${ids[0]}`, { enabled: false });
  const { page, open, finish } = await visit(browser, all.url);
  await page.clock.install();
  await open('/keys?search=000');
  await row(page, '…0001').filter({ hasText: `Key ${ids[0]}` }).waitFor();
  for (const id of ids) await choose(page, `Key ${id}`);
  await more(page, bar(page), 'Delete');
  const question = page.getByRole('dialog', { name: 'Delete 3 keys?' });
  await question.getByText('2 of them are serving now. This can be undone for ten seconds.').waitFor();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await bar(page).getByText('3 selected').waitFor();
  await more(page, bar(page), 'Delete');
  await question.getByRole('button', { name: 'Delete 3 keys' }).click();
  await row(page, `Key ${ids[1]}`).waitFor({ state: 'detached' });
  await row(page, 'main').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, `Key ${ids[1]}`).waitFor();
  await page.clock.fastForward(20_000);
  assert.equal((await keys()).filter((it) => ids.includes(it.id)).length, 3, 'nothing was deleted');
  for (const id of ids) await choose(page, `Key ${id}`);
  await more(page, bar(page), 'Delete');
  await question.getByRole('button', { name: 'Delete 3 keys' }).click();
  await row(page, `Key ${ids[1]}`).waitFor({ state: 'detached' });
  assert.equal((await keys()).filter((it) => ids.includes(it.id)).length, 3, 'they are there while it can be undone');
  await page.clock.fastForward(10_000);
  await page.getByText('3 keys deleted').waitFor();
  assert.equal((await keys()).filter((it) => ids.includes(it.id)).length, 0);
  await row(page, 'main').waitFor();
  await finish();
});

test('a deletion that waits is sent when the page is left', async () => {
  const ids = await add(['left-key-00001']);
  const { page, open, finish } = await visit(browser, all.url);
  await open('/keys');
  await choose(page, `Key ${ids[0]}`);
  await more(page, bar(page), 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 key' }).click();
  await row(page, `Key ${ids[0]}`).waitFor({ state: 'detached' });
  await page.goto('about:blank');
  await until('it is deleted', async () => !(await keys()).some((it) => it.id === ids[0]));
  await finish();
});

test('all that are off are deleted by one choice', async () => {
  const ids = await add(['idle-key-00001', 'idle-key-00002']);
  await all.api('PATCH', '/keys/5', { enabled: true });
  await all.api('POST', '/keys/bulk', { ids, change: { enabled: false } });
  const { page, open, finish } = await visit(browser, all.url);
  await page.clock.install();
  await open('/keys');
  await row(page, `Key ${ids[0]}`).waitFor();
  await more(page, header(page), 'Delete all that are off (2)');
  await page.getByRole('dialog', { name: 'Delete 2 keys?' }).getByText('None of them is serving now.').waitFor();
  await page.getByRole('button', { name: 'Delete 2 keys' }).click();
  await row(page, `Key ${ids[0]}`).waitFor({ state: 'detached' });
  await page.clock.fastForward(10_000);
  await page.getByText('2 keys deleted').waitFor();
  assert.equal((await keys()).length, 6);
  await finish();
  await all.api('PATCH', '/keys/5', { enabled: false });
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

test('a viewer sees the list, and nothing that changes it', async () => {
  await all.api('POST', '/admins', { name: 'ann', role: 'viewer', password: 'twelve characters and more' });
  const { page, context, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401/);
  await context.request.post(`${all.url}/admin/api/session`, {
    data: { name: 'ann', password: 'twelve characters and more' },
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  await open('/keys');
  await row(page, 'main').waitFor();
  assert.equal(await page.getByRole('checkbox').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Add keys' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'More', exact: true }).count(), 0);
  await finish();
});
