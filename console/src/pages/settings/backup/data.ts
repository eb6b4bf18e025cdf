// Keys on their way out and in, and the exchange of the master key.

import { ask } from '../../../api/client.ts';
import { queries } from '../../../api/queries.ts';
import type { Added, Export, Exported } from '../../../api/schema.ts';

export const SHORTEST = 12;

export const exportKeys = (what: Export) => ask<Exported>('POST', '/keys/export', { body: what });

/** What a file holds: a sealed parcel, or keys in clear. */
export type Parcel = { kind: 'sealed'; text: string } | { kind: 'clear'; keys: unknown[] } | { kind: 'none' };

export function parcelOf(text: string): Parcel {
  const clean = text.trim();
  if (!clean) return { kind: 'none' };
  if (!clean.startsWith('{') && !clean.startsWith('[')) return { kind: 'sealed', text: clean };
  try {
    const read: unknown = JSON.parse(clean);
    const keys = Array.isArray(read) ? read : (read as { keys?: unknown }).keys;
    return Array.isArray(keys) ? { kind: 'clear', keys } : { kind: 'none' };
  } catch {
    return { kind: 'none' };
  }
}

type Order = { parcel: Parcel; passphrase: string; pool: number | null; dryRun: boolean };

/** Adds keys, or says what would become of them. */
export async function importKeys({ parcel, passphrase, pool, dryRun }: Order): Promise<Added> {
  const common = { pool, dry_run: dryRun };
  const added =
    parcel.kind === 'clear'
      ? await ask<Added>('POST', '/keys', { body: { ...common, keys: parcel.keys } })
      : await ask<Added>('POST', '/keys/import', { body: { ...common, passphrase, parcel: parcel.kind === 'sealed' ? parcel.text : '' } });
  if (!dryRun) await queries.invalidateQueries();
  return added;
}

export const exchangeMasterKey = () => ask<void>('POST', '/master-key', { body: {} });
