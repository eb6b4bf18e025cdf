// The stream of events: given up where nobody looks, taken up again, and found again after a failure.

import { after, before, test } from 'node:test';
import { launch, visit } from './browser.js';
import { world } from './world.js';

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world(), launch()]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

/** Tells the page that it can be seen, or that it cannot. */
const look = (page, hidden) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

test('a page that nobody looks at gives its stream up, and shows all when it is looked at again', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await page.clock.install();
  await open('/requests');
  await page.getByText('live', { exact: true }).waitFor();
  await look(page, true);
  await page.clock.fastForward(61_000);
  await page.getByText('not live', { exact: false }).waitFor();
  await all.chat('say: in the dark');
  await look(page, false);
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByText('gemini-2.5-flash').first().waitFor();
  await finish();
});

test('after an answer that was an error, the stream is asked for again', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/503/);
  await page.clock.install();
  let refusals = 1;
  await page.route('**/admin/api/events', (route) => {
    refusals -= 1;
    return refusals >= 0 ? route.fulfill({ status: 503, body: 'starting' }) : route.continue();
  });
  await open('/requests');
  await page.getByText('not live', { exact: false }).waitFor();
  await page.clock.fastForward(6_000);
  await page.getByText('live', { exact: true }).waitFor();
  await finish();
});
