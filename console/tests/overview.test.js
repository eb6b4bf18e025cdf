// The overview: the sentence on top, the figures, the pools and what failed lately, as they are and as they change.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { source } from './source.js';
import { world } from './world.js';

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([
    world({
      keys: 'good-key-0001,good-key-0002,broken-key-0003=invalid,off-key-0004',
      env: { POLLUX_QUOTA__FREE: 'gemini-2.5-flash=100000rpd', POLLUX_QUOTA__PAID: 'gemini-2.5-flash=100000rpd', POLLUX_MODELS__PRICES: 'gemini-2.5-*=1/0.1/1000' },
    }),
    launch(),
  ]);
  const { keys } = await all.api('GET', '/keys');
  const off = keys.find((key) => key.last4 === '0004');
  await all.api('PATCH', `/keys/${off.id}`, { enabled: false });
  for (let count = 0; count < 6; count += 1) assert.equal((await all.chat()).status, 200);
  assert.equal((await all.chat('say: x', { max_tokens: -1 })).status, 400);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

/** A pool as the overview tells of it. */
const pool = (keys, hour = {}, more = {}) => ({
  id: 1,
  name: 'agents',
  keys: { total: 0, usable: 0, cooling: 0, revoked: 0, ...keys },
  waiting: 0,
  last_hour: { requests: 0, failures: 0, failed: {}, ...hour },
  ...more,
});
const foretold = (left, out, model = 'gemini-3.8-flash') => ({
  pool: 1,
  model,
  left,
  runs_out_at: out && { utc: out, pacific: out },
  day_ends_at: { utc: '2026-11-22T08:00:00Z', pacific: '2026-11-22T00:00:00-08:00' },
});

test('the sentence says the worst first', async () => {
  const { verdict } = await source('pages/overview/verdict.ts');
  const say = (pools, forecasts = [], off = new Map()) => verdict({ pools, forecasts, off }).map(({ key }) => key);
  const well = { total: 212, usable: 198, revoked: 0 };
  assert.deepEqual(say([pool({})]), ['no_keys']);
  assert.deepEqual(say([pool(well)]), ['well_unlimited'], 'of limits that are not known nothing is promised');
  assert.deepEqual(say([pool(well)], [foretold(100, null)]), ['well']);
  assert.deepEqual(say([pool({ total: 2, usable: 0, revoked: 2 })]), ['pool_dead']);
  assert.deepEqual(say([pool({})], [], new Map([[1, 3]])), ['pool_off']);
  assert.deepEqual(say([pool({ total: 4, usable: 3, revoked: 1 })]), ['well_unlimited', 'revoked']);
  const failing = { requests: 100, failures: 30, failed: { unavailable: 20, exhausted: 10 } };
  const both = verdict({ pools: [pool({ total: 4, usable: 3, revoked: 1 }, failing, { waiting: 3 })], forecasts: [foretold(0, 'now'), foretold(5, '2026-11-21T22:05:00Z', 'other')], off: new Map() });
  assert.deepEqual(both.map(({ key }) => key), ['failing', 'out', 'runs_out', 'waiting', 'revoked']);
  assert.deepEqual(both[0].values, { pool: 'agents', share: 0.3, reason: 'unavailable' });
  assert.equal(both[2].at, '2026-11-21T22:05:00Z');
});

test('what clients do wrong, and few failures, are no alarm', async () => {
  const { verdict } = await source('pages/overview/verdict.ts');
  const say = (hour) => verdict({ pools: [pool({ total: 2, usable: 2 }, hour)], forecasts: [], off: new Map() }).map(({ key }) => key);
  assert.deepEqual(say({ requests: 100, failures: 90, failed: { bad_request: 50, rejected: 40 } }), ['well_unlimited']);
  assert.deepEqual(say({ requests: 10, failures: 9, failed: { unavailable: 9 } }), ['well_unlimited']);
  assert.deepEqual(say({ requests: 100, failures: 5, failed: { unavailable: 5 } }), ['well_unlimited']);
  assert.deepEqual(say({ requests: 100, failures: 6, failed: { unavailable: 6 } }), ['failing']);
});

