// The door of the console: in, out, and what it says of the way there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertNoSideScroll, assertSound, launch, shoot, visit } from './browser.js';
import { PASSWORD, world } from './world.js';

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([world(), launch()]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

for (const view of [
  { language: 'en', theme: 'light', width: 1280 },
  { language: 'zh-CN', theme: 'dark', width: 360, height: 720 },
]) {
  test(`the door is sound (${view.language}, ${view.width} px)`, async () => {
    const { page, expect, open, finish } = await visit(browser, all.url, { ...view, signedIn: false });
    expect(/401/);
    await open('/');
    await page.locator('summary').click();
    await assertAccessible(page, 'sign-in');
    await assertNoSideScroll(page, 'sign-in');
    await shoot(page, `sign-in-${view.language}-${view.theme}-${view.width}`);
    await finish();
  });
}

test('it says where the password is, refuses a wrong one in words, and lets the right one in', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401/);
  await open('/keys?state=revoked');
  await page.getByText('Where is the password?').click();
  await page.getByText('Pollux printed it when it was first started').waitFor();
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('Name and password do not fit').waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
  assert.match(page.url(), /\/console\/keys\?state=revoked$/, 'the page that was asked for is shown');
  await finish();
});

test('after signing out, nothing is shown any more, also not by going back', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url);
  expect(/401/);
  await open('/');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goBack().catch(() => {});
  await page.goto(`${all.url}/console/`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await finish();
});

test('a session that ends elsewhere leads to the door, and back to the same page', async () => {
  const { page, context, expect, open, finish } = await visit(browser, all.url);
  expect(/401/);
  await open('/pools');
  await context.clearCookies();
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  await finish();
});

test('from another machine over plain http it warns', async () => {
  const { page, expect, open, finish } = await visit(browser, all.url, { signedIn: false });
  expect(/401/);
  await open('/');
  assert.equal(await page.getByRole('note').count(), 0, 'on this machine there is nothing to warn of');
  await finish();
  const name = new URL(all.url);
  name.hostname = 'gateway.example';
  const other = await launch({ args: [`--host-resolver-rules=MAP gateway.example 127.0.0.1`] });
  const far = await visit(other, name.origin, { signedIn: false });
  far.expect(/401/, /Cross-Origin-Opener-Policy/);
  await far.open('/');
  await far.page.getByRole('note').getByText('plain http').waitFor();
  await far.finish();
  await other.close();
});

test('language and theme are chosen by hand and remembered', async () => {
  const { page, open, finish } = await visit(browser, all.url);
  await open('/');
  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { level: 1, name: '总览' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  await page.getByRole('button', { name: '深色主题' }).click();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: '总览' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
  await finish();
});

test('an address of nothing says so', async () => {
  await assertSound(browser, all, 'nowhere', '/nothing/here');
});
