// Requests as they end, the log of them, and one of them explained.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { source } from './source.js';
import { ACCESS_KEY, world } from './world.js';

let all;
let browser;
/** A request that a second key answered, after the first was out of its daily quota. */
let failedOver;

before(async () => {
  [all, browser] = await Promise.all([
    world({
      keys:
        'good-key-0001,tired-key-0002=quota:rpd=3:tier=free,broken-key-0003=invalid,' +
        'good-key-0001@gemini-2.5-pro=slow:chunk=1s,tired-key-0002@gemini-2.5-pro=slow:chunk=1s',
    }),
    launch(),
  ]);
  for (let count = 0; count < 12; count += 1) assert.equal((await all.chat(`say: hello ${count}`)).status, 200);
  assert.equal((await all.chat('say: x', { max_tokens: -1 })).status, 400);
  assert.equal((await all.chat('say: x', { model: 'gemini-nothing' })).status, 404);
  // Which key is asked is not fixed: the tired one may have to be waited for.
  for (let count = 0; count < 60 && !failedOver; count += 1) {
    const { requests } = await all.api('GET', '/requests?limit=1000');
    const tried = await Promise.all(requests.filter((it) => it.attempts > 1).map((it) => all.api('GET', `/requests/${it.id}`)));
    failedOver = tried.find((it) => it.tried[0].rule === 'day quota' && it.outcome === 'complete');
    if (!failedOver) await all.chat(`say: again ${count}`);
  }
  assert.ok(failedOver, 'the keys did what the script says');
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const rows = (page) => page.locator('tbody tr[data-index]');
const count = async (route) => (await all.api('GET', route)).requests.length;

/** Waits until the list has so many rows. */
const awaitRows = (page, wanted) => page.waitForFunction((wanted) => globalThis.document.querySelectorAll('tbody tr[data-index]').length === wanted, wanted);

test('a list holds what is new while somebody looks, and loses nothing', async () => {
  const { received, released, filled, NOTHING } = await source('pages/requests/tail.ts');
  const row = (id, second) => ({ id, at: new Date(second * 1_000).toISOString(), total: 0 });
  const ids = (tail) => [tail.shown, tail.waiting].map((list) => list.map(({ id }) => id).join(''));
  const first = filled(NOTHING, [row('b', 2), row('a', 1)], false);
  const second = received(first, [row('c', 3), row('d', 4)], true);
  assert.deepEqual(ids(second), ['ba', 'dc']);
  assert.deepEqual(ids(received(second, [row('d', 4)], true)), ['ba', 'dc'], 'what is known is not taken twice');
  assert.deepEqual(ids(filled(second, [row('e', 5), row('o', 0)], true)), ['bao', 'edc'], 'older ones go below, newer ones wait');
  assert.deepEqual(ids(released(second)), ['dcba', '']);
  assert.deepEqual(ids(received(second, [row('e', 5)], false)), ['edcba', '']);
});

test('a request is on top as soon as it ended; under the pointer nothing moves', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/requests');
  const before = await count('/requests?limit=1000');
  await awaitRows(page, before);
  await page.getByText('live', { exact: true }).waitFor();
  await all.chat('say: now', { model: 'gemini-2.5-flash-lite' });
  await rows(page).first().getByText('gemini-2.5-flash-lite').waitFor();
  await awaitRows(page, before + 1);

  await rows(page).nth(2).hover();
  await page.getByText('held while you look').waitFor();
  await all.chat('say: more');
  await all.chat('say: more');
  await page.getByRole('button', { name: '2 new' }).waitFor();
  assert.equal(await rows(page).count(), before + 1, 'no row came under the pointer');
  await page.getByRole('button', { name: '2 new' }).click();
  await awaitRows(page, before + 3);
  await page.mouse.move(5, 5);

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused', { exact: true }).waitFor();
  await all.chat('say: paused');
  await page.getByRole('button', { name: '1 new' }).waitFor();
  assert.equal(await rows(page).count(), before + 3);
  await page.getByRole('button', { name: 'Resume' }).click();
  await awaitRows(page, before + 4);
  await rows(page).first().focus();
  await page.getByText('held while you look').waitFor();
  await all.chat('say: focused');
  await page.getByRole('button', { name: '1 new' }).waitFor();
  await finish();
});

test('filters sift what is live, stand in the address and are taken away one by one', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/requests');
  await awaitRows(page, await count('/requests?limit=1000'));
  await page.getByLabel('Outcome', { exact: true }).selectOption('failed');
  await awaitRows(page, await count('/requests?limit=1000&outcome=failed'));
  await rows(page).first().getByText('404').waitFor();
  await rows(page).getByText(/invalid value for `max_tokens`/).waitFor();
  await page.getByRole('searchbox').fill('MAX_TOKENS');
  await awaitRows(page, 1);
  assert.match(page.url(), /\?outcome=failed&search=MAX_TOKENS$/);
  await page.reload();
  await awaitRows(page, 1);
  await page.getByRole('button', { name: 'Remove the filter Search: MAX_TOKENS' }).click();
  await awaitRows(page, 2);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await awaitRows(page, await count('/requests?limit=1000'));

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Model', { exact: true }).fill('gemini-2.5-flash-lite');
  await awaitRows(page, await count('/requests?limit=1000&model=gemini-2.5-flash-lite'));
  await page.getByLabel('Model', { exact: true }).fill('');
  await page.getByLabel('HTTP status', { exact: true }).fill('40');
  await page.getByLabel('HTTP status', { exact: true }).fill('404');
  await awaitRows(page, 1);
  await page.getByLabel('HTTP status', { exact: true }).fill('999');
  await page.getByText('A status has three digits').waitFor();
  await page.getByLabel('HTTP status', { exact: true }).fill('');
  const tired = (await all.api('GET', '/keys?search=0002')).keys[0];
  const asked = await count(`/requests?limit=1000&key=${tired.id}`);
  const { requests } = await all.api('GET', '/requests?limit=1000');
  assert.notEqual(asked, requests.filter((it) => it.key === tired.id).length, 'it was also asked before another');
  await page.getByLabel('Key number', { exact: true }).fill(String(tired.id));
  await awaitRows(page, asked);
  await page.getByLabel('Key number', { exact: true }).fill('x');
  await page.getByText('The number of the key').waitFor();
  await page.getByLabel('Key number', { exact: true }).fill('');
  const [user] = (await all.api('GET', '/users')).users;
  await page.getByLabel('User', { exact: true }).selectOption(String(user.id));
  await awaitRows(page, requests.filter((it) => it.user?.id === user.id).length);
  await page.getByLabel('User', { exact: true }).selectOption('');
  const other = await all.api('POST', '/pools', { name: `other ${Date.now()}` });
  await page.reload();
  await page.getByLabel('Pool', { exact: true }).selectOption(String(other.id));
  await page.getByText('No request fits').waitFor();
  await page.getByLabel('Pool', { exact: true }).selectOption('1');
  await awaitRows(page, await count('/requests?limit=1000&pool=1'));
  await page.getByRole('searchbox').fill(failedOver.id);
  await page.getByRole('link', { name: 'Open the request of this id' }).click();
  await page.getByRole('heading', { level: 1, name: `Request ${failedOver.id.slice(0, 8)}` }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
  await finish();
});

test('the log goes back as it is scrolled, is sifted by reason, and is kept as files', async () => {
  for (let part = 0; part < 24; part += 1) await Promise.all(Array.from({ length: 10 }, () => all.chat()));
  const { page, open, finish } = await visit(browser, all.url, { acceptDownloads: true });
  const asked = [];
  page.on('request', (request) => request.url().includes('/request-log') && asked.push(new URL(request.url())));
  await open('/requests');
  await page.getByRole('button', { name: 'Log' }).click();
  await page.getByText('200 requests, older ones when scrolled to').waitFor();
  const { requests } = await all.api('GET', '/request-log?limit=1000');
  await page.locator('[tabindex="-1"]:has(> table)').evaluate((box) => box.scrollTo(0, 200 * 40));
  await page.getByText(`${requests.length} requests`, { exact: true }).waitFor();
  assert.ok(asked.some((url) => url.searchParams.has('before')), 'the page that follows is asked for by its key');
  await page.locator('[tabindex="-1"]:has(> table)').evaluate((box) => box.scrollTo(0, 1e6));
  await page.getByRole('link', { name: /:\d\d:\d\d/ }).last().waitFor();

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Reason', { exact: true }).selectOption('rejected');
  await page.getByText('1 request', { exact: true }).waitFor();
  await rows(page).getByText(/Google refused the request itself: models\/gemini-nothing is not found/).waitFor();
  await page.getByLabel('Reason', { exact: true }).selectOption('');
  await page.getByLabel('Outcome', { exact: true }).selectOption('failed');
  await page.getByText('2 requests', { exact: true }).waitFor();
  const files = {};
  for (const name of ['CSV', 'JSON']) {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name, exact: true }).click()]);
    files[name] = await readFile(await file.path(), 'utf8');
  }
  const failed = requests.filter((it) => it.outcome === 'failed').map((it) => it.id);
  assert.deepEqual(JSON.parse(files.JSON).map((it) => it.id), failed);
  assert.deepEqual(files.CSV.trim().split(/\r?\n/).slice(1).map((line) => line.split(',')[0]), failed);
  await page.getByRole('searchbox', { name: 'Search the error' }).fill('not found');
  await page.getByText('1 request', { exact: true }).waitFor();
  await all.chat('say: x', { model: 'gemini-nothing-else' });
  // The log is written a little after a request ended.
  while ((await count('/request-log?error=not%20found')) < 2);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('2 requests', { exact: true }).waitFor();
  await page.getByLabel('Time').selectOption('7d');
  assert.match(page.url(), /range=7d/);
  await page.getByRole('searchbox', { name: 'Search the error' }).fill('nothing of the kind');
  await page.getByText('No request fits').waitFor();
  await finish();
});

