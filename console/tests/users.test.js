// Users: found, added, changed, rotated, switched off, and deleted.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { world } from './world.js';

let all;
let browser;
let team;
let ci;

before(async () => {
  [all, browser] = await Promise.all([world(), launch()]);
  team = await all.api('POST', '/pools', { name: 'team-a' });
  ci = await all.api('POST', '/users', { name: 'ci', labels: ['build'], limits: { 'requests/minute': 60, 'requests/day': 10, 'tokens/ever': 100_000 } });
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const user = () => all.api('GET', `/users/${ci.id}`);

test('a user is added with all that can be told, and the access key works', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/(400|409) .*\/admin\/api\/users/);
  await open('/users');
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('ci');
  await dialog.getByLabel('Labels').fill('people, design');
  await dialog.getByLabel('Models').fill('gemini-2.5-flash*');
  await dialog.getByLabel('Addresses').fill('nonsense');
  await dialog.getByLabel('Expires').fill('2031-01-01T00:00');
  await dialog.getByRole('checkbox', { name: 'team-a' }).check();
  await dialog.getByRole('checkbox', { name: 'default' }).check();
  await dialog.getByRole('button', { name: 'Move default up' }).click();
  await dialog.getByLabel('Requests a day', { exact: true }).fill('5');
  await dialog.getByLabel('Dollars ever', { exact: true }).fill('1.25');
  await dialog.getByRole('button', { name: 'Add the user' }).click();
  await dialog.getByRole('alert').first().waitFor();
  await dialog.getByLabel('Addresses').fill('127.0.0.0/8, ::1');
  await dialog.getByRole('button', { name: 'Add the user' }).click();
  await dialog.getByRole('alert').getByText('another user has this name').waitFor();
  await dialog.getByLabel('Name', { exact: true }).fill('ann');
  await dialog.getByRole('button', { name: 'Add the user' }).click();
  const secret = await dialog.getByTestId('secret').innerText();
  assert.equal((await all.chat('say: hello', { key: secret })).status, 200);
  assert.equal((await all.chat('say: hello', { key: secret, model: 'gemini-2.5-pro' })).status, 403);
  await dialog.getByRole('link', { name: 'Open the user' }).click();
  await page.getByRole('heading', { level: 1, name: 'ann' }).waitFor();
  const made = await all.api('GET', `/users/${page.url().split('/').pop()}`);
  assert.deepEqual(made.labels, ['people', 'design']);
  assert.deepEqual(made.pools, [1, team.id]);
  assert.deepEqual(made.addresses, ['127.0.0.0/8', '::1']);
  assert.deepEqual(made.limits, { 'money/ever': 1_250_000, 'requests/day': 5 });
  assert.equal(new Date(made.expires_at).getTime(), new Date('2031-01-01T00:00').getTime());
  await finish();
});

test('users are found by search, label, pool and state; Back goes back', async () => {
  await all.api('POST', '/users', { name: 'old-bot', enabled: false });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/users');
  const names = page.getByRole('table', { name: 'Users' });
  await names.getByText('ci', { exact: true }).waitFor();
  await page.getByLabel('Name, label or end of key').fill('bot');
  await page.getByText('1 user', { exact: true }).waitFor();
  await names.getByText('old-bot').waitFor();
  await page.getByLabel('Name, label or end of key').fill('nobody at all');
  await page.getByText('No user fits').waitFor();
  await page.getByRole('button', { name: 'Show all users' }).click();
  await page.getByRole('button', { name: 'Only label design' }).click();
  await page.getByText('1 user', { exact: true }).waitFor();
  assert.match(page.url(), /label=design/);
  await page.getByRole('button', { name: 'Label design', exact: true }).click();
  await names.getByText('ci', { exact: true }).waitFor();
  await page.getByLabel('State').selectOption('false');
  await names.getByText('ci', { exact: true }).waitFor({ state: 'detached' });
  await names.getByText('old-bot').waitFor();
  await page.getByLabel('State').selectOption('');
  await page.getByLabel('Pool', { exact: true }).selectOption(String(team.id));
  await names.getByText('Pool team-a').waitFor();
  await page.getByText('2 users', { exact: true }).waitFor();
  await page.getByLabel('Pool', { exact: true }).selectOption('');
  await names.getByText('ci', { exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'ci' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  await finish();
});

test('long lists come in pages', async () => {
  const made = [];
  for (let count = 0; count < 101; count += 1) made.push(await all.api('POST', '/users', { name: `many-${count}`, labels: ['many'] }));
  const { page, open, finish } = await visit(browser, all.url);
  await open('/users?label=many');
  await page.getByText('101 users').waitFor();
  await page.getByRole('button', { name: 'Page after' }).click();
  await page.getByText('Page 2 of 2').waitFor();
  await page.getByText('many-100').waitFor();
  assert.match(page.url(), /page=2/);
  await page.goBack();
  await page.getByText('many-0', { exact: true }).waitFor();
  await finish();
  for (const { id } of made) await all.api('DELETE', `/users/${id}`);
});

test('use is shown against limits and over time, with a way to the requests', async () => {
  for (let count = 0; count < 3; count += 1) await all.chat('say: hello', { key: ci.secret });
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/users/${ci.id}?range=1h`);
  await page.getByRole('meter', { name: 'Requests a day: 3 of 10 used' }).waitFor();
  await page.getByText(/begins anew .*00:00 Pacific/).first().waitFor();
  await page.getByText('never begins anew').waitFor();
  await page.getByRole('img', { name: /^Requests: 3 requests, 100/ }).waitFor();
  await page.getByRole('link', { name: 'Its requests' }).click();
  await page.waitForURL(new RegExp(`/requests\\?user=${ci.id}`));
  await open('/users');
  await page.getByRole('meter', { name: 'Requests a day: 3 of 10 used' }).waitFor();
  await finish();
});

test('what a user may is changed, saved together, and asked about when left', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/users/${ci.id}`);
  await page.getByLabel('Labels').fill('build, nightly');
  await page.getByLabel('Models').fill('gemini-2.5-flash');
  await page.getByLabel('Requests a day', { exact: true }).fill('20');
  await page.getByLabel('Tokens ever', { exact: true }).fill('');
  await page.getByText('3 changes not saved').waitFor();
  page.once('dialog', (dialog) => void dialog.dismiss());
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Users' }).click();
  await page.getByText('3 changes not saved').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const { labels, models, limits } = await user();
  assert.deepEqual({ labels, models, limits }, { labels: ['build', 'nightly'], models: ['gemini-2.5-flash'], limits: { 'requests/day': 20, 'requests/minute': 60 } });
  await page.getByLabel('Name', { exact: true }).fill('other');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'ci');
  await finish();
});