test('figures, pools and failures are those of the server', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/');
  await page.getByRole('status').getByText('All well: 2 of 4 keys serving; nothing runs out of quota before midnight Pacific.').waitFor();
  await page.getByRole('list', { name: 'Also' }).getByText('Google refuses 1 of 4 keys.').waitFor();
  const figures = page.locator('dl[aria-label=Figures]');
  const [of] = (await all.api('GET', '/overview')).pools;
  await figures.getByText(`${of.last_hour.failures} of ${of.last_hour.requests} failed in the last hour`).waitFor();
  const cost = await figures.locator('div').filter({ hasText: 'Cost, last hour' }).locator('dd').first().innerText();
  assert.ok(Math.abs(Number(cost.replace('$', '')) - of.last_hour.cost) < 0.001, `${cost} is not ${of.last_hour.cost}`);
  await figures.getByRole('img', { name: 'Requests per second, minute by minute' }).waitFor();
  const row = page.getByRole('list', { name: 'Pools' }).getByRole('listitem').filter({ hasText: 'default' }).first();
  await row.getByRole('img', { name: '2 serving, 0 cooling, 1 revoked, 1 off' }).waitFor();
  const { forecasts } = await all.api('GET', '/forecasts');
  const flash = forecasts.find((it) => it.model === 'gemini-2.5-flash');
  await row.getByText(`${flash.left.toLocaleString('en')} of 200,000 left, enough until 00:00 Pacific`).waitFor();
  assert.match(await row.getByRole('meter').getAttribute('aria-label'), /^Used of gemini-2.5-flash today: 199,\d+ of 200,000 left$/);
  await finish();
});

test('from a failure one comes to the requests that failed for it, and from keys to the keys', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/');
  await page.getByRole('list', { name: 'Lately' }).getByRole('link', { name: 'the request made no sense' }).click();
  await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
  const logged = await all.api('GET', '/request-log?outcome=failed');
  await page.getByRole('table', { name: 'Log' }).getByText('the request made no sense').first().waitFor();
  assert.equal(await page.locator('tbody tr[data-index]').count(), logged.requests.filter((it) => it.reason === 'bad_request').length);
  await page.goBack();
  await page.getByRole('link', { name: '1 revoked' }).click();
  await page.waitForURL(/\/keys\?pool=1&state=revoked$/);
  await page.goBack();
  await page.getByRole('link', { name: 'Show the keys' }).click();
  await page.waitForURL(/\/keys\?state=revoked$/);
  await page.goBack();
  await page.getByRole('link', { name: 'default', exact: true }).click();
  await page.waitForURL(/\/pools\/1$/);
  await finish();
});

test('it moves as requests end', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/');
  const row = page.getByRole('list', { name: 'Pools' }).getByRole('listitem').first();
  const before = (await all.api('GET', '/overview')).pools[0].last_hour.requests;
  await row.getByText(new RegExp(`of ${before} ok in the last hour`)).waitFor();
  await all.chat();
  await row.getByText(new RegExp(`of ${before + 1} ok in the last hour`)).waitFor();
  assert.equal(await page.getByText('not live: trying again').count(), 0);
  await finish();
});

test('it says when it does not move, until it does again', async () => {
  const { page, open, expect, finish } = await visit(browser, all.url);
  expect(/ERR_CONNECTION_FAILED/);
  await page.route('**/admin/api/events', (route) => route.abort('connectionfailed'));
  await open('/');
  await page.getByRole('status').getByText('not live: trying again').waitFor();
  await page.unroute('**/admin/api/events');
  await page.getByRole('status').getByText('not live: trying again').waitFor({ state: 'detached', timeout: 20_000 });
  await finish();
});

test('a model that runs out is said, with Pacific time and that of here', async () => {
  await all.api('PATCH', '/settings', { 'quota.free': 'gemini-2.5-flash=2rpd', 'quota.paid': 'gemini-2.5-flash=2rpd' });
  const { page, open, finish } = await visit(browser, all.url, { timezoneId: 'Europe/Berlin' });
  await open('/');
  await page.getByRole('status').getByText(/^Pool default is out of gemini-2.5-flash until 00:00 Pacific \(0[89]:00 here\)\./).waitFor();
  await page.getByRole('list', { name: 'Pools' }).getByText('0 of 4 left, until 00:00 Pacific').waitFor();
  await page.getByRole('status').getByRole('link', { name: 'Show the pool' }).click();
  await page.waitForURL(/\/pools\/1$/);
  await finish();
  await all.api('PATCH', '/settings', { 'quota.free': null, 'quota.paid': null });
});

test('without keys it says what to do next', async () => {
  const empty = await world({ given: '' });
  const { page, open, finish } = await visit(browser, empty.url);
  await open('/');
  await page.getByRole('status').getByText('There are no Gemini keys yet').waitFor();
  await page.getByText('Nothing was asked within the last hour.').waitFor();
  await page.getByRole('link', { name: 'Add keys' }).click();
  await page.waitForURL(/\/keys$/);
  await finish();
  await assertSound(browser, empty, 'overview-empty', '/', (it) => it.getByText('Nothing was asked').or(it.getByText('没有请求。')).first().waitFor());
  await empty.stop();
});

test('the overview is sound', async () => {
  await assertSound(browser, all, 'overview', '/', async (page) => {
    await page.locator('dl svg[role=img]').first().waitFor();
    await page.getByRole('meter').or(page.getByText(/No daily limit|每日限额/)).first().waitFor();
  });
});