test('columns are chosen and remembered', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/requests');
  await rows(page).first().waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'Route' }).count(), 0);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Route' }).click();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('columnheader', { name: 'Route' }).waitFor();
  await rows(page).getByText('POST /v1/chat/completions').first().waitFor();
  await finish();
});

test('a request that failed over is told in a sentence, by its course and in Google\'s words', async () => {
  const { page, context, open, finish } = await visit(browser, all.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  await open('/requests');
  await page.getByRole('searchbox').fill(failedOver.id);
  await awaitRows(page, 1);
  await rows(page).first().focus();
  await page.keyboard.press('Enter');
  await page.getByText('Answered after 2 attempts: key …0002 was out of its daily quota, key …0001 answered in').waitFor();
  const course = page.getByRole('list', { name: 'What it did when' });
  assert.equal(await course.getByRole('listitem').count(), 4, 'let in, two attempts, the answer');
  const first = course.getByRole('listitem').nth(1);
  await first.getByText('Attempt 1').waitFor();
  await first.getByText('out of quota · quota of the day · HTTP 429').waitFor();
  await first.getByText(failedOver.tried[0].message.split('\n')[0]).waitFor();
  await course.getByRole('listitem').nth(2).getByText('answered · HTTP 200').waitFor();
  await course.getByRole('listitem').nth(3).getByText(/First byte after .*, last byte after/).waitFor();
  const keys = page.getByRole('region', { name: 'Keys as the request found them' });
  const why = (last4) => keys.getByRole('row').filter({ hasText: last4 }).innerText();
  assert.match(await why('0002'), /asked as attempt 1/);
  assert.match(await why('0001'), /asked as attempt 2/);
  assert.match(await why('0003'), /revoked\s+Google refuses it: not a valid key/);
  await page.getByText(`${failedOver.tokens.total}: ${failedOver.tokens.prompt} in, ${failedOver.tokens.output} out`).waitFor();
  await page.getByRole('button', { name: 'Copy the request id' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), failedOver.id);
  await first.getByRole('link', { name: 'key …0002' }).click();
  await page.waitForURL(new RegExp(`/keys/${failedOver.tried[0].key}$`));
  assert.equal(context.pages().length, 1);
  await finish();
});

test('each standing of a key is said in words, until when in Pacific time and that of here', async () => {
  const candidates = [
    { key: 1, standing: 'ready' },
    { key: 2, standing: 'tried' },
    { key: 3, standing: 'other_tier' },
    { key: 4, standing: 'not_owner' },
    { key: 5, standing: 'busy' },
    { key: 6, standing: 'unserved' },
    { key: 7, standing: 'cooling', window: 'day', until: '2026-11-22T08:00:00Z' },
    { key: 8, standing: 'out_of_quota', quota: 'requests per day', until: '2026-11-22T08:00:00Z' },
    { key: 9, standing: 'revoked', reason: 'leaked' },
  ];
  const { page, open, finish } = await visit(browser, all.url, { timezoneId: 'Asia/Shanghai' });
  const answer = { ...failedOver, waited_ms: 250, hedged: true, found: { candidates, others: 5, ready: 1, cooling: 2 }, tried: failedOver.tried.map((it) => ({ ...it, key: 99 })) };
  await page.route('**/admin/api/requests/*', (route) => route.fulfill({ json: answer }));
  await open(`/requests/${failedOver.id}`);
  const table = page.getByRole('region', { name: 'Keys as the request found them' });
  const said = (await table.getByRole('row').allInnerTexts()).slice(1).map((text) => text.split('\t').at(-1).trim());
  assert.deepEqual(said, [
    'another was chosen first',
    'it was asked before',
    'its tier is not the one that was asked for',
    'what the request names is of another project',
    'it had as many requests at once as it may',
    'its tier does not include the model',
    'Google said it is out of quota (day), until 00:00 Pacific (16:00 here)',
    "by Pollux's count its requests per day are used up, until 00:00 Pacific (16:00 here)",
    'Google refuses it: reported as leaked',
  ]);
  await page.getByText('Of 14 keys, 1 ready and 2 cooling.').waitFor();
  await page.getByText('5 more keys are not listed.').waitFor();
  await page.getByText('250 ms of it waiting for a key').waitFor();
  await page.getByText('a second key was asked meanwhile').waitFor();
  await finish();
});

test('what failed says why, with what the client was told', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/requests?outcome=failed&search=max_tokens');
  await rows(page).first().getByRole('link').click();
  await page.getByText('Refused with 400 before any key was looked for.').waitFor();
  await page.getByRole('figure').getByText(/invalid value for `max_tokens`/).waitFor();
  await finish();
});

