// Pools: made, changed, limited, and deleted; what their callers may ask.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { world } from './world.js';

let all;
let browser;
let team;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: 'good-key-0001,good-key-0002,team-key-0003,late-key-0004', given: 'good-key-0001,good-key-0002' }), launch()]);
  team = await all.api('POST', '/pools', { name: 'team', description: 'Agents of the team' });
  await all.api('POST', '/keys', { pool: team.id, keys: 'late-key-0004' });
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const pool = () => all.api('GET', `/pools/${team.id}`);
const own = async (name) => (await pool()).settings[name];

test('a pool is made with its first keys, and its access key works', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/409 .*\/admin\/api\/pools/);
  await open('/pools');
  await page.getByRole('button', { name: 'New pool' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('team');
  await dialog.getByRole('button', { name: 'Make the pool' }).click();
  await dialog.getByRole('alert').getByText('another pool has this name').waitFor();
  await dialog.getByLabel('Name').fill('lab');
  await dialog.getByLabel('Description').fill('Tries things');
  await dialog.getByLabel('First keys').fill('team-key-0003\nnot a key');
  await dialog.getByRole('button', { name: 'Make the pool' }).click();
  await dialog.getByText(/key was added/).waitFor();
  await dialog.getByText(/^2\. /).waitFor();
  const secret = await dialog.getByTestId('secret').innerText();
  assert.equal((await all.chat('say: hello', { key: secret })).status, 200);
  await dialog.getByRole('link', { name: 'Open the pool' }).click();
  await page.getByRole('heading', { level: 1, name: 'lab' }).waitFor();
  await page.getByText('Tries things').waitFor();
  await finish();
});

test('it is renamed, switched off, and on again by undoing', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/pools/${team.id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  assert.ok(await dialog.getByRole('button', { name: 'Save' }).isDisabled());
  await dialog.getByLabel('Name').fill('team-a');
  await dialog.getByLabel('Description').fill('Agents of team A');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'team-a' }).waitFor();
  await page.getByText('Agents of team A').waitFor();
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByText('team-a is off: its callers get 403.').waitFor();
  assert.equal((await all.chat('say: hello', { key: team.secret })).status, 403);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('1 of 1 keys are ready').waitFor();
  assert.equal((await pool()).enabled, true);
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByRole('button', { name: 'Switch on' }).click();
  await page.getByRole('button', { name: 'Switch off' }).waitFor();
  assert.equal((await all.chat('say: hello', { key: team.secret })).status, 200);
  await finish();
});

test('the access key is shown on demand, which is audited, and made anew after a warning', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/pools/${team.id}`);
  await page.getByRole('button', { name: 'Reveal' }).click();
  await page.getByText(team.secret, { exact: true }).waitFor();
  const { changes } = await all.api('GET', `/audit?subject=pool ${team.id}`);
  assert.equal(changes[0].action, 'pool.access_key.reveal');
  await page.getByRole('button', { name: 'Hide' }).click();
  assert.equal(await page.getByText(team.secret, { exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Regenerate' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('The present one is refused at once').waitFor();
  await dialog.getByRole('button', { name: 'Regenerate' }).click();
  const secret = await dialog.getByTestId('secret').innerText();
  assert.equal((await all.chat('say: hello', { key: team.secret })).status, 401);
  assert.equal((await all.chat('say: hello', { key: secret })).status, 200);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText(`…${secret.slice(-4)}`, { exact: true }).waitFor();
  team.secret = secret;
  await finish();
});

test('models are allowed by tick and by pattern', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/pools/${team.id}/models`);
  await page.getByLabel('As the server: any model').waitFor();
  await page.getByRole('checkbox', { name: 'gemini-2.5-flash', exact: true }).waitFor();
  assert.ok(await page.getByRole('checkbox', { name: 'gemini-2.5-flash', exact: true }).isDisabled());
  await page.getByLabel('Only these').check();
  await page.getByRole('button', { name: 'Untick all shown' }).click();
  await page.getByRole('alert').getByText('Choose at least one model').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled(), 'an empty list would allow every model');
  await page.getByLabel('Search models').fill('pro');
  await page.getByRole('checkbox', { name: 'gemini-2.5-pro', exact: true }).check();
  await page.getByLabel('Search models').fill('');
  // On the way to the pattern stands the name of a listed model, which is not meant.
  await page.getByLabel('Patterns and other names').pressSequentially('gemini-2.5-flash-*');
  await page.getByLabel('Patterns and other names').press('Tab');
  assert.equal(await page.getByRole('checkbox', { name: 'gemini-2.5-flash', exact: true }).isChecked(), false);
  await page.getByText('by gemini-2.5-flash-*').first().waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('set for this pool').first().waitFor();
  assert.equal(await own('models.allowed'), 'gemini-2.5-flash-*,gemini-2.5-pro');
  const asks = async (model) => (await all.chat('say: hello', { key: team.secret, model })).status;
  assert.equal(await asks('gemini-2.5-pro'), 200);
  assert.equal(await asks('gemini-2.5-flash'), 403);
  await page.getByLabel('Any model', { exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
  assert.equal(await own('models.allowed'), '');
  assert.equal(await asks('gemini-2.5-flash'), 200);
  await page.getByLabel(/^As the server/).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
  assert.equal(await own('models.allowed'), undefined);
  await finish();
});

