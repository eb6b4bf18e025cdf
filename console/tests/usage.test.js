// Usage: the chart, the table that is its legend, and files of both, as the server accounts for them.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { assertSound, launch, visit } from './browser.js';
import { world } from './world.js';

let all;
let browser;
const MODELS = Array.from({ length: 10 }, (_, index) => `gemini-2.5-flash-${index}`);

before(async () => {
  [all, browser] = await Promise.all([
    world({ keys: 'good-key-0001,broken-key-0002=invalid,busy-key-0003=overloaded*2+ok', env: { POLLUX_MODELS__PRICES: 'gemini-2.5-pro=1/0.1/1000' } }),
    launch(),
  ]);
  for (let count = 0; count < 8; count += 1) await all.chat(`say: ${count}`, { model: 'gemini-2.5-pro' });
  for (let count = 0; count < 4; count += 1) await all.chat(`say: ${count}`, { model: 'gemini-2.5-flash' });
  assert.equal((await all.chat('say: x', { model: 'gemini-2.5-pro', max_tokens: -1 })).status, 400);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

const usage = async (query) => (await all.api('GET', `/usage?${query}`)).usage;
const lines = (page) => page.locator('tbody tr[data-index]');
const line = (page, name) => lines(page).filter({ has: page.getByText(name, { exact: true }) });
/** How many points of the chart have a colour, or let it shine through. */
const pixels = (page, colour) =>
  page.locator('.uplot canvas').evaluate((canvas, [r, g, b]) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      const isIt = [r, g, b].every((part, place) => Math.abs(data[at + place] - part) <= 4);
      if (isIt && data[at + 3] > 0) count += 1;
    }
    return count;
  }, colour);
const FIRST = [0x63, 0x66, 0xf1];
const awaitPixels = async (page, colour, isThere) => {
  const end = Date.now() + 10_000;
  while ((await pixels(page, colour)) > 0 !== isThere) assert.ok(Date.now() < end, `the colour ${colour} is ${isThere ? 'not ' : ''}in the chart`);
};

test('each model is a row with its share, success, tokens and cost, as the server sums it up', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/usage?range=1h');
  await lines(page).first().waitFor();
  const of = await usage('by=model');
  assert.equal(await lines(page).count(), of.length);
  const pro = of.find((it) => it.model === 'gemini-2.5-pro');
  const whole = of.reduce((sum, it) => sum + it.requests, 0);
  const cells = await line(page, 'gemini-2.5-pro').getByRole('cell').allInnerTexts();
  const share = `${((pro.requests / whole) * 100).toFixed(1).replace(/\.0$/, '')}%`;
  assert.deepEqual(cells.slice(1, 3), [String(pro.requests), share]);
  assert.ok(cells.includes(pro.tokens.total.toLocaleString('en')), cells.join(' | '));
  assert.ok(cells.some((it) => it.startsWith('$') && Math.abs(Number(it.slice(1)) - pro.cost) < 0.01), cells.join(' | '));
  await page.getByRole('img', { name: 'Requests by model · Last hour · by minute' }).waitFor();
  await finish();
});

test('rows hide, show and single out what is drawn, and the address says so', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/usage?range=1h');
  await page.locator('.uplot canvas').waitFor();
  await awaitPixels(page, FIRST, true);
  const most = page.getByRole('switch', { name: 'Draw gemini-2.5-pro' });
  await most.click();
  await awaitPixels(page, FIRST, false);
  assert.match(page.url(), /hide=gemini-2\.5-pro/);
  await page.reload();
  await page.getByRole('switch', { name: 'Draw gemini-2.5-pro', checked: false }).click();
  await awaitPixels(page, FIRST, true);
  await page.getByRole('button', { name: 'Only gemini-2.5-flash', exact: true }).click();
  await page.getByRole('switch', { name: 'Draw gemini-2.5-pro', checked: false }).waitFor();
  await page.getByRole('switch', { name: 'Draw gemini-2.5-flash', checked: true, exact: true }).waitFor();
  await page.getByRole('button', { name: 'Only gemini-2.5-flash', exact: true }).click();
  await page.getByRole('switch', { name: 'Draw gemini-2.5-pro', checked: true }).waitFor();
  const box = await page.locator('.uplot').boundingBox();
  await page.mouse.move(box.x + box.width - 30, box.y + 60);
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.locator('figcaption').getByText(/:\d\d$/).waitFor();
  await finish();
});