test('the access key is shown, which is audited, and replaced while the old one holds for a while', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/users/${ci.id}`);
  await page.getByRole('button', { name: 'Reveal' }).click();
  await page.getByText(ci.secret, { exact: true }).waitFor();
  const { changes } = await all.api('GET', `/audit?subject=user ${ci.id}`);
  assert.equal(changes[0].action, 'user.access_key.reveal');
  await page.getByRole('button', { name: 'Replace' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('The present one is good').selectOption('1h');
  await dialog.getByRole('button', { name: 'Replace' }).click();
  await dialog.getByText(/The one before is good until/).waitFor();
  const second = await dialog.getByTestId('secret').innerText();
  for (const key of [ci.secret, second]) assert.equal((await all.chat('say: hello', { key })).status, 200);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByText('The one before is still good; it ends in 1 hour').or(page.getByText(/it ends in (59|60) minutes/)).first().waitFor();
  await page.getByRole('button', { name: 'Replace' }).click();
  await dialog.getByLabel('The present one is good').selectOption('0');
  await dialog.getByText('refused at once').waitFor();
  await dialog.getByRole('button', { name: 'Replace' }).click();
  await dialog.getByText('The one before is refused from now on.').waitFor();
  const third = await dialog.getByTestId('secret').innerText();
  assert.equal((await all.chat('say: hello', { key: second })).status, 401);
  assert.equal((await all.chat('say: hello', { key: third })).status, 200);
  await finish();
});

test('a user is switched off, and on again by undoing', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/users/${ci.id}`);
  await page.getByRole('button', { name: 'Switch off' }).click();
  await page.getByText('ci is off: its requests are refused.').waitFor();
  assert.equal((await user()).enabled, false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Switch off' }).waitFor();
  assert.equal((await user()).enabled, true);
  await finish();
});

for (const [name, route, text] of [
  ['users', '/users', 'old-bot'],
  ['user', () => `/users/${ci.id}`, '429'],
]) {
  test(`${name} is sound`, async () => {
    const address = typeof route === 'string' ? route : route();
    await assertSound(browser, all, name, address, (page) => page.getByText(text).first().waitFor());
  });
}

test('a viewer sees users and changes nothing', async () => {
  await all.api('POST', '/admins', { name: 'vera', role: 'viewer', password: 'a-password-of-vera' });
  const { page, context, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401 .*\/admin\/api\/session/);
  await context.request.post(`${all.url}/admin/api/session`, { data: { name: 'vera', password: 'a-password-of-vera' }, headers: { 'sec-fetch-site': 'same-origin' } });
  await open('/users');
  await page.getByText('old-bot').waitFor();
  assert.equal(await page.getByRole('button', { name: 'New user' }).count(), 0);
  await open(`/users/${ci.id}`);
  await page.getByText('Owners can see it whole.').waitFor();
  for (const name of ['Reveal', 'Replace', 'Switch off', 'More']) assert.equal(await page.getByRole('main').getByRole('button', { name }).count(), 0, name);
  assert.ok(await page.getByLabel('Labels').isDisabled());
  await finish();
});

test('a user is deleted after a warning', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open(`/users/${ci.id}`);
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText('refused at once').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('ci is deleted.').waitFor();
  assert.match(page.url(), /\/users$/);
  const { users } = await all.api('GET', '/users?search=ci');
  assert.ok(!users.some((it) => it.id === ci.id));
  await finish();
});