test('Gemini is asked anew for its models, and a model stands in for unknown ones', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/pools/${team.id}/models`);
  const [answer] = await Promise.all([
    page.waitForResponse((it) => it.url().endsWith(`/pools/${team.id}/models/refresh`)),
    page.getByRole('button', { name: 'Ask Gemini anew' }).click(),
  ]);
  assert.equal(answer.status(), 200);
  await page.getByText('The list of models is up to date.').waitFor();
  await page.getByLabel('Unknown models', { exact: true }).selectOption('default');
  await page.getByLabel('Default model', { exact: true }).fill('gemini-2.5-flash');
  await page.getByText('2 changes not saved').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
  assert.equal(await own('models.unknown'), 'default');
  const { status, body } = await all.chat('say: hello', { key: team.secret, model: 'no-such-model' });
  assert.equal(status, 200, body);
  await finish();
});

test('limits are set in a grid, refused beside the field, and shown with what is used', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/pools/${team.id}/limits`);
  await page.getByText('No limits are set.').waitFor();
  await page.getByLabel('Requests a minute', { exact: true }).fill('1.5');
  await page.getByRole('alert').getByText('A whole number from 1 on').waitFor();
  await page.getByLabel('Requests a minute', { exact: true }).fill('3');
  await page.getByLabel('Dollars a day', { exact: true }).fill('2.50');
  await page.getByLabel('Requests at a time', { exact: true }).fill('2');
  await page.getByText('3 changes not saved').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('meter', { name: 'Requests a minute: 0 of 3 used' }).waitFor();
  assert.deepEqual((await pool()).limits, { concurrency: 2, 'money/day': 2_500_000, 'requests/minute': 3 });
  const statuses = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await all.chat('say: hello', { key: team.secret })).status);
  assert.equal(statuses.at(-1), 429);
  await page.reload();
  await page.getByRole('meter', { name: 'Requests a minute: 3 of 3 used' }).waitFor();
  await page.getByText(/begins anew .*Pacific/).first().waitFor();
  await page.getByLabel('Requests a minute', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('meter', { name: /Requests a minute/ }).waitFor({ state: 'detached' });
  assert.equal((await pool()).limits['requests/minute'], undefined);
  await finish();
});

test('its settings are its own until the server\'s are used again', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await all.api('PATCH', '/settings', { 'pool.max_attempts': 7 });
  await open(`/pools/${team.id}/settings?group=pool`);
  const attempts = page.locator('[id="pool.max_attempts"]');
  await attempts.getByText('set for the server').waitFor();
  assert.equal(await attempts.getByRole('textbox').getAttribute('placeholder'), '7');
  assert.equal(await page.getByText('health.checks').count(), 0, 'what is the same for all pools is not here');
  await attempts.getByRole('textbox').fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await attempts.getByText('set for this pool').waitFor();
  assert.equal(await own('pool.max_attempts'), '2');
  await attempts.getByRole('button', { name: /Use the server's again/ }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await attempts.getByText('set for the server').waitFor();
  assert.equal(await own('pool.max_attempts'), undefined);
  await finish();
});

test('a pool shows what it did, and leads to its keys and requests', async () => {
  await all.chat('say: hello', { key: team.secret });
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/pools/${team.id}?range=1h`);
  await page.getByRole('img', { name: /^Requests: \d+ requests?, / }).waitFor();
  await page.getByRole('img', { name: /^Tokens: \d+ tokens/ }).waitFor();
  await page.getByRole('img', { name: '1 serving' }).waitFor();
  await page.getByRole('link', { name: 'See the keys' }).click();
  await page.waitForURL(new RegExp(`/keys\\?pool=${team.id}$`));
  await page.goBack();
  await page.getByRole('link', { name: 'See the requests' }).click();
  await page.waitForURL(new RegExp(`/requests\\?pool=${team.id}`));
  await finish();
});

for (const [name, route, text] of [
  ['pools', '/pools', 'Agents of team A'],
  ['pool', () => `/pools/${team.id}`, 'Agents of team A'],
  ['pool-models', () => `/pools/${team.id}/models`, 'gemini-2.5-flash'],
  ['pool-limits', () => `/pools/${team.id}/limits`, '429'],
]) {
  test(`${name} is sound`, async () => {
    const address = typeof route === 'string' ? route : route();
    await assertSound(browser, all, name, address, (page) => page.getByText(text).first().waitFor());
  });
}

test('a viewer sees pools and changes nothing', async () => {
  await all.api('POST', '/admins', { name: 'vera', role: 'viewer', password: 'a-password-of-vera' });
  const { page, context, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401 .*\/admin\/api\/session/);
  await context.request.post(`${all.url}/admin/api/session`, { data: { name: 'vera', password: 'a-password-of-vera' }, headers: { 'sec-fetch-site': 'same-origin' } });
  await open('/pools');
  await page.getByText('team-a').waitFor();
  assert.equal(await page.getByRole('button', { name: 'New pool' }).count(), 0);
  await open(`/pools/${team.id}`);
  await page.getByText('Owners can see it whole.').waitFor();
  for (const name of ['Reveal', 'Regenerate', 'Switch off', 'Edit']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await open(`/pools/${team.id}/limits`);
  assert.ok(await page.getByLabel('Requests a day', { exact: true }).isDisabled());
  await finish();
});

test('it is deleted after its numbers are told; the first one stays', async () => {
  await all.api('POST', '/users', { name: 'eve', pools: [team.id] });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/pools/1');
  await page.getByRole('button', { name: 'Switch off' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'More', exact: true }).count(), 0);
  await open(`/pools/${team.id}`);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 key goes with it; 1 of them serving now.').waitFor();
  await dialog.getByText('1 user may use it, and cannot any more.').waitFor();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('The pool team-a is deleted.').waitFor();
  assert.match(page.url(), /\/pools$/);
  const { pools } = await all.api('GET', '/pools');
  assert.ok(!pools.some((it) => it.id === team.id));
  await finish();
});
