// Parts of the console that need no browser, as a test of their own calls them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/** A module of `src` with all that it imports. */
export async function source(name) {
  const place = await mkdtemp(path.join(tmpdir(), 'pollux-source-'));
  const bundle = await rolldown({ input: path.join(SOURCE, name), platform: 'node' });
  try {
    const { output } = await bundle.write({ dir: place, entryFileNames: 'module.mjs', format: 'esm' });
    return await import(pathToFileURL(path.join(place, output[0].fileName)).href);
  } finally {
    await bundle.close();
    await rm(place, { recursive: true, force: true });
  }
}
