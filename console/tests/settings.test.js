// Settings: the server's own, who administers, what was changed, copies of the keys.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { world } from './world.js';

const BOB = 'the-first-password-of-bob';

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world(), launch()]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const setting = async (name) => (await all.api('GET', '/settings')).settings.find((it) => it.name === name);
const signIn = (body) =>
  fetch(`${all.url}/admin/api/session`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, body: JSON.stringify(body) });

/** A browser in which somebody else is signed in. */
async function visitAs(name, password) {
  const visitor = await visit(browser, all.url, { signedIn: false });
  visitor.expect(/401 .*\/admin\/api\/session/);
  const headers = { 'sec-fetch-site': 'same-origin' };
  const answer = await visitor.context.request.post(`${all.url}/admin/api/session`, { data: { name, password }, headers });
  assert.equal(answer.status(), 200);
  return visitor;
}

test('a setting is found, changed, saved, and given back to its default', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings');
  await page.getByLabel('Search settings').fill('longest wait');
  await page.getByText('1 setting', { exact: true }).waitFor();
  assert.match(page.url(), /search=longest/, 'what is searched stands in the address');
  const field = page.getByLabel('Longest wait for a key', { exact: true });
  assert.equal(await field.getAttribute('placeholder'), '5s');
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0, 'there is nothing to save yet');
  await field.fill('7s');
  await page.getByText('1 change not saved').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('set here', { exact: true }).waitFor();
  assert.equal((await setting('pool.max_wait')).value, '7s');
  await page.getByRole('button', { name: /Use the default again: Longest wait/ }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('default', { exact: true }).waitFor();
  assert.equal((await setting('pool.max_wait')).source, 'default');
  await finish();
});

test('several kinds of controls are saved together, or discarded', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings?group=pool');
  await page.getByRole('switch', { name: 'Keep conversations with their key' }).click();
  await page.getByLabel('Choice of the next key', { exact: true }).selectOption('round_robin');
  await page.getByLabel('Attempts per request', { exact: true }).fill('6');
  await page.getByText('3 changes not saved').waitFor();
  await page.getByRole('button', { name: 'Discard changes' }).click();
  assert.equal(await page.getByLabel('Attempts per request', { exact: true }).inputValue(), '');
  await page.getByRole('switch', { name: 'Keep conversations with their key' }).click();
  await page.getByLabel('Choice of the next key', { exact: true }).selectOption('round_robin');
  await page.getByLabel('Proxies to Gemini', { exact: true }).fill('http://user:secret@127.0.0.1:9');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  assert.equal((await setting('pool.affinity')).value, 'false');
  assert.equal((await setting('pool.strategy')).value, 'round_robin');
  assert.equal((await setting('pool.proxies')).source, 'database');
  assert.equal(await page.getByLabel('Proxies to Gemini', { exact: true }).getAttribute('placeholder'), 'set, never shown');
  await all.api('PATCH', '/settings', { 'pool.proxies': null });
  await page.getByLabel('Group').selectOption('');
  await page.getByLabel('Only what differs from the default').check();
  await page.getByText('from the environment: POLLUX_LISTEN').waitFor();
  assert.equal(await page.getByLabel('Attempts per request', { exact: true }).count(), 0);
  await finish();
});

test('what a setting does not take is said beside it, here or by the server', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400 .*\/admin\/api\/settings/);
  await open('/settings');
  await page.getByLabel('Attempts per request', { exact: true }).fill('99');
  await page.getByLabel('No attempt after', { exact: true }).fill('soon');
  await page.getByLabel('No attempt after', { exact: true }).press('Tab');
  await page.getByRole('alert').getByText('A number from 1 to 32.').waitFor();
  await page.getByRole('alert').getByText('A time such as 250ms').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled());
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await page.getByLabel('Trusted proxies', { exact: true }).fill('nonsense');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[id="trusted_proxies"]').getByRole('alert').getByText('`trusted_proxies` takes').waitFor();
  assert.equal((await setting('trusted_proxies')).source, 'default');
  await finish();
});

