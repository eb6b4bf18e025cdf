// Chromium as a user has it, and what must never happen on any page.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { PASSWORD } from './world.js';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const AXE = readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
export const SHOTS = fileURLToPath(new URL('../../target/console/screenshots', import.meta.url));

export async function launch({ args = [] } = {}) {
  const executablePath = PLACES.find((place) => place && existsSync(place));
  if (!executablePath) throw new Error('there is no Chromium: install it (Debian: apt-get install chromium), or name it in CHROMIUM');
  return chromium.launch({ executablePath, args: [...ARGS, ...args] });
}

/**
 * A page in a browser of its own. `troubles` gathers what no page may do: errors in the console, refusals by the
 * content security policy, questions to another host. `finish` fails the test if there are any.
 */
export async function visit(browser, url, { language = 'en', theme = 'light', width = 1280, height = 800, signedIn = true, ...more } = {}) {
  const context = await browser.newContext({
    locale: language,
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    ...more,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const troubles = [];
  const expected = [];
  page.on('pageerror', (error) => troubles.push(`error on the page: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const said = `${message.text()} ${message.location().url ?? ''}`;
    if (!expected.some((pattern) => pattern.test(said))) troubles.push(`in the console: ${said}`);
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (['http:', 'https:', 'ws:', 'wss:'].includes(asked.protocol) && asked.origin !== new URL(url).origin) {
      troubles.push(`asked another host: ${request.url()}`);
    }
  });
  /** Failures that the test is about, such as /401/. */
  const expect = (...patterns) => expected.push(...patterns);
  const finish = async () => {
    await context.close();
    assert.deepEqual(troubles, []);
  };
  if (signedIn) {
    // A browser that has no session yet asks for it, and is told so.
    expect(/401 .*\/admin\/api\/session/);
    const answer = await context.request.post(`${url}/admin/api/session`, {
      data: { password: PASSWORD },
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    assert.equal(answer.status(), 200, await answer.text());
  }
  /** Opens a page of the console, by its path below /console. */
  const open = async (route) => {
    await page.goto(`${url}/console${route}`);
    await page.locator('h1').first().waitFor();
  };
  return { page, context, open, expect, finish, troubles };
}

/** Fails when axe finds anything serious or critical on the page as it is. */
export async function assertAccessible(page, where) {
  // The policy forbids scripts in the page; those of the debugger are not the page's.
  await page.evaluate(await AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  const serious = violations.filter((it) => ['serious', 'critical'].includes(it.impact));
  const told = serious.map((it) => `${where}: ${it.id}: ${it.help}: ${it.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
  assert.deepEqual(told, []);
}

/** Fails when the page is wider than its window. */
export async function assertNoSideScroll(page, where) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `${where}: ${content} px of content in ${window} px`);
}

/** Keeps a picture of the page with the other artefacts. */
export async function shoot(page, name, options = {}) {
  await mkdir(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}.png`), ...options });
}

/**
 * What holds for each page in both languages, both themes and three widths: no serious finding, no scroll to
 * the side, a picture of it. `ready` is awaited before each look.
 */
export async function assertSound(browser, world, name, route, ready) {
  const views = [
    { language: 'en', theme: 'light', width: 1280 },
    { language: 'zh-CN', theme: 'dark', width: 1280 },
    { language: 'en', theme: 'dark', width: 360, height: 720 },
    { language: 'zh-CN', theme: 'light', width: 3840, height: 2160 },
  ];
  for (const view of views) {
    const visitor = await visit(browser, world.url, view);
    const where = `${name} (${view.language}, ${view.theme}, ${view.width} px)`;
    await visitor.open(route);
    await ready?.(visitor.page);
    // What axe looks at does not change on a large screen, where it takes long.
    if (view.width < 3840) await assertAccessible(visitor.page, where);
    await assertNoSideScroll(visitor.page, where);
    await shoot(visitor.page, `${name}-${view.language}-${view.theme}-${view.width}`);
    await visitor.finish();
  }
}
