// What a browser fetches before anything can be seen: how much, how fast, and from where.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { get } from 'node:http';
import { launch, visit } from './browser.js';
import { world } from './world.js';

/** Bytes over the wire, and milliseconds. */
const FIRST_LOAD = 150_000;
const INTERACTIVE_MS = 1_000;

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world(), launch()]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

/** An answer as it comes over the wire. */
function fetched(url, headers = {}) {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    }).on('error', reject);
  });
}

test('the first load is small, and all of it is from here', async () => {
  for (const route of ['/', '/keys']) {
    const { page, context, open, finish } = await visit(browser, all.url);
    const asked = [];
    context.on('request', (request) => asked.push(request.url()));
    await open(route);
    await page.locator('main').waitFor();
    const files = asked.filter((url) => url.includes('/console/'));
    assert.ok(files.length > 3, files.join());
    let sum = 0;
    for (const url of files) {
      const { status, headers, body } = await fetched(url, { 'accept-encoding': 'gzip', accept: 'text/html' });
      assert.equal(status, 200, url);
      if (headers['content-encoding'] === 'gzip') gunzipSync(body);
      sum += body.length;
    }
    assert.ok(sum < FIRST_LOAD, `${route}: ${sum} bytes in ${files.length} files`);
    await finish();
  }
});

test('it can be used within a second, with nothing kept from before', async (t) => {
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    const { page, finish } = await visit(browser, all.url);
    const began = performance.now();
    await page.goto(`${all.url}/console/keys`, { waitUntil: 'commit' });
    await page.getByRole('link', { name: 'Users' }).first().waitFor();
    times.push(performance.now() - began);
    await finish();
  }
  // Other work on the machine makes single rounds slow; the page itself makes all of them slow.
  const best = Math.min(...times);
  t.diagnostic(`the frame could be used after ${times.map((time) => Math.round(time)).join(', ')} ms`);
  assert.ok(best < INTERACTIVE_MS, `${times.map(Math.round).join(', ')} ms`);
});

test('nothing runs that is not a file of this server', async () => {
  const { headers, body } = await fetched(`${all.url}/console/`, { accept: 'text/html' });
  const policy = headers['content-security-policy'];
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), policy);
  }
  assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
  const html = body.toString();
  assert.ok(!/<style|style=|\son\w+=|javascript:/.test(html), html);
  assert.ok(![...html.matchAll(/<script([^>]*)>/g)].some(([, attributes]) => !attributes.includes('src=')), html);
});

test('a browser is led here from where people look first', async () => {
  for (const door of ['/', '/admin', '/login']) {
    const { page, expect, finish } = await visit(browser, all.url, { signedIn: false });
    expect(/401/);
    await page.goto(all.url + door);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal(page.url(), `${all.url}/console/`);
    await finish();
  }
});

test('a page whose file is gone says so, and is loaded anew', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/404/);
  await open('/');
  let isGone = true;
  await page.route(/assets\/users-[^/]+\.js$/, (route) => (isGone ? route.fulfill({ status: 404, body: '' }) : route.continue()));
  await page.getByRole('link', { name: 'Users' }).first().click();
  await page.getByText('This page was changed on the server').waitFor();
  isGone = false;
  await page.getByRole('button', { name: 'Load anew' }).click();
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  await finish();
});