test('what needs a start is shown and not edited; each setting has an address', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings#threads');
  const row = page.locator('[id="threads"]');
  await row.getByText('Read when the server starts: set POLLUX_THREADS').waitFor();
  assert.equal(await row.getByRole('textbox').count(), 0);
  await page.waitForFunction(() => {
    const { top, bottom } = document.getElementById('threads').getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });
  assert.equal(await page.locator('[id="gemini_api_key"]').getByText('set, never shown').count(), 1);
  await page.getByRole('link', { name: 'Link to log.level' }).click();
  assert.match(page.url(), /#log\.level$/);
  await finish();
});

test('leaving with changes asks', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings');
  await page.getByLabel('Attempts per request', { exact: true }).fill('5');
  page.once('dialog', (dialog) => void dialog.dismiss());
  await page.getByRole('link', { name: 'Access', exact: true }).click();
  assert.equal(await page.getByLabel('Attempts per request', { exact: true }).inputValue(), '5');
  page.once('dialog', (dialog) => void dialog.accept());
  await page.getByRole('link', { name: 'Access', exact: true }).click();
  await page.getByRole('heading', { name: 'Admins' }).waitFor();
  await finish();
});

test('every setting of the server has a name in both languages, and help in Chinese', async () => {
  const read = async (name) => JSON.parse(await readFile(new URL(`../src/ui/settings/${name}`, import.meta.url), 'utf8'));
  const [en, zh, help] = await Promise.all(['names.en.json', 'names.zh.json', 'help.zh.json'].map(read));
  const { settings } = await all.api('GET', '/settings');
  const names = settings.map((it) => it.name).sort();
  const groups = [...new Set(names.map((name) => (name.includes('.') ? name.split('.')[0] : 'server')))].sort();
  for (const texts of [en, zh]) {
    const keys = Object.keys(texts);
    assert.deepEqual(keys.filter((key) => !key.startsWith('group.')).sort(), names);
    assert.deepEqual(keys.filter((key) => key.startsWith('group.')).map((key) => key.slice('group.'.length)).sort(), groups);
  }
  assert.deepEqual(Object.keys(help).sort(), names);
});

