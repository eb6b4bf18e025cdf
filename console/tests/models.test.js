// Models: the live list, and the settings about models as tables, for the server and for one pool.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { world } from './world.js';

let all;
let browser;
let team;

before(async () => {
  [all, browser] = await Promise.all([world({ keys: 'good-key-0001,team-key-0002', given: 'good-key-0001' }), launch()]);
  team = await all.api('POST', '/pools', { name: 'team-a', settings: { 'models.allowed': 'gemini-2.5-*' } });
  await all.api('POST', '/keys', { pool: team.id, keys: 'team-key-0002' });
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const setting = async (name) => (await all.api('GET', '/settings')).settings.find((it) => it.name === name).value;
const ownOfTeam = async (name) => (await all.api('GET', `/pools/${team.id}`)).settings[name];

async function save(page) {
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
}

test('aliases are written in their order', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/models/aliases');
  await page.getByText('There are none.').waitFor();
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByText('Fill in every field of a row').waitFor();
  await page.getByLabel('Name, row 1').fill('gpt-*');
  await page.getByLabel('Model, row 1').fill('gemini-2.5-pro');
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByLabel('Name, row 2').fill('gpt-4o');
  assert.ok(await page.getByRole('button', { name: 'Save' }).isDisabled(), 'a row is not finished');
  await page.getByLabel('Model, row 2').fill('gemini-2.5-flash');
  await page.getByRole('button', { name: 'Move row 2 up' }).click();
  assert.equal(await page.getByLabel('Name, row 1').inputValue(), 'gpt-4o');
  await save(page);
  assert.equal(await setting('models.aliases'), 'gpt-4o=gemini-2.5-flash,gpt-*=gemini-2.5-pro');
  const { body } = await all.chat('say: hello', { model: 'gpt-5' });
  assert.match(body, /hello/);
  await page.getByRole('button', { name: 'Move row 1 down' }).click();
  assert.equal(await page.getByLabel('Name, row 1').inputValue(), 'gpt-*');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  assert.equal(await page.getByLabel('Name, row 1').inputValue(), 'gpt-4o');
  await page.getByRole('button', { name: 'Remove row 2' }).click();
  await save(page);
  assert.equal(await setting('models.aliases'), 'gpt-4o=gemini-2.5-flash');
  await finish();
});

test('what Gemini does not list is refused or stood in for', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400 .*\/admin\/api\/settings/);
  await open('/models/aliases');
  await page.getByLabel('Unknown models', { exact: true }).selectOption('refuse');
  await save(page);
  assert.equal((await all.chat('say: hello', { model: 'no-such-model' })).status, 404);
  await page.getByLabel('Default model', { exact: true }).fill('not a model');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('`models.default` takes the name of a model').waitFor();
  await page.getByLabel('Default model', { exact: true }).fill('gemini-2.5-flash');
  await page.getByLabel('Unknown models', { exact: true }).selectOption('default');
  await save(page);
  assert.equal((await all.chat('say: hello', { model: 'no-such-model' })).status, 200);
  await page.getByRole('button', { name: 'Use the default again: Unknown models' }).click();
  await page.getByRole('button', { name: 'Use the default again: Default model' }).click();
  await save(page);
  assert.equal(await setting('models.default'), null);
  await finish();
});

test('thinking is set for all, and for single models', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/models/thinking');
  await page.getByLabel('Default effort', { exact: true }).fill('low');
  await page.getByLabel('Include thoughts', { exact: true }).selectOption('true');
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByLabel('Model, row 1').fill('gemini-2.5-flash');
  await page.getByLabel('Effort, row 1').fill('off');
  await save(page);
  assert.equal(await setting('thinking.default'), 'low');
  assert.equal(await setting('thinking.include_thoughts'), 'true');
  assert.equal(await setting('thinking.models'), 'gemini-2.5-flash=off');
  await finish();
});

test('prices are a table, and what they are is counted with', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/400 .*\/admin\/api\/settings/);
  await open('/models/prices');
  assert.equal(await page.getByLabel('Model or pattern, row 1').inputValue(), 'gemini-4-argon', 'what is known stands there');
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByLabel('Model or pattern, row 2').fill('gemini-2.5-flash*');
  await page.getByLabel('Input, row 2', { exact: true }).fill('much');
  await page.getByLabel('Cached input, row 2').fill('0.075');
  await page.getByLabel('Output, row 2').fill('2.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('`models.prices` takes').waitFor();
  await page.getByLabel('Input, row 2', { exact: true }).fill('0.3');
  await save(page);
  assert.equal(await setting('models.prices'), 'gemini-4-argon=4/0.2/20,gemini-2.5-flash*=0.3/0.075/2.5');
  await all.chat('say: hello');
  const { requests } = await all.api('GET', '/requests?limit=1');
  assert.ok(requests[0].cost > 0, 'requests cost something now');
  await finish();
});

