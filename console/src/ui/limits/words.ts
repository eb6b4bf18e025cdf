// The twelve limits of users and pools, and how people write them.

import type { Format } from '../../i18n/format.ts';
import type { Text } from '../../i18n/index.tsx';

export type Limits = Record<string, number>;

export const WINDOWS = ['minute', 'day', 'ever'] as const;
export type Window = (typeof WINDOWS)[number];
export const UNITS = ['requests', 'input_tokens', 'tokens', 'money'] as const;
export type Unit = (typeof UNITS)[number];

/** Money is kept in millionths of a dollar, and has no limit by the minute. */
export const MILLIONTHS = 1_000_000;
export const isThere = (unit: Unit, window: Window): boolean => unit !== 'money' || window !== 'minute';
export const isMoney = (what: string): boolean => what.startsWith('money');

/** An amount with its unit. */
export function amount(format: Format, what: string, value: number): string {
  return isMoney(what) ? format.money(value / MILLIONTHS) : format.number(value);
}

/** What a limit is called: "requests a day". */
export const called = (t: Text, what: string): string => t.of('ui.limit', what);

/** What was typed as a limit; null for nothing, undefined for what is none. */
export function limitOf(what: string, text: string): number | null | undefined {
  const clean = text.replaceAll(/[\s,$]/g, '');
  if (clean === '') return null;
  const value = Number(clean);
  const whole = isMoney(what) ? Math.round(value * MILLIONTHS) : value;
  return Number.isSafeInteger(whole) && whole >= 1 ? whole : undefined;
}

export const typedOf = (what: string, value: number | undefined): string =>
  value === undefined ? '' : String(isMoney(what) ? value / MILLIONTHS : value);