test('admins are added, given passwords, and removed', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400|409/);
  await open('/settings/access');
  await page.getByText('The configuration names this password').waitFor();
  await page.getByRole('button', { name: 'Add an admin' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('admin');
  await dialog.getByLabel('Password').fill(BOB);
  await dialog.getByRole('button', { name: 'Add an admin' }).click();
  await dialog.getByRole('alert').getByText('another admin has this name').waitFor();
  await dialog.getByLabel('Name').fill('bob');
  await dialog.getByRole('button', { name: 'Add an admin' }).click();
  await page.getByText('bob may sign in now.').waitFor();
  assert.equal((await signIn({ name: 'bob', password: BOB })).status, 200);
  await page.getByRole('button', { name: 'Password of bob' }).click();
  await dialog.getByLabel('New password').fill('short');
  await dialog.getByLabel('New password').press('Tab');
  await dialog.getByRole('alert').getByText('too short').waitFor();
  await dialog.getByLabel('New password').fill('the-second-password-of-bob');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The password of bob is changed.').waitFor();
  assert.equal((await signIn({ name: 'bob', password: 'the-second-password-of-bob' })).status, 200);
  await page.getByRole('button', { name: 'Remove bob' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('bob is removed.').waitFor();
  assert.equal((await all.api('GET', '/admins')).admins.length, 1);
  await finish();
});

test('a token is made, shown once, works, and is revoked', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings/access');
  await page.getByText('No tokens yet').waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('grafana');
  await dialog.getByLabel('Role').selectOption('viewer');
  await dialog.getByLabel('Ends').fill('2030-01-01T00:00');
  await dialog.getByRole('button', { name: 'Make a token' }).click();
  const secret = await dialog.getByTestId('secret').innerText();
  await dialog.getByRole('button', { name: 'Done' }).click();
  assert.equal(await page.getByText(secret).count(), 0, 'it is not shown again');
  const asks = async () => (await fetch(`${all.url}/admin/api/overview`, { headers: { authorization: `Bearer ${secret}` } })).status;
  assert.equal(await asks(), 200);
  const { tokens } = await all.api('GET', '/tokens');
  assert.equal(tokens[0].role, 'viewer');
  assert.equal(new Date(tokens[0].expires_at).getTime(), new Date('2030-01-01T00:00').getTime());
  await page.getByRole('button', { name: 'Revoke grafana' }).click();
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The token grafana is revoked.').waitFor();
  assert.equal(await asks(), 401);
  await finish();
});

test('sessions are listed, and one of another browser is ended', async () => {
  const other = await visit(browser, all.url, { userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Firefox/140.0' });
  other.expect(/401/);
  await other.open('/settings/about');
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings/access');
  const row = page.getByRole('row').filter({ hasText: 'Firefox, macOS' });
  await page.getByText('this one').waitFor();
  await row.getByRole('button', { name: /End the session of admin from 127/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await page.getByText('The session is ended.').waitFor();
  await row.waitFor({ state: 'detached' });
  await other.page.reload();
  await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await other.finish();
  await finish();
});

test('a viewer changes nothing but the own password, and sees no secrets', async () => {
  await all.api('POST', '/admins', { name: 'vera', role: 'viewer', password: BOB });
  const { page, expect, open, finish } = await visitAs('vera', BOB);
  expect(/403/);
  await open('/settings?group=pool');
  await page.getByText('Longest wait for a key').waitFor();
  assert.equal(await page.getByRole('textbox').count(), 0);
  assert.equal(await page.getByRole('switch').count(), 0);
  await open('/settings/backup');
  await page.getByText('Backups are for owners').waitFor();
  await open('/settings/access');
  await page.getByText('Tokens and sessions are shown to owners only.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add an admin' }).count(), 0);
  await page.getByRole('button', { name: 'Password of vera' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Present password').fill('not this one at all');
  await dialog.getByLabel('New password').fill('another-password-of-vera');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/`old` is not the right password/).first().waitFor();
  await dialog.getByLabel('Present password').fill(BOB);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The password of vera is changed.').waitFor();
  assert.equal((await signIn({ name: 'vera', password: 'another-password-of-vera' })).status, 200);
  await finish();
});

test('the audit log says who changed what, by subject, and older ones on demand', async () => {
  for (let level = 0; level < 55; level += 1) await all.api('PATCH', '/settings', { 'trace.requests': level + 1 });
  await all.api('PATCH', '/pools/1', { description: 'the first' });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings/audit');
  const log = page.getByRole('list', { name: 'Audit' });
  const first = log.getByRole('listitem').first();
  await first.getByText('Pool changed').waitFor();
  await first.getByText('the first').waitFor();
  await first.getByText('admin, 127.0.0.1').waitFor();
  const rows = () => page.locator('ol[aria-label="Audit"] > li').count();
  assert.equal(await rows(), 50);
  await page.getByRole('button', { name: 'Show older ones' }).click();
  await page.locator('ol[aria-label="Audit"] > li').nth(55).waitFor();
  await page.getByLabel('What was changed').selectOption('token');
  await log.getByText('Token revoked').waitFor();
  assert.equal(await log.getByText('Setting changed').count(), 0);
  await page.getByLabel('What was changed').selectOption('setting');
  await log.getByText('→ 55').waitFor();
  await page.getByRole('button', { name: 'only this: Setting trace.requests' }).first().click();
  assert.match(page.url(), /subject=setting\+trace\.requests/);
  await page.getByRole('link', { name: 'Setting trace.requests' }).first().click();
  await page.locator('[id="trace.requests"]').waitFor();
  await finish();
});

test('keys are exported sealed, and imported again after a look', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400 .*\/keys\/import/);
  await open('/settings/backup');
  const [exporting, importing] = ['Export keys', 'Import keys'].map((name) => page.locator('section').filter({ has: page.getByRole('heading', { name }) }));
  await exporting.getByText('2 keys').waitFor();
  await exporting.getByLabel('Passphrase', { exact: true }).fill('a passphrase of the test');
  const [file] = await Promise.all([page.waitForEvent('download'), exporting.getByRole('button', { name: 'Export' }).click()]);
  assert.match(file.suggestedFilename(), /^pollux-keys-.*\.sealed\.txt$/);
  const sealed = await readFile(await file.path(), 'utf8');
  assert.ok(!sealed.includes('good-key'), 'nothing of the keys can be read');

  const { keys } = await all.api('GET', '/keys');
  await all.api('DELETE', `/keys/${keys[0].id}`);
  await importing.locator('input[type=file]').setInputFiles(await file.path());
  await importing.getByLabel('Passphrase', { exact: true }).fill('another passphrase');
  await importing.getByRole('button', { name: 'See what is in it' }).click();
  await importing.getByRole('alert').getByText('sealed under another passphrase').waitFor();
  await importing.getByLabel('Passphrase', { exact: true }).fill('a passphrase of the test');
  await importing.getByRole('button', { name: 'See what is in it' }).click();
  await importing.getByText('1 key would be added.').waitFor();
  await importing.getByText('1 there already').waitFor();
  assert.equal((await all.api('GET', '/keys')).total, 1, 'a look adds nothing');
  await importing.getByRole('button', { name: 'Import 1 key' }).click();
  await importing.getByText('1 key was added.').waitFor();
  assert.equal((await all.api('GET', '/keys')).total, 2);
  await finish();
});

test('keys leave in clear only after a warning, and come back without a passphrase', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings/backup');
  const pool = await all.api('POST', '/pools', { name: 'other' });
  await page.getByLabel('In clear, without a passphrase').check();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('dialog').getByText('Whoever reads the file can use every key').waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export in clear' }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  assert.equal(JSON.parse(text).keys.length, 2);
  await page.reload();
  await page.getByLabel('Exported text').fill(JSON.stringify({ keys: [{ key: 'good-key-0009', weight: 3 }] }));
  await page.getByText('These keys are in clear').waitFor();
  await page.getByLabel('Into the pool').selectOption(String(pool.id));
  await page.getByRole('button', { name: 'See what is in it' }).click();
  await page.getByRole('button', { name: 'Import 1 key' }).click();
  await page.getByText('1 key was added.').waitFor();
  const { keys } = await all.api('GET', `/keys?pool=${pool.id}`);
  assert.equal(keys[0].weight, 3);
  await finish();
});

test('the master key is exchanged after an explanation', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings/backup');
  await page.getByRole('button', { name: 'Exchange the master key' }).click();
  await page.getByRole('dialog').getByText('back both up again afterwards').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Exchange the master key' }).click();
  await page.getByText('The master key is exchanged. Back up').waitFor();
  const { changes } = await all.api('GET', '/audit?subject=master_key');
  assert.equal(changes[0].action, 'master_key.exchange');
  assert.equal((await all.chat()).status, 200, 'keys still open');
  await finish();
});

for (const [name, route, text] of [
  ['settings', '/settings?group=pool', 'pool.max_wait'],
  ['settings-access', '/settings/access', '127.0.0.1'],
  ['settings-audit', '/settings/audit?subject=pool', '127.0.0.1'],
  ['settings-backup', '/settings/backup', 'master.key'],
]) {
  test(`${name} is sound`, async () => {
    await assertSound(browser, all, name, route, (page) => page.getByText(text).first().waitFor());
  });
}

test('about says what runs here', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/settings/about');
  const server = await all.api('GET', '/server');
  await page.getByText(server.version, { exact: true }).waitFor();
  await page.getByText(server.address_seen, { exact: true }).waitFor();
  await finish();
  await assertSound(browser, all, 'settings-about', '/settings/about', (it) => it.getByText(server.version).waitFor());
});
