// The playground: a chat with streaming, pictures and tools, and which key answered.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertSound, launch, shoot, visit } from './browser.js';
import { world } from './world.js';

/** One red pixel. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');
const TOOLS = JSON.stringify([
  { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } },
]);

let all;
let browser;

before(async () => {
  [all, browser] = await Promise.all([
    world({ keys: 'slow-key-0001=slow:first=100ms:chunk=150ms' }),
    launch(),
  ]);
});
after(async () => {
  await browser?.close();
  await all?.stop();
});

async function opened() {
  const visitor = await visit(browser, all.url);
  // What became of a request is known a moment after its last byte.
  visitor.expect(/404 .*\/admin\/api\/requests\//);
  await visitor.open('/playground');
  await visitor.page.getByLabel('Message').waitFor();
  return visitor;
}

/** What the simulator received last. */
async function received() {
  const answer = await fetch(`${all.gemini}/_simulator/requests`);
  const list = await answer.json();
  const requests = Array.isArray(list) ? list : list.requests;
  return JSON.stringify(requests.filter((it) => JSON.stringify(it).includes('generateContent') || JSON.stringify(it).includes('GenerateContent')).at(-1));
}

const say = async (page, text) => {
  await page.getByLabel('Message').fill(text);
  await page.keyboard.press('Enter');
};
const answers = (page) => page.getByRole('article', { name: 'Answer', exact: true });

test('an answer comes piece by piece, and it is said which key answered', async () => {
  const { page, finish } = await opened();
  await say(page, `say: ${'one two three four five six seven eight nine ten '.repeat(2)}end`);
  await page.getByText('The answer is coming').first().waitFor();
  await answers(page).getByText(/^one two/).waitFor();
  assert.ok(!(await answers(page).last().textContent()).includes('end'), 'the beginning is there before the end');
  await page.getByText(/tokens in, \d+ out/).waitFor();
  assert.match(await answers(page).last().textContent(), /end/);
  await page.getByRole('heading', { name: 'What became of it' }).waitFor();
  await page.getByText('0001').first().waitFor();
  await finish();
});

test('it can be stopped, and what had come stays', async () => {
  const { page, finish } = await opened();
  await say(page, `say: ${'one two three four five six seven eight nine ten '.repeat(40)}end`);
  await answers(page).getByText(/^one two/).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText('stopped').waitFor();
  assert.match(await answers(page).last().textContent(), /one two/);
  assert.ok(!(await answers(page).last().textContent()).includes('end'));
  await finish();
});

test('a conversation goes on, with a system prompt, and begins anew', async () => {
  const { page, finish } = await opened();
  await page.getByText('Options').click();
  await page.getByLabel('System prompt').fill('You are terse.');
  await page.getByLabel('Temperature').fill('0.3');
  await page.getByLabel('Tokens at most').fill('500');
  await page.getByLabel('Thinking').selectOption('low');
  await say(page, 'say: first answer');
  await page.getByText(/tokens in/).first().waitFor();
  await say(page, 'say: second answer');
  await answers(page).nth(1).getByText('second answer').waitFor();
  const last = await received();
  for (const part of ['You are terse.', 'first answer', '0.3', '500']) assert.ok(last.includes(part), `${part} in ${last}`);
  await page.getByRole('button', { name: 'Begin anew' }).click();
  await page.getByText('Nothing was said yet').waitFor();
  await finish();
});

test('pictures go along, and one that was taken away does not', async () => {
  const { page, finish } = await opened();
  const files = ['a.png', 'b.png'].map((name) => ({ name, mimeType: 'image/png', buffer: PNG }));
  await page.getByLabel('Picture', { exact: true }).and(page.locator('input')).setInputFiles(files);
  assert.equal(await page.getByAltText('Your picture').count(), 2);
  await page.getByRole('button', { name: 'Take the picture away' }).first().click();
  await say(page, 'say: I see it');
  await answers(page).getByText('I see it').waitFor();
  const last = await received();
  assert.equal(last.split('image/png').length - 1, 1, last.slice(0, 400));
  await finish();
});

test('a tool is called, answered by hand, and the answer goes on', async () => {
  const { page, finish } = await opened();
  await page.getByText('Options').click();
  await page.getByLabel('Tools').fill('{not json');
  await page.getByText('This is not a list in JSON').waitFor();
  await page.getByLabel('Message').fill('x');
  assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled(), 'nothing is sent with tools that cannot be read');
  await page.getByLabel('Tools').fill(TOOLS);
  await say(page, 'call: weather {"city":"Bern"}\nthen say: It is cold in Bern.');
  await page.getByText('weather({"city":"Bern"})').waitFor();
  await page.getByLabel('What does weather answer?').fill('{"celsius":-3}');
  await page.getByRole('button', { name: 'Send answers' }).click();
  await answers(page).getByText('It is cold in Bern.').waitFor();
  assert.ok((await received()).includes('celsius'));
  await finish();
});

test('what fails is told in words, with the request to look for', async (t) => {
  await all.api('PATCH', '/pools/1/settings', { 'models.allowed': 'gemini-3.5-flash', 'models.unknown': 'refuse' });
  t.after(() => all.api('PATCH', '/pools/1/settings', { 'models.allowed': null, 'models.unknown': null }));
  const { page, expect, finish } = await opened();
  expect(/40[34]/);
  await page.locator('option:checked', { hasText: 'gemini-3.5-flash' }).waitFor({ state: 'attached' });
  await all.api('PATCH', '/pools/1/settings', { 'models.allowed': 'gemini-2.5-flash' });
  await say(page, 'say: no');
  await page.getByRole('alert').getByText('gemini-3.5-flash').waitFor();
  await finish();
});

test('a picture that the model makes is shown', async () => {
  const { page, finish } = await opened();
  const models = await page.getByLabel('Model').locator('option').allTextContents();
  const painter = models.find((it) => it.includes('image'));
  assert.ok(painter, models.join());
  await page.getByLabel('Model').selectOption(painter);
  await say(page, 'a red square');
  const picture = page.getByAltText('A picture that the model made');
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 0));
  await finish();
});

test('the page is sound, empty and with a conversation', async () => {
  await assertSound(browser, all, 'playground', '/playground', (page) => page.locator('textarea[rows="3"]').last().waitFor());
  const { page, finish } = await opened();
  await say(page, 'say: hello');
  await page.getByText(/tokens in/).waitFor();
  await assertAccessible(page, 'playground with a conversation');
  await shoot(page, 'playground-conversation');
  await finish();
});