test('one that is under way is explained when it is over', async () => {
  const { page, open, expect, finish } = await visit(browser, all.url);
  expect(/404 .*\/requests\//);
  const answer = await fetch(`${all.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gemini-2.5-pro', stream: true, messages: [{ role: 'user', content: 'say: an answer in parts' }] }),
  });
  await open(`/requests/${answer.headers.get('x-request-id')}`);
  await page.getByText('Nobody knows this request').waitFor();
  await answer.text();
  await page.getByText(/^Answered at the first attempt: key …000\d answered in/).waitFor();
  await page.getByText('streamed').waitFor();
  await finish();
});

test('what only the log knows says so; what nobody knows too', async () => {
  await all.api('PATCH', '/settings', { 'trace.requests': '0' });
  await all.chat('say: the last one');
  const { page, open, expect, finish } = await visit(browser, all.url);
  expect(/404 .*\/requests\//);
  await open('/requests?source=log');
  await rows(page).first().getByRole('link').click();
  await page.getByText(/^Answered after 1 attempt\./).waitFor();
  await page.getByRole('note').getByText('This is what the log has').waitFor();
  await page.getByText('gemini-2.5-flash', { exact: true }).waitFor();
  const [last] = (await all.api('GET', '/request-log?limit=1')).requests;
  assert.ok(page.url().includes(last.id));
  await open(`/requests/${last.id}`);
  await page.getByRole('note').getByText('This is what the log has').waitFor();
  await open(`/requests/${'f'.repeat(32)}`);
  await page.getByText('Nobody knows this request').waitFor();
  await page.getByText('trace.requests says how many').waitFor();
  await page.getByRole('link', { name: 'The log' }).click();
  await page.waitForURL(/source=log/);
  await all.api('PATCH', '/settings', { 'trace.requests': null });
  await finish();
});

test('the lists are sound', async () => {
  for (let asked = 0; asked < 6; asked += 1) await all.chat('say: hello', asked % 3 ? {} : { max_tokens: -1 });
  await assertSound(browser, all, 'requests', '/requests', (page) => rows(page).first().waitFor());
  await assertSound(browser, all, 'requests-log', '/requests?source=log&outcome=failed', (page) => rows(page).first().waitFor());
});

test('one request is sound', async () => {
  for (let asked = 0; asked < 4; asked += 1) await all.chat();
  const { requests } = await all.api('GET', '/requests?outcome=complete');
  await assertSound(browser, all, 'request', `/requests/${requests[0].id}`, (page) => page.getByTestId('story').waitFor());
});
