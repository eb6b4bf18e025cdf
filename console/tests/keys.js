// What the tests of keys have in common: the parts of their page, and waiting for what becomes of a key.

/** Asks until it is so. */
export async function until(what, ask) {
  for (const end = Date.now() + 15_000; Date.now() < end; ) {
    const found = await ask();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

/** What is asked of a world about keys. */
export const about = (all) => ({
  keys: async (query = '') => (await all.api('GET', `/keys?page_size=1000${query}`)).keys,
  key: (id) => all.api('GET', `/keys/${id}`),
  add: async (names, more = {}) => (await all.api('POST', '/keys', { keys: names, ...more })).results.map((it) => it.id),
  remove: (ids) => all.api('POST', '/keys/bulk', { ids, remove: true }),
  /** What the simulated Gemini does with a key from now on. */
  script: (name, steps) => fetch(`${all.gemini}/_simulator/keys/${name}`, { method: 'PUT', body: steps }),
});

export const rows = (page) => page.getByRole('table', { name: 'Keys' }).locator('tbody tr[data-index]');
export const row = (page, name) => rows(page).filter({ hasText: name });
export const choose = (page, name) => row(page, name).getByRole('checkbox').check();
export const bar = (page) => page.getByRole('toolbar', { name: 'What to do with the selected keys' });
export const header = (page) => page.locator('header').first();
export async function more(page, place, item) {
  await place.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** Lets a visitor in who may see all and change nothing. */
export async function asViewer(all, { context, expect }) {
  const viewer = { name: 'ann', password: 'twelve characters and more' };
  await all.api('POST', '/admins', { ...viewer, role: 'viewer' });
  // Who has no session yet is told so.
  expect(/401/);
  await context.request.post(`${all.url}/admin/api/session`, { data: viewer, headers: { 'sec-fetch-site': 'same-origin' } });
}