test('by each dimension and measure the sums are those of the server', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/usage?range=1h');
  const value = async (name) => (await line(page, name).getByRole('cell').nth(1).innerText()).trim();
  const by = (name) => page.getByLabel('By', { exact: true }).selectOption(name);
  const measure = (name) => page.getByLabel('Show', { exact: true }).selectOption(name);

  await by('key');
  await line(page, '…0001').waitFor();
  const keys = await usage('by=key');
  const busy = keys.find((it) => it.name === '..0003');
  await measure('attempts');
  await page.getByRole('columnheader', { name: 'Attempts' }).waitFor();
  assert.equal(await value('…0003'), String(busy.attempts));
  await page.getByText('no key was asked').waitFor();

  await by('reason');
  await line(page, 'the request made no sense').waitFor();
  assert.equal(await value('the request made no sense'), '1');
  assert.deepEqual(await page.getByLabel('Show', { exact: true }).locator('option').allInnerTexts(), ['Failed requests']);

  await by('outcome');
  const tried = (await usage('by=outcome')).find((it) => it.reason === 'unavailable');
  await line(page, 'Google had no answer, or none in time').waitFor();
  assert.equal(await value('Google had no answer, or none in time'), String(tried.attempts));

  await by('project');
  await line(page, 'key-1').waitFor();
  await by('user');
  await line(page, 'default').waitFor();
  await by('pool');
  await line(page, 'default').waitFor();
  const [sum] = await usage('by=pool');
  await measure('total_p95');
  await page.getByRole('columnheader', { name: 'Total time, p95' }).waitFor();
  assert.equal(await value('default'), `${sum.total_ms.p95.toLocaleString('en')} ms`);
  await by('all');
  await measure('thoughts');
  await page.getByRole('columnheader', { name: 'Tokens thought' }).waitFor();
  assert.equal(await value('all together'), sum.tokens.thoughts.toLocaleString('en'));
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.goBack();
  await page.getByRole('columnheader', { name: 'Tokens thought' }).waitFor();
  await finish();
});

test('range, step and filters narrow it; names lead further', async () => {
  const { page, open, expect, finish } = await visit(browser, all.url);
  expect(/400 .*project=key-9/);
  await open('/usage');
  await page.getByRole('img', { name: 'Requests by model · Last 24 hours · by hour' }).waitFor();
  await page.getByLabel('Time').selectOption('7d');
  await page.getByRole('img', { name: 'Last 7 days · by hour' }).waitFor();
  await page.getByLabel('Step').selectOption('day');
  await page.getByRole('img', { name: 'Last 7 days · by day (UTC)' }).waitFor();
  assert.match(page.url(), /range=7d&step=day/);
  await page.getByLabel('Time').selectOption('1h');
  await page.getByRole('img', { name: 'Last hour · by minute' }).waitFor();

  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Model', { exact: true }).fill('gemini-2.5-flash');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => globalThis.document.querySelectorAll('tbody tr[data-index]').length === 1);
  await page.getByRole('button', { name: 'Remove the filter Model: gemini-2.5-flash' }).click();
  await line(page, 'gemini-2.5-pro').waitFor();
  await page.getByLabel('Project', { exact: true }).fill('key-9');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing was used in this time').waitFor();
  await page.getByRole('button', { name: 'Remove the filter Project: key-9' }).click();
  const [user] = (await all.api('GET', '/users')).users;
  await page.getByLabel('User', { exact: true }).selectOption(String(user.id));
  await page.getByRole('button', { name: `Remove the filter User: ${user.name}` }).waitFor();
  await page.getByLabel('Key number', { exact: true }).fill('1');
  await page.getByLabel('Project', { exact: true }).focus();
  await page.getByRole('button', { name: 'Remove the filter Key number: …0001' }).waitFor();
  await page.getByLabel('Pool').selectOption('1');
  await page.waitForURL(/pool=1/);
  await lines(page).first().waitFor();
  await page.getByRole('link', { name: 'gemini-2.5-pro' }).click();
  await page.waitForURL(/\/requests\?source=log&model=gemini-2\.5-pro$/);
  await finish();
});