test('with a pool in scope, that pool alone is changed; the scope is not lost with what is typed', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/models/aliases');
  await page.getByLabel('Pool', { exact: true }).selectOption(String(team.id));
  await page.getByText('For the pool team-a alone.').waitFor();
  await page.getByText('set for the server').first().waitFor();
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByLabel('Name, row 2').fill('claude-*');
  await page.getByLabel('Model, row 2').fill('gemini-2.5-pro');
  page.once('dialog', (dialog) => void dialog.dismiss());
  await page.getByLabel('Pool', { exact: true }).selectOption('');
  assert.match(page.url(), new RegExp(`pool=${team.id}`));
  await save(page);
  assert.equal(await ownOfTeam('models.aliases'), 'gpt-4o=gemini-2.5-flash,claude-*=gemini-2.5-pro');
  assert.equal(await setting('models.aliases'), 'gpt-4o=gemini-2.5-flash');
  await page.getByRole('link', { name: 'Prices' }).click();
  await page.getByText('For the pool team-a alone.').waitFor();
  assert.match(page.url(), new RegExp(`/models/prices\\?pool=${team.id}$`));
  await finish();
});

test('the list says what is allowed, what it costs and by what other names; it is asked for anew', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/models');
  await page.getByText('As the pool default sees it.').waitFor();
  const table = page.getByRole('table', { name: 'Models' });
  const row = (name) => table.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
  await row('gemini-2.5-flash').getByText('$0.30 / $0.075 / $2.50').waitFor();
  await row('gemini-2.5-flash').getByText('gpt-4o').waitFor();
  const { models } = await all.api('GET', '/pools/1/models?all=true');
  const { input_limit: limit } = models.find((it) => it.id === 'gemini-2.5-flash');
  await row('gemini-2.5-flash').getByTitle(`${limit.toLocaleString('en')} tokens`).first().waitFor();
  await page.getByLabel('Search models').fill('gpt-4o');
  await page.getByText('1 model', { exact: true }).waitFor();
  assert.match(page.url(), /search=gpt-4o/);
  await page.getByLabel('Search models').fill('no such');
  await page.getByText('No model fits').waitFor();
  await page.getByLabel('Search models').fill('');
  await page.getByLabel('Pool', { exact: true }).selectOption(String(team.id));
  await row('gemini-2.5-pro').getByText('allowed', { exact: true }).waitFor();
  await row('gemini-2.0-flash').getByText('not allowed').waitFor();
  const [answer] = await Promise.all([
    page.waitForResponse((it) => it.url().endsWith(`/pools/${team.id}/models/refresh`)),
    page.getByRole('button', { name: 'Ask Gemini anew' }).click(),
  ]);
  assert.equal(answer.status(), 200);
  await page.getByText('The list of models is up to date.').waitFor();
  await finish();
});

for (const [name, route, text] of [
  ['models', '/models', 'gemini-2.5-flash'],
  ['models-aliases', '/models/aliases', null],
  ['models-prices', '/models/prices', null],
]) {
  test(`${name} is sound`, async () => {
    const first = (page) => (text ? page.getByText(text).first() : page.locator('ol input').first());
    await assertSound(browser, all, name, route, (page) => first(page).waitFor());
  });
}

test('a viewer sees models and changes nothing', async () => {
  await all.api('POST', '/admins', { name: 'vera', role: 'viewer', password: 'a-password-of-vera' });
  const { page, context, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401 .*\/admin\/api\/session/);
  await context.request.post(`${all.url}/admin/api/session`, { data: { name: 'vera', password: 'a-password-of-vera' }, headers: { 'sec-fetch-site': 'same-origin' } });
  await open('/models/aliases');
  assert.ok(await page.getByLabel('Name, row 1').isDisabled());
  for (const name of ['Add a row', 'Remove row 1', 'Ask Gemini anew']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await open('/models');
  await page.getByText('gemini-2.5-flash', { exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Ask Gemini anew' }).count(), 0);
  await finish();
});
