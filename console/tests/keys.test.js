// The list of keys: finding, selecting, changing and deleting them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { about, asViewer, bar, choose, header, more, row, rows, until } from './keys.js';
import { world } from './world.js';

const KEYS = 'good-key-0001,good-key-0002=ok:project=shared,tired-key-0003=quota:rpd=1,leaked-key-0004=leaked,good-key-0005,good-key-0006,*=ok';
const MODEL = 'gemini-2.5-flash';

let all;
let browser;
let keys;
let key;
let add;
let remove;
let script;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: KEYS }), launch()]);
  ({ keys, key, add, remove, script } = about(all));
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

test('the list is sound', async () => {
  await assertSound(browser, all, 'keys', '/keys', (page) => page.getByText('main').first().waitFor());
});

test('it says how each key stands and what is told of it', async () => {
  const { page, open, finish } = await visit(browser, all.url, { width: 1800 });
  await open('/keys');
  await row(page, '…0001').getByText('serving').waitFor();
  for (const text of ['main', '5', 'spring', 'free']) await row(page, '…0001').getByText(text, { exact: true }).first().waitFor();
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
  await script('good-key-0006', 'leaked');
  await all.api('POST', '/checks', { keys: [6] });
  await row(page, '…0006').getByText('revoked').waitFor();
  await script('good-key-0006', 'ok');
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

test('a viewer sees the list, and nothing that changes it', async () => {
  const visitor = await visit(browser, all.url, { signedIn: false });
  const { page, open, finish } = visitor;
  await asViewer(all, visitor);
  await open('/keys');
  await row(page, 'main').waitFor();
  assert.equal(await page.getByRole('checkbox').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Add keys' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'More', exact: true }).count(), 0);
  await finish();
});