test('the time before is compared with', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await page.route('**/admin/api/usage?*', async (route) => {
    const until = new URL(route.request().url()).searchParams.get('until');
    const answer = await (await route.fetch()).json();
    // Half an hour back there is nothing yet on this server: let there have been half of what is now.
    if (Date.now() - Date.parse(until) > 600_000) {
      const now = await usage(`by=${answer.by}`);
      answer.usage = now.map((it) => ({ ...it, requests: it.requests / 2, tokens: { ...it.tokens, total: it.tokens.total * 2 }, success_rate: 0.5 }));
    }
    await route.fulfill({ json: answer });
  });
  await open('/usage?range=1h');
  await page.getByText('+100% against the hour before').waitFor();
  await page.getByText('−50% against the hour before').waitFor();
  await page.getByText('50% in the time before').waitFor();
  const cells = await line(page, 'gemini-2.5-pro').getByRole('cell').allInnerTexts();
  assert.ok(cells.includes('+100%'), cells.join(' | '));
  await finish();
});

test('files hold what is shown', async () => {
  const { page, open, finish } = await visit(browser, all.url, { acceptDownloads: true });
  await open('/usage?range=1h');
  const kept = async (name) => {
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    const [head, ...rows] = (await readFile(await file.path(), 'utf8')).trim().split(/\r?\n/).map((row) => row.split(','));
    return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])));
  };
  const sums = await kept('CSV of the sums');
  const pro = (await usage('by=model')).find((it) => it.model === 'gemini-2.5-pro');
  assert.equal(sums.find((row) => row.model === 'gemini-2.5-pro').requests, String(pro.requests));
  const steps = await kept('CSV by minute');
  assert.ok(steps.every((row) => row.at.endsWith('00Z')), 'each row is of a minute');
  await finish();
});

test('beyond eight the others are drawn together, and listed when asked for', async () => {
  for (const model of MODELS) await all.chat('say: hi', { model });
  const { page, open, finish } = await visit(browser, all.url);
  await open('/usage?range=1h');
  const of = await usage('by=model');
  const rest = of.length - 8;
  await line(page, `others (${rest})`).waitFor();
  assert.equal(await lines(page).count(), 9);
  const drawn = (await lines(page).evaluateAll((rows) => rows.slice(0, 8).map((row) => Number(row.cells[1].textContent)))).reduce((sum, it) => sum + it, 0);
  const whole = of.reduce((sum, it) => sum + it.requests, 0);
  assert.equal(await line(page, `others (${rest})`).getByRole('cell').nth(1).innerText(), String(whole - drawn));
  await page.getByRole('switch', { name: `Draw others (${rest})` }).click();
  await page.getByRole('switch', { name: `Draw others (${rest})`, checked: false }).waitFor();
  await page.getByRole('button', { name: `List all ${of.length}` }).click();
  await page.waitForFunction((wanted) => globalThis.document.querySelectorAll('tbody tr[data-index]').length === wanted, of.length + 1);
  await page.getByRole('button', { name: 'List 8 and others' }).click();
  await page.getByRole('button', { name: 'Tokens' }).click();
  await page.getByRole('columnheader', { name: 'Tokens', exact: true }).and(page.locator('[aria-sort=ascending]')).waitFor();
  assert.match(page.url(), /sort=tokens/);
  const tokens = await lines(page).evaluateAll((rows) => rows.slice(0, 8).map((row) => Number(row.cells[5].textContent.replace(',', ''))));
  assert.deepEqual(tokens, tokens.toSorted((one, other) => one - other));
  await finish();
});

test('usage is sound', async () => {
  await assertSound(browser, all, 'usage', '/usage?range=1h', async (page) => {
    await lines(page).first().waitFor();
    await page.locator('.uplot canvas').waitFor();
  });
});
